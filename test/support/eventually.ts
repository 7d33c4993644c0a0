import { vi } from 'vitest';

/**
 * Asks again until the check stops throwing. What is to happen soon gets long here: that it happens is what a test can
 * say; how fast depends on what else the machine does.
 */
export function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: 30_000, interval: 20 });
}
