import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { VendorOpen } from '../profile.ts';

/** A SoftHSM token per device, in the device's own directory under its own configuration file. */
export const openSofthsm2: VendorOpen = {
  capacity(config) {
    const count = config.count ?? 1;
    if (!Number.isInteger(count) || count < 1 || count > 256) {
      throw new Error(`HSM "${config.name}": count must be a whole number from 1 to 256.`);
    }
    return count;
  },
  async prepare(_config, directory) {
    const tokens = join(directory, 'tokens');
    await mkdir(tokens, { recursive: true, mode: 0o700 });
    await chmod(tokens, 0o700);
    const path = join(directory, 'softhsm2.conf');
    const lines = [
      `directories.tokendir = ${tokens}`,
      'objectstore.backend = file',
      'log.level = ERROR',
      'slots.removable = false',
    ];
    await writeFile(path, `${lines.join('\n')}\n`, { mode: 0o600 });
    return { SOFTHSM2_CONF: path };
  },
  select: (_config, label) => ({ label, orBlank: true }),
  label: (_config, deviceId) => deviceId,
  async destroy(directory) {
    await rm(join(directory, 'tokens'), { recursive: true, force: true });
  },
};
