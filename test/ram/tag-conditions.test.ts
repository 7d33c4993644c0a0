/** Tags as condition keys: those a request puts on a resource, and those the resource carries. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProductName } from '../../src/domain/products.ts';
import type { Caller } from '../../src/operation/context.ts';
import { OPERATIONS } from '../../src/operations/index.ts';
import { asRoot, makeInterface, REGION, textOf } from '../network/support.ts';
import { alike } from '../support/alike.ts';
import { openTestPipeline, type TestPipeline } from '../support/pipeline.ts';

type Values = Record<string, string>;

const PROD = 'acs:RequestTag/env';
const OF_PROD = 'acs:ResourceTag/env';
const tag = (value: string): Values => ({ 'Tag.1.Key': 'env', 'Tag.1.Value': value });
const tags = (value: string): Values => ({ Tags: `[{"TagKey":"env","TagValue":"${value}"}]` });
const policy = (key: string, ...Action: string[]) => ({
  Version: '1',
  Statement: [
    { Effect: 'Allow', Action, Resource: '*' },
    { Effect: 'Deny', Action, Resource: '*', Condition: { StringEquals: { [key]: 'prod' } } },
  ],
});

let pipeline: TestPipeline;
/** Ids of what carries `env` = `prod`, and of what carries `env` = `test`. */
const ids: Record<'prod' | 'test', Values> = { prod: {}, test: {} };

beforeAll(async () => {
  pipeline = await openTestPipeline();
  const root = asRoot(pipeline);
  for (const env of ['prod', 'test'] as const) {
    const { KeyMetadata } = await root.call('Kms', 'CreateKey', tags(env));
    const VpcId = textOf(await root.call('Vpc', 'CreateVpc', { CidrBlock: '10.0.0.0/8', ...tag(env) }), 'VpcId');
    const within = { VpcId, CidrBlock: '10.0.0.0/24', ZoneId: `${REGION}-a`, ...tag(env) };
    const VSwitchId = textOf(await root.call('Vpc', 'CreateVSwitch', within), 'VSwitchId');
    const SecurityGroupId = textOf(
      await root.call('Ecs', 'CreateSecurityGroup', { VpcId, ...tag(env) }),
      'SecurityGroupId',
    );
    const eni = await makeInterface(root, VSwitchId, SecurityGroupId, tag(env));
    const NetworkInterfaceId = textOf(eni, 'NetworkInterfaceId');
    const asked = { NetworkInterfaceId, AccountId: '1000000000000002', Permission: 'InstanceAttach' };
    const given = await root.call('Ecs', 'CreateNetworkInterfacePermission', asked);
    const { NetworkInterfacePermissionId } = given.NetworkInterfacePermission as Values;
    const KeyId = (KeyMetadata as Values).KeyId!;
    Object.assign(ids[env], {
      KeyId,
      VpcId,
      VSwitchId,
      SecurityGroupId,
      NetworkInterfaceId,
      NetworkInterfacePermissionId,
    });
  }
});
afterAll(() => pipeline.close());

let users = 0;
function someone(document: unknown): Promise<Caller> {
  users += 1;
  return pipeline.user(`user-${users}`, document);
}
const DENIED = /^(Forbidden\.NoPermission|Forbidden\.RAM|NoPermission)$/;

describe('tags in the request', () => {
  const cases: [ProductName, string, string, (value: string) => Values][] = [
    ['Kms', 'CreateKey', 'kms', tags],
    ['Kms', 'TagResource', 'kms', (value) => ({ KeyId: ids.test.KeyId!, ...tags(value) })],
    [
      'Kms',
      'TagResources',
      'kms',
      (value) => ({ RegionId: REGION, ResourceType: 'key', 'ResourceId.1': ids.test.KeyId!, ...tag(value) }),
    ],
    ['Vpc', 'CreateVpc', 'vpc', (value) => ({ RegionId: REGION, CidrBlock: '172.16.0.0/12', ...tag(value) })],
    ['Ecs', 'CreateSecurityGroup', 'ecs', (value) => ({ RegionId: REGION, VpcId: ids.test.VpcId!, ...tag(value) })],
  ];

  it.each(cases)('hit a Deny on acs:RequestTag: %s %s', async (product, name, code, values) => {
    const user = await someone(policy(PROD, `${code}:${name}`));
    expect(await pipeline.codeOf(user, product, name, values('prod'))).toMatch(DENIED);
    expect(await pipeline.codeOf(user, product, name, values('dev'))).toBe('OK');
  });

  it('open what is allowed only with a tag, and the missing statement names it', async () => {
    const only = { StringEquals: { [PROD]: 'dev' } };
    const user = await someone({
      Version: '1',
      Statement: [{ Effect: 'Allow', Action: 'kms:CreateKey', Resource: '*', Condition: only }],
    });
    expect(await pipeline.codeOf(user, 'Kms', 'CreateKey', tags('dev'))).toBe('OK');
    expect(await pipeline.codeOf(user, 'Kms', 'CreateKey')).toMatch(DENIED);
    await expect(pipeline.call(user, 'Kms', 'CreateKey', tags('prod'))).rejects.toMatchObject({
      detail: { MissingStatement: expect.stringContaining(`"StringEquals":{"${PROD}":"prod"}`) },
    });
  });

  it('are the last value of a key, as the resource gets it', async () => {
    const user = await someone(policy(PROD, 'vpc:CreateVpc'));
    const twice = { RegionId: REGION, ...tag('dev'), 'Tag.2.Key': 'env', 'Tag.2.Value': 'prod' };
    expect(await pipeline.codeOf(user, 'Vpc', 'CreateVpc', twice)).toMatch(DENIED);
  });

  it('are not those that a list is asked for', async () => {
    const user = await someone(policy(PROD, 'vpc:DescribeVpcs'));
    expect(await pipeline.codeOf(user, 'Vpc', 'DescribeVpcs', { RegionId: REGION, ...tag('prod') })).toBe('OK');
  });

  it('are read by the pipeline from every operation that takes tags to put on something', () => {
    for (const { name, access, input, parameterRoles } of OPERATIONS) {
      const offered = (parameter: string) => input[parameter]!.limits !== 'must be left out';
      const named = Object.keys(input).filter((parameter) => /^Tags?$/.test(parameter) && offered(parameter));
      expect(parameterRoles.tags, name).toEqual(access === 'Write' ? named : []);
    }
  });
});

describe('tags of the resource', () => {
  it.each([
    ['Kms', 'DescribeKey', 'kms', 'KeyId', {}],
    ['Vpc', 'DescribeVpcAttribute', 'vpc', 'VpcId', {}],
    ['Vpc', 'CreateVSwitch', 'vpc', 'VpcId', { CidrBlock: '10.1.0.0/24', ZoneId: `${REGION}-a` }],
    ['Vpc', 'DescribeVSwitchAttributes', 'vpc', 'VSwitchId', {}],
    ['Ecs', 'DescribeSecurityGroupAttribute', 'ecs', 'SecurityGroupId', {}],
    ['Ecs', 'DeleteNetworkInterfacePermission', 'ecs', 'NetworkInterfacePermissionId', {}],
    ['Ecs', 'DeleteNetworkInterface', 'ecs', 'NetworkInterfaceId', {}],
  ] as const)('hit a Deny on acs:ResourceTag: %s %s', async (product, name, code, parameter, more) => {
    const user = await someone(policy(OF_PROD, `${code}:${name}`));
    const values = (env: 'prod' | 'test') => ({ RegionId: REGION, [parameter]: ids[env][parameter]!, ...more });
    expect(await pipeline.codeOf(user, product, name, values('prod'))).toMatch(DENIED);
    expect(await pipeline.codeOf(user, product, name, values('test'))).toBe('OK');
  });

  it('of the vSwitch count where an interface is made', async () => {
    const user = await someone(policy(OF_PROD, 'ecs:CreateNetworkInterface'));
    const values = (env: 'prod' | 'test') => {
      const { VSwitchId, SecurityGroupId } = ids[env] as { VSwitchId: string; SecurityGroupId: string };
      return { RegionId: REGION, VSwitchId, SecurityGroupId };
    };
    expect(await pipeline.codeOf(user, 'Ecs', 'CreateNetworkInterface', values('prod'))).toMatch(DENIED);
    expect(await pipeline.codeOf(user, 'Ecs', 'CreateNetworkInterface', values('test'))).toBe('OK');
  });

  it('explain no refusal, also where nothing else does', async () => {
    const user = await someone(policy(OF_PROD, 'vpc:DescribeVpcAttribute'));
    const values = { RegionId: REGION, VpcId: ids.prod.VpcId! };
    const fault = await pipeline.call(user, 'Vpc', 'DescribeVpcAttribute', values).then(
      () => expect.unreachable(),
      (refused) => refused,
    );
    expect(fault.detail).toMatchObject({ AuthAction: 'vpc:DescribeVpcAttribute', NoPermissionType: 'ExplicitDeny' });
    expect(fault.detail).not.toHaveProperty('Explanation');
    expect(fault.detail).not.toHaveProperty('MissingStatement');
  });

  it('are not in a refusal', async () => {
    const only = { StringEquals: { [OF_PROD]: 'none' } };
    const user = await someone({
      Version: '1',
      Statement: [{ Effect: 'Allow', Action: 'vpc:*', Resource: '*', Condition: only }],
    });
    const told = async (VpcId: string): Promise<string> => {
      const outcome = pipeline.call(user, 'Vpc', 'DescribeVpcAttribute', { RegionId: REGION, VpcId });
      const { message, detail } = await outcome.then(
        () => expect.unreachable(),
        (fault) => fault,
      );
      return alike({ message, detail }).replaceAll(VpcId, 'ID');
    };
    expect(await told(ids.prod.VpcId!)).toBe(await told('vpc-none'));
  });
});
