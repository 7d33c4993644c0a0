import type { ThrottleClass } from '../operation/operation.ts';
import type { Throttle } from '../pipeline/ports.ts';

const ACCOUNTS_KEPT = 10_000;

/** Token buckets per account and class: `rate` calls per second, a second's worth at once. */
export function createThrottle(
  rates: Readonly<Partial<Record<ThrottleClass, number | undefined>>>,
  seconds: () => number,
): Throttle {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return {
    take: (account, group) => {
      const rate = rates[group];
      if (rate === undefined) return true;
      const key = `${group}/${account}`;
      const now = seconds();
      const bucket = buckets.get(key) ?? { tokens: rate, at: now };
      const tokens = Math.min(rate, bucket.tokens + (now - bucket.at) * rate);
      const taken = tokens >= 1;
      buckets.delete(key);
      buckets.set(key, { tokens: taken ? tokens - 1 : tokens, at: now });
      if (buckets.size > ACCOUNTS_KEPT) buckets.delete(buckets.keys().next().value!);
      return taken;
    },
  };
}
