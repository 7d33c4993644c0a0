import { randomFillSync } from 'node:crypto';
import type { Random } from '../core/random.ts';

const POOL_BYTES = 4096;
let pool = Buffer.alloc(0);

/** The system's generator, read in blocks: ids and nonces are many and small. Handed-out bytes are copies. */
export const systemRandom: Random = {
  bytes: (count) => {
    if (count > POOL_BYTES / 4) return randomFillSync(new Uint8Array(count));
    if (pool.length < count) pool = randomFillSync(Buffer.alloc(POOL_BYTES));
    const bytes = new Uint8Array(pool.subarray(0, count));
    pool.fill(0, 0, count);
    pool = pool.subarray(count);
    return bytes;
  },
};
