import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseIpv4 } from './ipv4.ts';
import { judge, type SecurityGroupRecord } from './security-group.ts';
import { type Connection, type Direction, parsePortRange, portsFit, type SecurityRule } from './security-rule.ts';

function rule(changes: Partial<SecurityRule> = {}): SecurityRule {
  return {
    ruleId: 'sgr-1',
    direction: 'egress',
    protocol: 'TCP',
    portRange: '2225/2225',
    peerCidr: '10.0.0.0/8',
    priority: 1,
    policy: 'accept',
    description: '',
    createdAt: 0,
    ...changes,
  };
}

function group(rules: readonly SecurityRule[], type: 'normal' | 'enterprise' = 'enterprise', id = 'sg-1') {
  const record: SecurityGroupRecord = {
    securityGroupId: id,
    vpcId: 'vpc-1',
    name: '',
    description: '',
    type,
    createdAt: 0,
    tags: [],
    rules,
  };
  return record;
}

const connection: Connection = {
  protocol: 'TCP',
  source: { address: parseIpv4('10.0.1.1')!, port: 50_000, groups: ['sg-1'] },
  destination: { address: parseIpv4('10.0.2.10')!, port: 2225, groups: ['sg-2'] },
};

/** A rule of which exactly one thing does not fit. */
const { peerCidr: _, ...peerless } = rule();
const MISFITS: readonly (readonly [string, SecurityRule])[] = [
  ['other direction', rule({ direction: 'ingress' })],
  ['other protocol', rule({ protocol: 'UDP' })],
  ['other port', rule({ portRange: '2226/2230' })],
  ['other source port', rule({ sourcePortRange: '1/1024' })],
  ['other peer', rule({ peerCidr: '10.0.1.0/24' })],
  ['other peer group', { ...peerless, peerGroupId: 'sg-1' }],
  ['other own address', rule({ ownCidr: '10.0.2.0/24' })],
];

describe('a security group', () => {
  it.each([
    ['normal', 'egress', 'accept'],
    ['normal', 'ingress', 'drop'],
    ['enterprise', 'egress', 'drop'],
    ['enterprise', 'ingress', 'drop'],
  ] as const)('of type %s without rules: %s is %s', (type, direction, verdict) => {
    expect(judge([group([], type)], direction, connection)).toBe(verdict);
  });

  it('is needed for anything to pass', () => {
    expect(judge([], 'egress', connection)).toBe('drop');
  });

  it.each([
    rule(),
    rule({ protocol: 'ALL', portRange: '-1/-1' }),
    rule({ portRange: '1/65535' }),
    rule({ peerCidr: '10.0.2.10' }),
    rule({ peerCidr: '0.0.0.0/0' }),
    rule({ ownCidr: '10.0.1.1' }),
    rule({ sourcePortRange: '49152/65535' }),
    { ...peerless, peerGroupId: 'sg-2' },
  ])('lets out what a rule accepts: %j', (fit) => {
    expect(judge([group([fit])], 'egress', connection)).toBe('accept');
    expect(judge([group([{ ...fit, policy: 'drop' }], 'normal')], 'egress', connection)).toBe('drop');
  });

  it.each(MISFITS)('goes by its default where the rule does not speak: %s', (_name, misfit) => {
    expect(judge([group([misfit])], 'egress', connection)).toBe('drop');
    expect(judge([group([{ ...misfit, policy: 'drop' }], 'normal')], 'egress', connection)).toBe('accept');
  });

  it('asks ingress about the source', () => {
    const inward = rule({ direction: 'ingress', peerCidr: '10.0.1.0/24' });
    expect(judge([group([inward])], 'ingress', connection)).toBe('accept');
    expect(judge([group([{ ...inward, peerCidr: '10.0.2.0/24' }])], 'ingress', connection)).toBe('drop');
  });
});

/** Slow and obvious: goes through the priorities one by one, and asks at each for a drop, then for an accept. */
function reference(groups: readonly SecurityGroupRecord[], direction: Direction): 'accept' | 'drop' {
  const speaks = (one: SecurityRule): boolean => {
    if (one.direction !== direction) return false;
    if (!['TCP', 'ALL'].includes(one.protocol)) return false;
    const [first, last] = one.portRange.split('/').map(Number);
    if (first !== -1 && (2225 < first! || 2225 > last!)) return false;
    const peer = direction === 'egress' ? 'destination' : 'source';
    if (one.peerGroupId !== undefined) return connection[peer].groups.includes(one.peerGroupId);
    return one.peerCidr === '0.0.0.0/0' || one.peerCidr === (peer === 'destination' ? '10.0.2.10' : '10.0.1.1');
  };
  for (let priority = 1; priority <= 100; priority += 1) {
    for (const policy of ['drop', 'accept'] as const) {
      for (const { rules } of groups) {
        if (rules.some((one) => one.priority === priority && one.policy === policy && speaks(one))) return policy;
      }
    }
  }
  if (direction === 'ingress' || groups.length === 0) return 'drop';
  return groups.some(({ type }) => type === 'enterprise') ? 'drop' : 'accept';
}

const anyRule = fc
  .record({
    direction: fc.constantFrom('ingress', 'egress'),
    protocol: fc.constantFrom('TCP', 'UDP', 'ALL'),
    portRange: fc.constantFrom('2225/2225', '1/65535', '1/2224', '-1/-1', '2226/2300'),
    peer: fc.constantFrom('0.0.0.0/0', '10.0.2.10', '10.0.1.1', '10.9.0.0/16', 'sg-1', 'sg-2', 'sg-3'),
    priority: fc.integer({ min: 1, max: 4 }),
    policy: fc.constantFrom('accept', 'drop'),
  })
  .map(({ peer, ...rest }): SecurityRule => {
    const by = peer.startsWith('sg-') ? { peerGroupId: peer } : { peerCidr: peer };
    return { ...peerless, ...rest, ...by };
  });

const anyGroups = fc.array(
  fc
    .tuple(fc.array(anyRule, { maxLength: 6 }), fc.constantFrom('normal', 'enterprise'))
    .map(([rules, type]) => group(rules, type)),
  { maxLength: 3 },
);

it('judges as the slow reference does', () => {
  const verdicts = new Set<string>();
  fc.assert(
    fc.property(anyGroups, fc.constantFrom('ingress', 'egress'), (groups, direction) => {
      const verdict = judge(groups, direction, connection);
      verdicts.add(verdict);
      expect(verdict).toBe(reference(groups, direction));
    }),
    { numRuns: 2_000 },
  );
  expect(verdicts.size).toBe(2);
});

describe('port ranges', () => {
  it.each([
    ['1/65535', { first: 1, last: 65_535 }],
    ['22/22', { first: 22, last: 22 }],
    ['-1/-1', 'all'],
    ['0/1', undefined],
    ['1/65536', undefined],
    ['2/1', undefined],
    ['-1/5', undefined],
    ['22', undefined],
    ['a/b', undefined],
  ])('%s is %j', (text, range) => expect(parsePortRange(text)).toEqual(range));

  it.each([
    ['TCP', '22/22', true],
    ['TCP', '-1/-1', false],
    ['UDP', '53/53', true],
    ['ICMP', '-1/-1', true],
    ['ICMP', '1/1', false],
    ['ALL', '-1/-1', true],
    ['GRE', '1/1', false],
  ] as const)('%s with %s fits: %s', (protocol, text, fits) => {
    expect(portsFit(protocol, parsePortRange(text)!)).toBe(fits);
  });
});
