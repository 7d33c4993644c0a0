import { BlockList } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainJson } from '../../src/core/json.ts';
import { buildAnchorIndex, collect } from '../../src/policy/anchor-index.ts';
import { decide } from '../../src/policy/decide.ts';
import { compareDecimals, parseDecimal } from '../../src/policy/decimal.ts';
import { compileGlob } from '../../src/policy/glob.ts';
import { parseInstant } from '../../src/policy/instant.ts';
import { isInRange, parseAddress, parseRange } from '../../src/policy/ip-range.ts';
import { readStrictJson } from '../../src/policy/strict-json.ts';
import type { PolicyMeta, PolicyType } from '../../src/policy/types.ts';
import { scenario } from './arbitraries.ts';
import { applying, naiveGlob, referenceVerdict, scaled } from './reference-evaluator.ts';
import { type Scenario, type ScenarioPolicy, toRequest } from './scenario.ts';

describe('the engine and the reference evaluator', () => {
  it('reach the same verdict for the same reason', () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(scenario, (asked) => {
        const { allowed, noPermissionType, policyType, rootAssume } = decide(toRequest(asked));
        const expected = referenceVerdict(asked);
        expect({ allowed, noPermissionType, policyType, rootAssume }).toEqual({
          noPermissionType: undefined,
          policyType: undefined,
          rootAssume: undefined,
          ...expected,
        });
        const kind = `${noPermissionType ?? 'Allow'} ${policyType ?? ''}`;
        seen.set(kind, (seen.get(kind) ?? 0) + 1);
      }),
      { numRuns: 4000 },
    );
    // The comparison is worth something only if every outcome turns up.
    expect([...seen.keys()].sort()).toEqual([
      'Allow ',
      'ExplicitDeny AccountLevelIdentityBasedPolicy',
      'ExplicitDeny AssumeRolePolicy',
      'ExplicitDeny ControlPolicy',
      'ExplicitDeny ResourceBasedPolicy',
      'ExplicitDeny ResourceGroupLevelIdentityBasedPolicy',
      'ExplicitDeny SessionPolicy',
      'ImplicitDeny AccountLevelIdentityBasedPolicy',
      'ImplicitDeny AssumeRolePolicy',
      'ImplicitDeny ControlPolicy',
      'ImplicitDeny ResourceBasedPolicy',
      'ImplicitDeny SessionPolicy',
    ]);
  });

  it('the explanation bears the verdict out', () => {
    fc.assert(
      fc.property(scenario, (asked) => {
        const decision = decide(toRequest(asked));
        const effects = new Set(decision.matched.map(({ effect }) => effect));
        const expected = decision.noPermissionType === 'ExplicitDeny' ? ['Deny'] : decision.allowed ? ['Allow'] : [];
        const ownRoot = asked.principal.kind === 'root' && asked.principal.account === asked.resourceAccount;
        expect([...effects]).toEqual(ownRoot ? [] : expected);
        if (decision.noPermissionType !== 'ImplicitDeny') expect(decision.nearMisses).toEqual([]);
      }),
    );
  });

  it('the explanation names each statement that applied in a layer, once', () => {
    const place = (policy: PolicyMeta, index: number): string => `${identity(policy)}[${index}]`;
    const numbers = new Map<PolicyMeta, number>();
    const identity = (policy: PolicyMeta): number => {
      numbers.set(policy, numbers.get(policy) ?? numbers.size);
      return numbers.get(policy)!;
    };
    fc.assert(
      fc.property(scenario, (asked) => {
        const { allowed, matched } = decide(toRequest(asked));
        for (const [type, policies] of layersOf(asked)) {
          const named = matched.filter(({ policyType }) => policyType === type);
          if (named.length === 0) continue;
          const expected = applying(policies, asked)
            .filter(([, { effect }]) => effect === (allowed ? 'Allow' : 'Deny'))
            .map(([meta, { index }]) => place(meta, index));
          expect(named.map(({ policy, statement }) => place(policy, statement)).sort()).toEqual(expected.sort());
        }
      }),
      { numRuns: 1000 },
    );
  });
});

/** Layers in which the reference's list of statements can be compared: those evaluated as one set. */
function layersOf({
  session,
  account,
  resourceGroup,
  resource,
}: Scenario): readonly (readonly [PolicyType, readonly ScenarioPolicy[]])[] {
  return [
    ['SessionPolicy', session ?? []],
    ['AccountLevelIdentityBasedPolicy', account ?? []],
    ['ResourceGroupLevelIdentityBasedPolicy', resourceGroup ?? []],
    ['AssumeRolePolicy', resource?.kind === 'trust' ? [resource.policy] : []],
    ['ResourceBasedPolicy', resource?.kind === 'key' ? [resource.policy] : []],
  ];
}

const letters = fc.constantFrom('a', 'b', ':', 'A', '𝒳');
const text = fc.string({ unit: letters, maxLength: 10 });
const pattern = fc.string({ unit: fc.oneof(letters, fc.constantFrom('*', '?')), maxLength: 8 });

describe('wildcards', () => {
  it('match as plain recursion does', () => {
    fc.assert(
      fc.property(pattern, text, (wanted, given) => {
        expect(compileGlob(wanted)(given)).toBe(naiveGlob([...wanted], [...given]));
      }),
      { numRuns: 5000 },
    );
  });

  it('fit texts made from them', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(text, fc.constantFrom('*', '?'), text, letters)), (parts) => {
        const wanted = parts.map(([literal, wildcard]) => literal + wildcard).join('');
        const given = parts.map(([literal, wildcard, any, one]) => literal + (wildcard === '*' ? any : one)).join('');
        expect(compileGlob(wanted)(given)).toBe(true);
      }),
    );
  });

  it('do not blow up on patterns made to', () => {
    for (const evil of ['a*'.repeat(500), '*a?'.repeat(300)]) {
      expect(compileGlob(`${evil}b`)('a'.repeat(3000))).toBe(false);
    }
  });

  it('are found by their anchors, all and no others', () => {
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 12 }), text, (patterns, given) => {
        const index = buildAnchorIndex(patterns.map((wanted, i) => [wanted, i] as const));
        const found: (readonly number[])[] = [];
        collect(index, given, found);
        const expected = patterns.flatMap((wanted, i) => (naiveGlob([...wanted], [...given]) ? [i] : []));
        expect(found.flat().sort((a, b) => a - b)).toEqual(expected);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('addresses', () => {
  const v4 = fc.tuple(fc.nat(3), fc.nat(255), fc.nat(3), fc.nat(255)).map((parts) => parts.join('.'));
  const v6 = fc.ipV6().filter((address) => !/^(0*:)*:?(ffff:)?\d+\.|^::ffff:/i.test(address));

  it.each([
    '300.1.1.1',
    '1.2.3',
    '1.2.3.4.5',
    '01.2.3.4',
    '1.2.3.4/33',
    '1.2.3.4/',
    '1.2.3.4/8/8',
    '1.2.3.4/-1',
    '1.2.3.4/08',
    '::1/129',
    '1::2::3',
    ':::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8:9',
    'fe80::1%eth0',
    '12345::',
    '::1.2.3',
    '1.2.3.4::',
    ':1::',
    '',
    '/',
    'localhost',
    '1:2:3:4:5:6:7:8::',
  ])('`%s` is none', (written) => {
    expect(parseRange(written)).toBeUndefined();
  });

  it.each([
    ['IPv4', v4, 'ipv4', 32],
    ['IPv6', v6, 'ipv6', 128],
  ] as const)('%s ranges hold what the runtime says they hold', (_, address, family, width) => {
    fc.assert(
      fc.property(address, address, fc.nat(width), (base, given, bits) => {
        const list = new BlockList();
        list.addSubnet(base, bits, family);
        expect(isInRange(parseAddress(given)!, parseRange(`${base}/${bits}`)!)).toBe(list.check(given, family));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('decimals', () => {
  const digits = fc.string({ unit: fc.constantFrom('0', '0', '1', '9'), minLength: 1, maxLength: 20 });
  const decimal = fc
    .tuple(fc.constantFrom('', '-', '+'), digits, fc.option(digits))
    .map(([sign, whole, fraction]) => sign + whole + (fraction === null ? '' : `.${fraction}`));

  it('are ordered as exact numbers', () => {
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        const difference = scaled(a)! - scaled(b)!;
        expect(Math.sign(compareDecimals(parseDecimal(a)!, parseDecimal(b)!))).toBe(
          difference > 0n ? 1 : difference < 0n ? -1 : 0,
        );
      }),
      { numRuns: 1000 },
    );
  });

  it.each(['', '.5', '5.', '1e3', '0x10', '1,5', ' 1', '--1', 'NaN', '１'])('`%s` is none', (written) => {
    expect(parseDecimal(written)).toBeUndefined();
  });
});

describe('instants', () => {
  it('with any offset are those the runtime reads', () => {
    const offset = fc.integer({ min: -14 * 60, max: 14 * 60 }).map((minutes) => {
      const size = Math.abs(minutes);
      const pad = (part: number): string => String(part).padStart(2, '0');
      return `${minutes < 0 ? '-' : '+'}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
    });
    fc.assert(
      fc.property(
        fc.date({ min: new Date(0), noInvalidDate: true, max: new Date('9999-01-01') }),
        offset,
        (at, zone) => {
          const written = at.toISOString().replace('Z', zone);
          expect(parseInstant(written)).toBe(Date.parse(written));
        },
      ),
    );
  });

  it.each([
    ['2026-01-01T00:00Z', 0],
    ['2026-01-01T00:00:01Z', 1000],
    ['2026-01-01T00:00:00.5Z', 500],
    ['2026-01-01T00:00:00.05Z', 50],
    ['2026-01-01T00:00:00.005-00:00', 5],
    ['2026-01-01T08:00+08:00', 0],
  ])('%s lies %i ms into 2026', (written, offsetMs) => {
    expect(parseInstant(written)).toBe(Date.UTC(2026, 0, 1) + offsetMs);
  });

  it.each([
    '2026-02-29T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-01-01T00:00:60Z',
    '2026-01-01T00:60:00Z',
    '2026-01-01T00:00:00',
    '2026-01-01',
    '2026-01-01 00:00:00Z',
    '2026-01-01T00:00:00+0800',
    '2026-01-01T00:00:00+08:60',
    '1767225600',
  ])('`%s` is none', (written) => {
    expect(parseInstant(written)).toBeUndefined();
  });
});

describe('strict JSON', () => {
  const jsonish = fc.string({ unit: fc.constantFrom(...'{}[]",: \n\\u0041-+.eE12truefalsn'.split('')), maxLength: 12 });
  const outcome = (read: () => unknown): unknown => {
    try {
      return { value: read() };
    } catch {
      return 'refused';
    }
  };

  it('reads what JSON.parse writes and reads', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(undefined, 2), (value, indent) => {
        const written = JSON.stringify(value, undefined, indent);
        expect(plainJson(readStrictJson(written))).toEqual(JSON.parse(written));
      }),
    );
  });

  it('refuses what JSON.parse refuses', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          jsonish,
          fc.jsonValue().map((value) => JSON.stringify(value).slice(0, -1)),
        ),
        (written) => {
          expect(outcome(() => plainJson(readStrictJson(written)))).toEqual(outcome(() => JSON.parse(written)));
        },
      ),
      { numRuns: 3000 },
    );
  });
});
