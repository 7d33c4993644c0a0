import { readFile } from 'node:fs/promises';
import { combine } from 'shamir-secret-sharing';
import { Secret } from '../core/secret.ts';
import { type Unwrapper, UnwrapperUnusable } from './unwrapper.ts';

/**
 * Shamir shares of the key-encryption key, one base64 text per file, handed in by their holders when the server starts
 * (and taken away again). Made by `coffer shares`; never by a start.
 */
export function sharesUnwrapper(id: string, files: readonly string[], threshold: number): Unwrapper {
  return {
    id,
    type: 'shares',
    description: `${threshold} of ${files.length} Shamir shares`,
    key: async () => {
      const shares: Uint8Array[] = [];
      for (const file of files) {
        const text = await readFile(file, 'utf8').catch(() => undefined);
        if (text !== undefined) shares.push(new Uint8Array(Buffer.from(text.trim(), 'base64')));
      }
      if (shares.length < threshold) {
        throw new UnwrapperUnusable(
          `only ${shares.length} of ${threshold} shares are present`,
          'Ask more share holders to place their share files.',
        );
      }
      return new Secret(await combine(shares.slice(0, threshold)));
    },
    create: async () => false,
  };
}
