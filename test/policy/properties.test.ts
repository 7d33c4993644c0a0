import { BlockList } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildAnchorIndex, collect } from '../../src/policy/anchor-index.ts';
import { decide } from '../../src/policy/decide.ts';
import { compileGlob } from '../../src/policy/glob.ts';
import { isInRange, parseAddress, parseRange } from '../../src/policy/ip-range.ts';
import { readStrictJson } from '../../src/policy/strict-json.ts';
import { scenario } from './arbitraries.ts';
import { naiveGlob, referenceVerdict } from './reference-evaluator.ts';
import { toRequest } from './scenario.ts';

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
    expect(Math.min(...seen.values())).toBeGreaterThanOrEqual(1);
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
});

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
        const found: number[] = [];
        collect(index, given, found);
        const expected = patterns.flatMap((wanted, i) => (naiveGlob([...wanted], [...given]) ? [i] : []));
        expect(found.sort((a, b) => a - b)).toEqual(expected);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('addresses', () => {
  const v4 = fc.tuple(fc.nat(3), fc.nat(255), fc.nat(3), fc.nat(255)).map((parts) => parts.join('.'));
  const v6 = fc.ipV6().filter((address) => !/^(0*:)*:?(ffff:)?\d+\.|^::ffff:/i.test(address));

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

describe('strict JSON', () => {
  const jsonish = fc.string({ unit: fc.constantFrom(...'{}[]",: \n\\u0041-+.eE12truefalsn'.split('')), maxLength: 12 });
  const plain = (value: unknown): unknown => {
    if (value instanceof Map) return Object.fromEntries([...value].map(([name, member]) => [name, plain(member)]));
    if (Array.isArray(value)) return value.map(plain);
    return value !== null && typeof value === 'object' ? Number((value as { number: string }).number) : value;
  };
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
        expect(plain(readStrictJson(written))).toEqual(JSON.parse(written));
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
          expect(outcome(() => plain(readStrictJson(written)))).toEqual(outcome(() => JSON.parse(written)));
        },
      ),
      { numRuns: 3000 },
    );
  });
});
