import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CIRCUIT_LIMITS, CLOSED, failed, mayTry } from './circuit.ts';

it('lets a member be tried at once when it never failed', () => {
  fc.assert(fc.property(fc.nat(), (now) => mayTry(CLOSED, now)));
});

it('waits twice as long after each failure in a row, up to the last wait', () => {
  let circuit = CLOSED;
  const waits: number[] = [];
  for (let now = 1_000; waits.length < 12; now += 1_000_000) {
    circuit = failed(circuit, now, CIRCUIT_LIMITS);
    waits.push(circuit.retryAt - now);
    expect(mayTry(circuit, circuit.retryAt - 1)).toBe(false);
    expect(mayTry(circuit, circuit.retryAt)).toBe(true);
  }
  expect(waits.slice(0, 5)).toEqual([100, 200, 400, 800, 1600]);
  expect(waits.at(-1)).toBe(30_000);
});

it('never waits less after one more failure, and never for ever', () => {
  fc.assert(
    fc.property(fc.nat({ max: 5_000 }), (failures) => {
      const before = failed({ failures, retryAt: 0 }, 0, CIRCUIT_LIMITS).retryAt;
      const after = failed({ failures: failures + 1, retryAt: 0 }, 0, CIRCUIT_LIMITS).retryAt;
      expect(after).toBeGreaterThanOrEqual(before);
      expect(after).toBeLessThanOrEqual(CIRCUIT_LIMITS.lastMs);
    }),
  );
});
