import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isoSeconds, parseIsoSeconds } from './time.ts';

const instants = fc.date({
  min: new Date('0000-01-01T00:00:00Z'),
  max: new Date('9999-12-31T23:59:59Z'),
  noInvalidDate: true,
});

it('prints whole seconds, whatever was printed before', () => {
  fc.assert(
    fc.property(fc.array(instants, { minLength: 1, maxLength: 6 }), fc.nat(999), (ats, later) => {
      for (const at of ats) {
        const within = new Date(Math.floor(at.getTime() / 1000) * 1000 + later);
        expect(isoSeconds(at)).toBe(`${at.toISOString().slice(0, 19)}Z`);
        expect(isoSeconds(within)).toBe(isoSeconds(at));
      }
    }),
  );
});

it('reads what it prints, and gives each caller a date of its own', () => {
  fc.assert(
    fc.property(instants, (at) => {
      const text = isoSeconds(at);
      const first = parseIsoSeconds(text)!;
      expect(first.getTime()).toBe(Math.floor(at.getTime() / 1000) * 1000);
      first.setTime(0);
      expect(parseIsoSeconds(text)!.getTime()).toBe(Math.floor(at.getTime() / 1000) * 1000);
    }),
  );
});

it.each([
  '',
  '2026-03-01',
  '2026-02-30T00:00:00Z',
  '2026-03-01T24:00:00Z',
  '2026-03-01T08:00:00.000Z',
  '2026-03-01T08:00:00+00:00',
  ' 2026-03-01T08:00:00Z',
])('refuses %j', (text) => {
  expect(parseIsoSeconds(text)).toBeUndefined();
  expect(parseIsoSeconds(text)).toBeUndefined();
});
