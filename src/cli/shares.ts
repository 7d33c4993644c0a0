import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { split } from 'shamir-secret-sharing';
import { formatShare } from '../seal/share.ts';
import { options, UsageError } from './options.ts';

function notWritten(path: string, error: unknown): UsageError {
  const { code } = error as NodeJS.ErrnoException;
  return new UsageError(`${path} cannot be written (${code}); name a directory in which this user may write.`);
}

/**
 * `coffer shares`: makes a new key-encryption key, splits it and writes one file per holder. The server adds a copy of
 * the root key for it at its next start, when `threshold` of the files are in place beside a working unwrapper.
 */
export async function run(args: readonly string[]): Promise<number> {
  const values = options(args, {
    shares: { type: 'string' },
    threshold: { type: 'string' },
    out: { type: 'string' },
    id: { type: 'string' },
  });
  const shares = Number(values.shares);
  const threshold = Number(values.threshold);
  if (
    values.out === undefined ||
    values.id === undefined ||
    !Number.isInteger(shares) ||
    !Number.isInteger(threshold)
  ) {
    throw new UsageError('give --id NAME --shares N --threshold M --out DIR');
  }
  if (threshold < 2 || shares < threshold || shares > 16)
    throw new UsageError('threshold is 2 or more, shares at least that and at most 16');
  if (!/^[a-z0-9-]{1,32}$/.test(values.id))
    throw new UsageError('the id is 1 to 32 lower-case letters, digits and hyphens');
  const directory = resolve(values.out);
  await mkdir(directory, { recursive: true, mode: 0o700 }).catch((error) => {
    throw notWritten(directory, error);
  });
  const key = new Uint8Array(randomBytes(32));
  const parts = await split(key, shares, threshold);
  key.fill(0);
  const set = randomBytes(4).toString('hex');
  const files: string[] = [];
  for (const [index, part] of parts.entries()) {
    const file = join(directory, `share-${index + 1}.txt`);
    try {
      await writeFile(file, `${formatShare({ set, bytes: part })}\n`, { mode: 0o600, flag: 'wx' });
    } catch (error) {
      const exists = (error as NodeJS.ErrnoException).code === 'EEXIST';
      // A set that is not whole opens nothing.
      for (const written of exists ? files : [...files, file]) await rm(written, { force: true });
      throw exists
        ? new UsageError(`${file} exists, and shares are never overwritten; name another directory.`)
        : notWritten(file, error);
    }
    part.fill(0);
    files.push(file);
  }
  process.stdout.write(
    `Give one file to each holder. Add to the configuration under "unwrappers", then start the server once with at least ${threshold} of them in place:\n\n  - { id: ${values.id}, type: shares, threshold: ${threshold}, files: [${files.join(', ')}] }\n`,
  );
  return 0;
}
