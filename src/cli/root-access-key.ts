import { existsSync } from 'node:fs';
import { replaceRootAccessKey } from '../access/root-access-key.ts';
import { unlockRoot } from '../seal/root.ts';
import { createSealer } from '../seal/sealer.ts';
import { ServiceClock } from '../server/clock.ts';
import { loadConfig } from '../server/config/load.ts';
import { whyUnreadable } from '../server/data-directory.ts';
import { storageOptions, unwrappersOf } from '../server/parts.ts';
import { StartRefused } from '../server/start-refused.ts';
import { systemRandom } from '../server/system-random.ts';
import { openStorage } from '../storage/open.ts';
import { options, UsageError } from './options.ts';

/**
 * `coffer root-access-key --replace`: for operators who have lost the root AccessKey, or must take it back. Whoever can
 * run it can read the root key anyway. On SQLite the server must be stopped.
 */
export async function run(args: readonly string[]): Promise<number> {
  const values = options(args, { config: { type: 'string' }, replace: { type: 'boolean' } });
  if (values.replace !== true)
    throw new UsageError('this takes all earlier root AccessKeys back; say so with --replace');
  const config = await loadConfig(values.config, process.cwd());
  const unreadable = await whyUnreadable(config.dataDir);
  if (unreadable !== undefined) throw new StartRefused(`${unreadable}; run this as the server's user.`);
  const clock = new ServiceClock();
  const where = await storageOptions(config, () => clock.wall());
  if (where.kind === 'sqlite' && !existsSync(where.directory)) {
    throw new StartRefused(
      `${where.directory} does not exist; a first start makes an account and prints its AccessKey.`,
    );
  }
  const storage = await openStorage(where);
  try {
    await clock.load(storage);
    const sealer = createSealer(await unlockRoot(storage, unwrappersOf(config)), systemRandom);
    const made = await replaceRootAccessKey({ storage, sealer, random: systemRandom, now: clock.now() });
    if (made === undefined)
      throw new StartRefused('there is no account yet; a first start makes one and prints its AccessKey.');
    process.stdout.write(
      `The root user of account ${made.accountId} has a new AccessKey, shown this once; ${made.removed.join(', ') || 'no earlier one'} no longer works.\n\n` +
        `  export ALIBABA_CLOUD_ACCESS_KEY_ID=${made.accessKeyId}\n` +
        `  export ALIBABA_CLOUD_ACCESS_KEY_SECRET=${made.secret.revealText()}\n`,
    );
    return 0;
  } finally {
    await storage.close();
  }
}
