/** RAM users and policies for tests, made through the vendor's core SDK by the account's root. */
import type { TestServer } from './coffer.ts';
import { type Key, popCall } from './sdk.ts';

/** One statement, or several. */
export type Statements = object | readonly object[];

export interface TestUser {
  readonly name: string;
  readonly key: Key;
}

/** `kms:*` on everything. */
export const USE_KMS = { Effect: 'Allow', Action: 'kms:*', Resource: '*' };

/** The statement of the vendor's page about the service-linked role for key stores. */
export const MAY_CREATE_STORE_ROLE = {
  Action: 'ram:CreateServiceLinkedRole',
  Resource: '*',
  Effect: 'Allow',
  Condition: { StringEquals: { 'ram:ServiceName': 'keystore.kms.aliyuncs.com' } },
};

/** Makes a custom policy. */
export async function createPolicy(server: TestServer, PolicyName: string, statements: Statements): Promise<void> {
  const PolicyDocument = JSON.stringify({ Version: '1', Statement: [statements].flat() });
  await popCall({ server })('Ram', 'CreatePolicy', { PolicyName, PolicyDocument });
}

export async function attach(server: TestServer, UserName: string, PolicyName: string): Promise<void> {
  await popCall({ server })('Ram', 'AttachPolicyToUser', { PolicyType: 'Custom', PolicyName, UserName });
}

export async function detach(server: TestServer, UserName: string, PolicyName: string): Promise<void> {
  await popCall({ server })('Ram', 'DetachPolicyFromUser', { PolicyType: 'Custom', PolicyName, UserName });
}

/** Makes a user with an AccessKey and, when given, a policy of its own name attached. */
export async function createUser(server: TestServer, name: string, statements?: Statements): Promise<TestUser> {
  const call = popCall({ server });
  await call('Ram', 'CreateUser', { UserName: name });
  const { AccessKey } = await call('Ram', 'CreateAccessKey', { UserName: name });
  if (statements !== undefined) {
    await createPolicy(server, name, statements);
    await attach(server, name, name);
  }
  return { name, key: { accessKeyId: AccessKey.AccessKeyId, accessKeySecret: AccessKey.AccessKeySecret } };
}

/** Makes a role that `trusted` (a Principal element) may assume; answers its ARN. */
export async function createRole(server: TestServer, RoleName: string, trusted: object, policy?: string) {
  const call = popCall({ server });
  const statement = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: trusted };
  const { Role } = await call('Ram', 'CreateRole', {
    RoleName,
    AssumeRolePolicyDocument: JSON.stringify({ Version: '1', Statement: [statement] }),
  });
  if (policy !== undefined) {
    await call('Ram', 'AttachPolicyToRole', { PolicyType: 'Custom', PolicyName: policy, RoleName });
  }
  return Role.Arn as string;
}
