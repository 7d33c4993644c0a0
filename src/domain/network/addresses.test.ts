import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isUsable, lowestFree, usableCount } from './addresses.ts';
import { cidrSize, parseCidr } from './cidr.ts';

const small = fc
  .tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 24, max: 29 }))
  .map(([at, bits]) => ({ first: 0x0a000000 + (at - (at % 2 ** (32 - bits))), bits }));

describe('addresses of a vSwitch', () => {
  it.each([
    ['10.0.0.0/24', 252],
    ['10.0.0.0/29', 4],
    ['10.0.0.0/16', 65_532],
  ])('%s has %i to give', (text, count) => expect(usableCount(parseCidr(text)!)).toBe(count));

  it('leave out the first and the last three', () => {
    fc.assert(
      fc.property(small, (block) => {
        const all = Array.from({ length: cidrSize(block) + 2 }, (_, at) => block.first - 1 + at);
        const usable = all.filter((address) => isUsable(block, address));
        expect(usable).toEqual(all.slice(2, -4));
        expect(usable).toHaveLength(usableCount(block));
      }),
    );
  });

  it('are given lowest first, each once, until none is left', () => {
    fc.assert(
      fc.property(small, fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 40 }), (block, offsets) => {
        const taken = new Set(offsets.map((offset) => block.first + (offset % cidrSize(block))));
        const expected = Array.from({ length: cidrSize(block) }, (_, at) => block.first + at).filter(
          (address) => isUsable(block, address) && !taken.has(address),
        );
        const given: number[] = [];
        for (let next = lowestFree(block, taken); next !== undefined; next = lowestFree(block, taken)) {
          given.push(next);
          taken.add(next);
        }
        expect(given).toEqual(expected);
      }),
    );
  });
});
