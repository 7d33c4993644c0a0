/** Nonsense in the parameters of every operation: the answer is a typed error, whoever asks. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Fault } from '../../src/errors/fault.ts';
import type { Operation } from '../../src/operation/operation.ts';
import { OPERATIONS } from '../../src/operations/index.ts';
import { HSMS, makeCluster, PASSWORD, REGION } from '../keystore/cluster-rig.ts';
import { openTestPipeline, type TestPipeline } from '../support/pipeline.ts';
import { requiredParameters } from './shapes.ts';

const UNTHROTTLED =
  'throttle: { symmetric: 100000, asymmetric: 100000, management: 100000, query: 100000, sts: 100000, trail: 100000 }';

let pipeline: TestPipeline;
/** Names of what exists, by the parameter that takes them. */
const there: Record<string, string> = {};

/** Makes what the garbage may have removed. */
async function furnish(): Promise<void> {
  const { call, root } = pipeline;
  const quietly = async (product: 'Ram' | 'Kms' | 'Vpc' | 'Ecs', name: string, values: Record<string, string>) =>
    call(root, product, name, values).catch(() => undefined) as Promise<Record<string, string> | undefined>;
  const PolicyDocument = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*"}]}';
  await quietly('Ram', 'CreateUser', { UserName: 'present' });
  await quietly('Ram', 'CreateGroup', { GroupName: 'present' });
  await quietly('Ram', 'CreatePolicy', { PolicyName: 'present', PolicyDocument });
  const AssumeRolePolicyDocument = `{"Version":"1","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"RAM":["acs:ram::${pipeline.account}:root"]}}]}`;
  await quietly('Ram', 'CreateRole', { RoleName: 'present', AssumeRolePolicyDocument });
  await quietly('Kms', 'CreateAlias', { AliasName: 'alias/present', KeyId: there.KeyId! });
  await quietly('Kms', 'EnableKey', { KeyId: there.KeyId! });
  await quietly('Kms', 'CancelKeyDeletion', { KeyId: there.KeyId! });
}

beforeAll(async () => {
  pipeline = await openTestPipeline(`${UNTHROTTLED}\n${HSMS}`);
  const { call, root } = pipeline;
  const rig = await makeCluster(pipeline, root, { size: 1 });
  const { KeyStoreId } = await call(root, 'Kms', 'CreateKeyStore', {
    KeyStoreName: 'present',
    HsmClusterId: rig.clusterId,
    KeyStorePassword: PASSWORD,
    SecurityDomainCertificate: rig.owner.certificate,
  });
  const { KeyMetadata } = (await call(root, 'Kms', 'CreateKey')) as { KeyMetadata: { KeyId: string } };
  const { KeyId } = KeyMetadata;
  const group = await call(root, 'Ecs', 'CreateSecurityGroup', { RegionId: REGION, VpcId: rig.vpcId });
  const { CiphertextBlob } = await call(root, 'Kms', 'Encrypt', { KeyId, Plaintext: 'x' });
  Object.assign(there, {
    KeyStoreId,
    KeyId,
    DestinationKeyId: KeyId,
    CiphertextBlob,
    ClusterId: rig.clusterId,
    HsmClusterId: rig.clusterId,
    InstanceId: rig.hsmIds[0],
    HsmInstanceIds: rig.hsmIds[0],
    MasterInstanceId: rig.hsmIds[0],
    VpcId: rig.vpcId,
    VSwitchId: rig.vSwitchIds[0],
    VSwitchIds: rig.vSwitchIds.join(','),
    SecurityGroupId: group.SecurityGroupId,
    RoleArn: `acs:ram::${pipeline.account}:role/present`,
    UserName: 'present',
    SecurityDomainCertificate: rig.owner.certificate,
    IssuerCertificate: rig.owner.certificate,
    SignedCertificate: rig.owner.certificate,
    KeyStorePassword: PASSWORD,
  });
});
afterAll(() => pipeline.close());

const NASTY = [
  '',
  ' ',
  '0',
  '-1',
  '00',
  '1e3',
  '9007199254740993',
  '99999999999999999999',
  'NaN',
  'null',
  'true',
  '__proto__',
  'constructor',
  'toString',
  '{}',
  '[]',
  '[[]]',
  '[null]',
  '{"__proto__":{"a":1}}',
  '{"a":{"b":{"c":1}}}',
  '[{"TagKey":null}]',
  '[{"TagKey":{"a":1},"TagValue":[]}]',
  '"text"',
  `${'['.repeat(5000)}${']'.repeat(5000)}`,
  '\u0000',
  'a\u0000b',
  '\ud800',
  '\udfff\ud800',
  '\u202e\u0007',
  '😀'.repeat(40),
  'x'.repeat(40_000),
  '../../etc/passwd',
  "'; drop table record; --",
  '%00%s%n',
  '*',
  '?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*',
  'acs:kms:*:*:*',
  'acs:kms:cn-hangzhou::key/',
  'acs::::',
  'alias/',
  'alias/\u0000',
  '0.0.0.0/0',
  '10.0.0.0/33',
  '999.1.1.1',
  '::1/128',
  '-1/-1',
  '1/99999',
  '2026-13-45T99:99:99Z',
  '+099999-01-01T00:00:00Z',
  '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
  'AAAA',
  Buffer.alloc(64).toString('base64'),
  '{"Version":"1","Statement":[]}',
  '{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringLike":{"a":{"b":1}}}}]}',
];

const nasty = fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: 'binary', maxLength: 40 }));
const suffix = fc.constantFrom('', '.1', '.0', '.100000', '.1.Key', '.1.Value', '.1.1', '.__proto__', '.1.constructor');

/** Mostly valid parameters, over things that exist, with a few nonsensical ones among them. */
function garbageFor(operation: Operation): fc.Arbitrary<Record<string, string>> {
  const names = [...Object.keys(operation.input), '__proto__', 'constructor', 'RegionId'];
  const change = fc.tuple(fc.constantFrom(...names), suffix, nasty);
  const optional = Object.keys(operation.input).filter((name) => there[name] !== undefined);
  const extra = optional.length === 0 ? fc.constant([]) : fc.subarray(optional);
  return fc.tuple(fc.array(change, { maxLength: 4 }), extra).map(([changes, existing]) => {
    const parameters: Record<string, string> = requiredParameters(operation, there);
    for (const name of existing) parameters[name] = there[name]!;
    for (const [name, end, value] of changes) parameters[name + end] = value;
    return parameters;
  });
}

/** What a caller's parameters must never bring about. */
const OURS = new Set(['InternalError', 'InternalFailure', 'ServiceUnavailable', 'ServiceUnavailableTemporary']);

describe('garbage', () => {
  it.each(OPERATIONS.map((operation) => [operation.product, operation.name, operation] as const))(
    '%s %s answers with a typed error or does what it was asked',
    async (product, name, operation) => {
      await furnish();
      await fc.assert(
        fc.asyncProperty(garbageFor(operation), async (parameters) => {
          const started = performance.now();
          const code = await pipeline.call(pipeline.root, product, name, parameters).then(
            () => 'OK',
            (error: unknown) => {
              if (error instanceof Fault) return error.code;
              throw error;
            },
          );
          expect(OURS.has(code), `${code} ${JSON.stringify(parameters)}`).toBe(false);
          expect(performance.now() - started).toBeLessThan(20_000);
        }),
        { numRuns: 20 },
      );
    },
  );
});
