import fc from 'fast-check';
import { parsePolicy } from '../../src/policy/document.ts';
import { OPERATORS } from '../../src/policy/operators.ts';
import type { PolicyKind, Principal } from '../../src/policy/types.ts';
import type { Scenario, ScenarioPolicy } from './scenario.ts';

/** Small vocabularies, so that random policies and requests meet often. */
const ACCOUNTS = ['1', '2'] as const;
const ACTIONS = ['kms:Decrypt', 'kms:Encrypt', 'kms:ListKeys', 'kms:ReEncryptFrom', 'ram:GetRole', 'sts:AssumeRole'];
const ACTION_PATTERNS = [
  '*',
  'kms:*',
  'KMS:decrypt',
  'kms:?ncrypt',
  'kms:*crypt',
  '*:List*',
  'kms:*e*r*',
  'ram:GetRole',
  'sts:AssumeRole',
  'sts:*',
  'kms:ReEncryptFrom',
];
const RESOURCES = [
  ['acs:kms:cn-hangzhou:1:key/k1'],
  ['acs:kms:cn-beijing:1:key/k2'],
  ['acs:kms:cn-hangzhou:1:secret/app/one'],
  ['acs:ram::1:role/Deployer', 'acs:ram::1:role/deployer'],
  ['*'],
];
const RESOURCE_PATTERNS = [
  '*',
  'acs:kms:*:1:key/k1',
  'acs:kms:*:1:key/*',
  'acs:kms:cn-hangzhou:1:key/k1',
  'acs:*:*beijing*:*:*',
  'acs:kms:*:1:secret/app/*',
  'acs:*:secret/*e',
  'acs:ram:*:1:role/deployer',
  'acs:ram::1:role/D?ployer',
  'acs:kms:*:2:*',
];

const TEXTS = ['a', 'A', 'vpc-1', 'vpc-2', 'b*', 'v?c-*', ''];
const NUMBERS = [
  '1',
  '-1',
  '-1.5',
  '-20',
  '3',
  '20',
  '1.0',
  '01',
  '1.5',
  '+2',
  '10000000000000001',
  '10000000000000002',
  '-0',
];
const DATES = [
  '2026-01-01T00:00:00Z',
  '2026-01-01T08:00:00+08:00',
  '2025-12-31T23:59:59Z',
  '2026-01-01T00:00Z',
  '2026-01-01T00:00:00.5Z',
];
const ADDRESSES = ['10.0.0.1', '10.1.2.3', '::ffff:10.0.0.1', '2001:db8::1', '2001:db8:0:0:0:0:0:2', '192.168.0.1'];
const RANGES = [...ADDRESSES, '10.0.0.0/8', '10.1.2.3/16', '::ffff:10.0.0.0/104', '2001:db8::/32', '::/0', '0.0.0.0/0'];

function wantedFor(name: string): fc.Arbitrary<string> {
  if (name.startsWith('Numeric')) return fc.constantFrom(...NUMBERS);
  if (name.startsWith('Date')) return fc.constantFrom(...DATES);
  if (name === 'Bool') return fc.constantFrom('true', 'false');
  return name.endsWith('IpAddress') ? fc.constantFrom(...RANGES) : fc.constantFrom(...TEXTS);
}

const KEYS = ['t:Text', 't:Number', 't:Date', 't:Bool', 't:Ip', 't:Absent'];

/** Mostly the key of the operator's own type, at times another one, whose values it cannot read. */
function keyFor(name: string): fc.Arbitrary<string> {
  const own = name.startsWith('Numeric')
    ? 't:Number'
    : name.startsWith('Date')
      ? 't:Date'
      : name === 'Bool'
        ? 't:Bool'
        : name.endsWith('IpAddress')
          ? 't:Ip'
          : 't:Text';
  return fc.oneof({ weight: 5, arbitrary: fc.constant(own) }, { weight: 1, arbitrary: fc.constantFrom(...KEYS) });
}

function oneOrMore<T>(item: fc.Arbitrary<T>, max = 3): fc.Arbitrary<T | T[]> {
  return fc.oneof(item, fc.uniqueArray(item, { minLength: 1, maxLength: max }));
}

const conditionBlock: fc.Arbitrary<Record<string, Record<string, string | string[]>>> = fc
  .array(
    fc
      .tuple(fc.constantFrom('', '', 'ForAllValues:', 'ForAnyValue:'), fc.constantFrom(...Object.keys(OPERATORS)))
      .chain(([prefix, name]) => fc.tuple(fc.constant(prefix + name), keyFor(name), oneOrMore(wantedFor(name)))),
    { maxLength: 2 },
  )
  .map((lines) => Object.fromEntries(lines.map(([operator, key, values]) => [operator, { [key]: values }])));

const context: fc.Arbitrary<Map<string, string | readonly string[]>> = fc
  .record(
    {
      't:Text': fc.constantFrom(...TEXTS),
      't:Number': fc.constantFrom(...NUMBERS, 'many'),
      't:Date': fc.constantFrom(...DATES, 'today'),
      't:Bool': fc.constantFrom('true', 'false', 'maybe'),
      't:Ip': fc.constantFrom(...ADDRESSES, 'Internal'),
    },
    { requiredKeys: [] },
  )
  .chain((single) =>
    fc.record({
      single: fc.constant(single),
      texts: fc.array(fc.constantFrom(...TEXTS), { maxLength: 3 }),
      several: fc.boolean(),
    }),
  )
  .map(({ single, texts, several }) => {
    const entries = Object.entries(single).filter(([, value]) => value !== undefined) as [string, string | string[]][];
    return new Map(several ? [...entries, ['t:Text', texts]] : entries);
  });

const PRINCIPALS: readonly Principal[] = [
  ...ACCOUNTS.flatMap((account): Principal[] => [
    { kind: 'root', account },
    { kind: 'user', account, userId: '9', arn: `acs:ram::${account}:user/alice`, name: 'alice' },
    {
      kind: 'role',
      account,
      arn: `acs:ram::${account}:role/deployer`,
      roleName: 'Deployer',
      sessionName: 's',
      serviceLinked: false,
    },
    { kind: 'service', service: 'ecs.aliyuncs.com', account },
  ]),
  { kind: 'role', account: '1', arn: 'acs:ram::1:role/slr', roleName: 'slr', sessionName: 's', serviceLinked: true },
  { kind: 'federated', arn: 'acs:ram::1:saml-provider/X', account: '1' },
];

const principalBlock = fc
  .record(
    {
      RAM: oneOrMore(
        fc.constantFrom(
          'acs:ram::1:root',
          'acs:ram::2:root',
          'acs:ram::1:user/alice',
          'acs:ram::1:user/bob',
          'acs:ram::2:user/alice',
          'acs:ram::1:role/Deployer',
          'acs:ram::1:role/slr',
        ),
      ),
      Service: oneOrMore(fc.constantFrom('ecs.aliyuncs.com', 'kms.aliyuncs.com')),
      Federated: fc.constantFrom('acs:ram::1:saml-provider/X', 'acs:ram::1:oidc-provider/Y'),
    },
    { requiredKeys: [] },
  )
  .filter((block) => Object.keys(block).length > 0);

const keyPrincipalBlock = fc.oneof(principalBlock, fc.constant({ RAM: 'acs:ram::1:*' }));

function statement(kind: PolicyKind): fc.Arbitrary<Record<string, unknown>> {
  const effect = fc.oneof(
    { weight: 3, arbitrary: fc.constant('Allow') },
    { weight: 1, arbitrary: fc.constant('Deny') },
  );
  const actions = oneOrMore(fc.constantFrom(...ACTION_PATTERNS));
  const common = { Effect: effect, Condition: conditionBlock };
  const resource = oneOrMore(fc.constantFrom(...RESOURCE_PATTERNS));
  if (kind === 'trust') {
    return fc.record({
      ...common,
      Principal: principalBlock,
      Action: oneOrMore(fc.constantFrom('sts:AssumeRole', 'sts:AssumeRoleWithSAML')),
    });
  }
  if (kind === 'key')
    return fc.record({ ...common, Principal: keyPrincipalBlock, Action: actions, Resource: resource });
  return fc.oneof(
    { weight: 4, arbitrary: fc.record({ ...common, Action: actions, Resource: resource }) },
    { weight: 1, arbitrary: fc.record({ ...common, NotAction: actions, Resource: resource }) },
  );
}

/** A random valid policy. */
export function policy(kind: PolicyKind): fc.Arbitrary<ScenarioPolicy> {
  return fc
    .tuple(fc.array(statement(kind), { minLength: 1, maxLength: 4 }), fc.constantFrom('P', 'Q', 'R'))
    .map(([statements, identifier]) => ({
      document: parsePolicy(JSON.stringify({ Version: '1', Statement: statements }), kind),
      meta: { identifier, type: 'Custom' },
    }));
}

function maybe<T>(arbitrary: fc.Arbitrary<T>, weight = 1): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight, arbitrary });
}

const identity = fc.array(policy('identity'), { maxLength: 3 });

const everyLayer: fc.Arbitrary<Scenario> = fc.record({
  action: fc.constantFrom(...ACTIONS, 'sts:AssumeRoleWithSAML'),
  resources: fc.constantFrom(...RESOURCES),
  resourceAccount: fc.constant('1'),
  principal: fc.constantFrom(...PRINCIPALS),
  context,
  control: maybe(fc.array(fc.array(policy('control'), { minLength: 1, maxLength: 2 }), { maxLength: 2 })),
  session: maybe(fc.array(policy('session'), { minLength: 1, maxLength: 1 })),
  account: maybe(identity, 8),
  resourceGroup: maybe(identity),
  resource: maybe(
    fc.oneof(
      policy('trust').map((found) => ({ kind: 'trust' as const, policy: found })),
      policy('key').map((found) => ({ kind: 'key' as const, policy: found })),
    ),
    4,
  ),
  controlPoliciesApply: fc.constantFrom(undefined, undefined, true, false),
});

/** Users and roles before a key or role with a policy of its own, without the layers that mostly refuse. */
const beforeResource: fc.Arbitrary<Scenario> = fc
  .tuple(
    everyLayer,
    fc.constantFrom(...PRINCIPALS.filter(({ kind }) => kind === 'user' || kind === 'role')),
    fc.oneof(
      policy('trust').map((found) => ({ action: 'sts:AssumeRole', kind: 'trust' as const, policy: found })),
      policy('key').map((found) => ({ action: 'kms:Decrypt', kind: 'key' as const, policy: found })),
    ),
  )
  .map(([asked, principal, { action, ...resource }]) => {
    return {
      ...asked,
      principal,
      action,
      resource,
      control: undefined,
      session: undefined,
      controlPoliciesApply: false,
    };
  });

/** A random request with random policies in every layer. */
export const scenario = fc.oneof({ weight: 2, arbitrary: everyLayer }, { weight: 1, arbitrary: beforeResource });
