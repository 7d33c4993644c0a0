import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cidrHas, cidrSize, cidrsOverlap, cidrWithin, parseCidr, parseCidrOrAddress } from './cidr.ts';
import { formatIpv4, IPV4_SPACE, parseIpv4 } from './ipv4.ts';

const address = fc.integer({ min: 0, max: IPV4_SPACE - 1 });
const block = fc
  .tuple(address, fc.integer({ min: 0, max: 32 }))
  .map(([at, bits]) => ({ first: at - (at % 2 ** (32 - bits)), bits }));

describe('IPv4 addresses', () => {
  it('are read as they are written', () => {
    fc.assert(fc.property(address, (at) => parseIpv4(formatIpv4(at)) === at));
  });

  it.each(['', '1', '1.2.3', '1.2.3.4.5', '1.2.3.256', '01.2.3.4', '1.2.3.-4', '1.2.3.4 ', 'a.b.c.d', '1..2.3'])(
    'are not %j',
    (text) => expect(parseIpv4(text)).toBeUndefined(),
  );
});

describe('blocks of addresses', () => {
  it('are read as they are written', () => {
    fc.assert(
      fc.property(block, (cidr) => {
        expect(parseCidr(`${formatIpv4(cidr.first)}/${cidr.bits}`)).toEqual(cidr);
      }),
    );
  });

  it.each(['10.0.0.0', '10.0.0.1/8', '10.0.0.0/33', '10.0.0.0/08', '10.0.0.0/', '/8', '10.0.0.0/-1', '10.0.0.0/8/8'])(
    'are not %j',
    (text) => expect(parseCidr(text)).toBeUndefined(),
  );

  it('hold their first and last address and neither neighbour', () => {
    fc.assert(
      fc.property(block, (cidr) => {
        const end = cidr.first + cidrSize(cidr);
        expect([cidr.first, end - 1].map((at) => cidrHas(cidr, at))).toEqual([true, true]);
        expect([cidr.first - 1, end].map((at) => cidrHas(cidr, at))).toEqual([false, false]);
      }),
    );
  });

  it('overlap and lie within one another as their ranges do', () => {
    fc.assert(
      fc.property(block, block, (a, b) => {
        const [endA, endB] = [a.first + cidrSize(a), b.first + cidrSize(b)];
        expect(cidrsOverlap(a, b)).toBe(a.first < endB && b.first < endA);
        expect(cidrWithin(a, b)).toBe(a.first >= b.first && endA <= endB);
      }),
    );
  });

  it('take a single address for a block of one', () => {
    expect(parseCidrOrAddress('10.0.0.7')).toEqual({ first: parseIpv4('10.0.0.7'), bits: 32 });
    expect(parseCidrOrAddress('10.0.0.0/24')).toEqual(parseCidr('10.0.0.0/24'));
    expect(parseCidrOrAddress('10.0.0.300')).toBeUndefined();
  });
});
