import { describe, expect, it } from 'vitest';
import { parseIpv4 } from './ipv4.ts';
import type { NetworkInterfaceRecord } from './network-interface.ts';
import { type Route, reachable, whitelisted } from './reach.ts';
import type { SecurityGroupRecord } from './security-group.ts';
import type { SecurityRule } from './security-rule.ts';

const eni: NetworkInterfaceRecord = {
  networkInterfaceId: 'eni-1',
  vpcId: 'vpc-1',
  vSwitchId: 'vsw-1',
  zoneId: 'z',
  privateIp: '10.0.1.5',
  mac: '',
  securityGroupIds: ['sg-1'],
  name: '',
  description: '',
  deleteOnRelease: false,
  createdAt: 0,
  tags: [],
  attachment: { accountId: '1', instanceId: 'i' },
};

const inward: SecurityRule = {
  ruleId: 'r',
  direction: 'ingress',
  protocol: 'TCP',
  portRange: '2225/2225',
  peerCidr: '10.0.1.0/24',
  priority: 1,
  policy: 'accept',
  description: '',
  createdAt: 0,
};

const group: SecurityGroupRecord = {
  securityGroupId: 'sg-1',
  vpcId: 'vpc-1',
  name: '',
  description: '',
  type: 'normal',
  createdAt: 0,
  tags: [],
  rules: [inward],
};

const route: Route = {
  interface: eni,
  groups: [group],
  hsm: { active: true, whitelist: ['10.0.1.0/24'] },
  ip: '10.0.2.10',
  port: 2225,
};

const { attachment: _, ...loose } = eni;
const shut: SecurityRule = { ...inward, direction: 'egress', peerCidr: '10.0.2.0/24', policy: 'drop' };

describe('the way from an interface to an HSM', () => {
  it('is open when everything on it is', () => {
    expect(reachable(route)).toEqual({ ok: true });
  });

  it.each([
    ['NoInterface', { interface: undefined }],
    ['InterfaceNotAttached', { interface: loose }],
    ['EgressDenied', { groups: [{ ...group, rules: [inward, shut] }] }],
    ['EgressDenied', { groups: [{ ...group, type: 'enterprise' }] }],
    ['EgressDenied', { groups: [] }],
    ['NoHsm', { hsm: undefined }],
    ['NoHsm', { ip: 'nowhere' }],
    ['IngressDenied', { groups: [{ ...group, rules: [] }] }],
    ['IngressDenied', { groups: [{ ...group, rules: [{ ...inward, peerCidr: '10.0.9.0/24' }] }] }],
    ['IngressDenied', { port: 2226 }],
    ['WhitelistDenied', { hsm: { active: true, whitelist: [] } }],
    ['WhitelistDenied', { hsm: { active: true, whitelist: ['10.0.2.0/24', '10.0.1.4'] } }],
    ['HsmNotActive', { hsm: { active: false, whitelist: ['10.0.1.5'] } }],
    ['PortClosed', { port: 2226, groups: [{ ...group, rules: [{ ...inward, portRange: '1/65535' }] }] }],
  ] as const)('ends with %s: %j', (reason, change) => {
    expect(reachable({ ...route, ...(change as Partial<Route>) })).toEqual({ ok: false, reason });
  });

  it('counts the members of the group as its two ends', () => {
    const { peerCidr: __, ...rule } = inward;
    const own = { ...group, rules: [{ ...rule, peerGroupId: 'sg-1' }] };
    const other = { ...group, rules: [{ ...rule, peerGroupId: 'sg-2' }] };
    expect(reachable({ ...route, groups: [own] }).ok).toBe(true);
    expect(reachable({ ...route, groups: [other] }).ok).toBe(false);
  });
});

it.each([
  [[], false],
  [['10.0.1.5'], true],
  [['10.0.1.4', '10.0.1.0/29'], true],
  [['10.0.2.0/24'], false],
  [['rubbish'], false],
])('a whitelist of %j lets 10.0.1.5 in: %s', (list, lets) => {
  expect(whitelisted(list, parseIpv4('10.0.1.5')!)).toBe(lets);
});
