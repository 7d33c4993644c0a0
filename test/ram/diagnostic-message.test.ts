/** What an administrator learns of a refusal, and nobody else. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { encodeDiagnostic } from '../../src/domain/diagnostic.ts';
import type { Sealer } from '../../src/domain/seal.ts';
import type { Fault } from '../../src/errors/fault.ts';
import type { Caller } from '../../src/operation/context.ts';
import { openTestPipeline, type TestPipeline } from '../support/pipeline.ts';

let pipeline: TestPipeline;
beforeAll(async () => {
  pipeline = await openTestPipeline();
});
afterAll(() => pipeline.close());

async function refusal(caller: Caller, product: 'Kms' | 'Ram', name: string, values = {}): Promise<Fault> {
  return pipeline.call(caller, product, name, values).then(
    () => expect.unreachable(),
    (fault: Fault) => fault,
  );
}

async function decoded(message: string, caller = pipeline.root): Promise<Record<string, unknown>> {
  const answer = await pipeline.call(caller, 'Ram', 'DecodeDiagnosticMessage', { EncodedDiagnosticMessage: message });
  return answer.DecodedDiagnosticMessage as Record<string, unknown>;
}

it('tells what a refusal was judged by, in the form of the vendor’s messages', async () => {
  const nobody = await pipeline.user('nobody');
  const { KeyMetadata } = await pipeline.call(pipeline.root, 'Kms', 'CreateKey');
  const { KeyId } = KeyMetadata as { KeyId: string };
  const { detail } = await refusal(nobody, 'Kms', 'DescribeKey', { KeyId });
  const message = detail!.EncodedDiagnosticMessage!;
  expect(message).toMatch(/^AQ[A-Za-z0-9+/]+=*$/);
  expect(Buffer.from(message, 'base64').toString('latin1')).not.toContain(KeyId);
  const told = await decoded(message);
  expect(told).toMatchObject({
    AuthAction: 'kms:DescribeKey',
    AuthResource: `acs:kms:cn-hangzhou:${pipeline.account}:key/${KeyId}`,
    AuthPrincipal: {
      AuthPrincipalType: 'SubUser',
      AuthPrincipalOwnerId: pipeline.account,
      AuthPrincipalDisplayName: detail!.AuthPrincipalDisplayName,
    },
    ExplicitDeny: false,
    NoPermissionPolicyType: 'AccountLevelIdentityBasedPolicy',
  });
  const keys = (told.AuthConditions as { items: { ConditionKey: string }[] }).items.map((one) => one.ConditionKey);
  expect(keys).toEqual(expect.arrayContaining(['acs:CurrentTime', 'acs:SecureTransport', 'acs:PrincipalARN']));
});

it('names the policies that deny, each once, and what the operation’s own conditions were', async () => {
  const policy = {
    Version: '1',
    Statement: [
      { Effect: 'Allow', Action: '*', Resource: '*' },
      { Effect: 'Deny', Action: 'ram:CreateServiceLinkedRole', Resource: '*' },
      { Effect: 'Deny', Action: 'ram:Create*', Resource: '*' },
    ],
  };
  const user = await pipeline.user('denied', policy);
  const { detail } = await refusal(user, 'Ram', 'CreateServiceLinkedRole', {
    ServiceName: 'keystore.kms.aliyuncs.com',
  });
  const told = await decoded(detail!.EncodedDiagnosticMessage!);
  expect(told.ExplicitDeny).toBe(true);
  const { items } = told.MatchedPolicies as { items: Record<string, string>[] };
  expect(items).toEqual([
    {
      AttachedEntityType: 'RamUser',
      AttachedScope: 'Account',
      Effect: 'Deny',
      PolicyIdentifier: expect.any(String),
      PolicyType: 'Custom',
      PolicyVersion: 'v1',
    },
  ]);
  const conditions = (
    told.AuthConditions as { items: { ConditionKey: string; ConditionValues: { items: string[] } }[] }
  ).items;
  const service = conditions.find((one) => one.ConditionKey === 'ram:ServiceName');
  expect(service?.ConditionValues.items).toEqual(['keystore.kms.aliyuncs.com']);
});

it('does not tell which key an alias stands for, nor what tags a key has', async () => {
  const { KeyMetadata } = await pipeline.call(pipeline.root, 'Kms', 'CreateKey', {
    Tags: '[{"TagKey":"team","TagValue":"canary"}]',
  });
  const { KeyId } = KeyMetadata as { KeyId: string };
  await pipeline.call(pipeline.root, 'Kms', 'CreateAlias', { KeyId, AliasName: 'alias/hidden' });
  const tagged = { StringEquals: { 'kms:tag/team': 'other' } };
  const user = await pipeline.user('guesser', {
    Version: '1',
    Statement: [{ Effect: 'Allow', Action: 'kms:*', Resource: '*', Condition: tagged }],
  });
  const lengths = new Set<number>();
  for (const name of ['alias/hidden', 'alias/absent']) {
    const { detail } = await refusal(user, 'Kms', 'DescribeKey', { KeyId: name });
    lengths.add(detail!.EncodedDiagnosticMessage!.length);
    const told = JSON.stringify(await decoded(detail!.EncodedDiagnosticMessage!));
    expect(told).toContain(':key/*');
    expect(told).not.toContain(KeyId);
    expect(told).not.toContain('canary');
    expect(told).not.toContain('kms:tag');
  }
  expect(lengths.size).toBe(1);
});

it('does not tell which tags or trust policy of a thing a Deny is about, nor by its length', async () => {
  const denied = (name: string, action: string, Condition: object) => ({
    name,
    document: { Version: '1', Statement: [{ Effect: 'Deny', Action: action, Resource: '*', Condition }] },
  });
  const user = await pipeline.user('prober', {
    Version: '1',
    Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
  });
  for (const { name, document } of [
    denied('no-red', 'kms:*', { StringEquals: { 'kms:tag/team': 'red' } }),
    denied('no-blue-at-all', 'kms:*', { StringEquals: { 'kms:tag/team': 'blue' } }),
    denied('no-trust', 'ram:UpdateRole', { 'ForAnyValue:StringLike': { 'ram:TrustedPrincipalTypes': '*' } }),
  ]) {
    await pipeline.call(pipeline.root, 'Ram', 'CreatePolicy', {
      PolicyName: name,
      PolicyDocument: JSON.stringify(document),
    });
    const held = { UserName: 'prober', PolicyName: name, PolicyType: 'Custom' };
    await pipeline.call(pipeline.root, 'Ram', 'AttachPolicyToUser', held);
  }
  const seen = new Set<string>();
  for (const team of ['red', 'blue']) {
    const Tags = JSON.stringify([{ TagKey: 'team', TagValue: team }]);
    const { KeyMetadata } = await pipeline.call(pipeline.root, 'Kms', 'CreateKey', { Tags });
    const { KeyId } = KeyMetadata as { KeyId: string };
    const { detail } = await refusal(user, 'Kms', 'DescribeKey', { KeyId });
    const message = detail!.EncodedDiagnosticMessage!;
    const told = await decoded(message);
    expect(told).toMatchObject({ ExplicitDeny: true, MatchedPolicies: { items: [] } });
    const text = JSON.stringify({ ...told, length: message.length });
    seen.add(text.replaceAll(KeyId, 'ID').replaceAll(/\d{4}-\d\d-\d\dT[\d:]+Z/g, 'TIME'));
  }
  expect(seen.size).toBe(1);

  const trust = {
    Version: '1',
    Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: ['fc.aliyuncs.com'] } }],
  };
  const role = { RoleName: 'w-secret', AssumeRolePolicyDocument: JSON.stringify(trust) };
  await pipeline.call(pipeline.root, 'Ram', 'CreateRole', role);
  const { detail } = await refusal(user, 'Ram', 'UpdateRole', { RoleName: 'w-secret', NewDescription: 'x' });
  const told = JSON.stringify(await decoded(detail!.EncodedDiagnosticMessage!));
  expect(told).not.toContain('fc.aliyuncs.com');
  expect(told).not.toContain('TrustedPrincipalTypes');
});

it('is for those who may decode it, and for messages of this account only', async () => {
  const nobody = await pipeline.user('curious');
  const { detail } = await refusal(nobody, 'Kms', 'ListKeys');
  const message = detail!.EncodedDiagnosticMessage!;
  expect(await pipeline.codeOf(nobody, 'Ram', 'DecodeDiagnosticMessage', { EncodedDiagnosticMessage: message })).toBe(
    'NoPermission',
  );
  const bytes = Buffer.from(message, 'base64');
  bytes[bytes.length - 1]! ^= 1;
  const { sealer } = pipeline.coffer.pipeline.ports.portsOf('Ram') as { sealer: Sealer };
  const about = (ownerId: string) =>
    encodeDiagnostic(sealer, {
      action: 'kms:ListKeys',
      resource: '*',
      conditions: [],
      principal: { type: 'SubUser', ownerId, displayName: '1' },
      explicitDeny: false,
      policyType: 'SessionPolicy',
      matched: [],
    });
  expect(await decoded(about(pipeline.account))).toMatchObject({ NoPermissionPolicyType: 'SessionPolicy' });
  const foreign = about('1000000000000009');
  for (const damaged of [bytes.toString('base64'), message.slice(8), 'AQ', 'garbage', 'AQAA', foreign]) {
    const values = { EncodedDiagnosticMessage: damaged };
    expect(await pipeline.codeOf(pipeline.root, 'Ram', 'DecodeDiagnosticMessage', values)).toBe(
      'DiagnosticMessageUnreadable',
    );
  }
  expect(await pipeline.codeOf(pipeline.root, 'Ram', 'DecodeDiagnosticMessage', {})).toBe(
    'MissingEncodedDiagnosticMessage',
  );
});
