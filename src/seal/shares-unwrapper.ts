import { readFile } from 'node:fs/promises';
import { combine } from 'shamir-secret-sharing';
import { Secret } from '../core/secret.ts';
import { parseShare, type Share } from './share.ts';
import { unreadable } from './unreadable.ts';
import { type Unwrapper, UnwrapperAway, UnwrapperUnusable } from './unwrapper.ts';

/**
 * Shamir shares of the key-encryption key, one per file, handed in by their holders when the server starts
 * (and taken away again). Made by `coffer shares`; never by a start.
 */
export function sharesUnwrapper(id: string, files: readonly string[], threshold: number): Unwrapper {
  return {
    id,
    type: 'shares',
    description: `${threshold} of ${files.length} Shamir shares`,
    key: async () => {
      const { shares, kept } = await present(files);
      if (shares.length === 0 && kept === undefined)
        throw new UnwrapperAway(
          'none of its share files is placed',
          `Ask ${threshold} share holders to place their share files.`,
        );
      const [set] = new Set(shares.map((share) => share.set));
      if (shares.some((share) => share.set !== set)) {
        throw new UnwrapperUnusable(
          'the shares come from different runs of coffer shares',
          'Take away those that are not of the set that was made last.',
        );
      }
      // A share that was copied into two files counts once.
      const distinct = [...new Map(shares.map(({ bytes }) => [Buffer.from(bytes).toString('hex'), bytes])).values()];
      if (distinct.length < threshold) {
        if (kept !== undefined) throw kept;
        throw new UnwrapperUnusable(
          `only ${distinct.length} of ${threshold} shares are present`,
          'Ask more share holders to place their share files.',
        );
      }
      const key = await combine(distinct.slice(0, threshold)).catch(() => undefined);
      for (const bytes of distinct) bytes.fill(0);
      if (key === undefined || key.length !== 32)
        throw new UnwrapperUnusable('the shares do not fit together', 'Place the shares of one set.');
      return new Secret(key);
    },
    create: async () => {},
  };
}

interface Present {
  readonly shares: readonly Share[];
  /** Why the first file that is there and cannot be read was not; with enough others it does not matter. */
  readonly kept: UnwrapperUnusable | undefined;
}

async function present(files: readonly string[]): Promise<Present> {
  const shares: Share[] = [];
  let kept: UnwrapperUnusable | undefined;
  for (const file of files) {
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') kept ??= unreadable('share file', file, error);
      continue;
    }
    const share = parseShare(text);
    if (share === undefined)
      throw new UnwrapperUnusable(`${file} holds no share, or a damaged one`, 'Take it away or place it again.');
    shares.push(share);
  }
  return { shares, kept };
}
