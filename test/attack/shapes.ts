/** Parameters for any operation, made from its declaration alone. */
import type { Operation } from '../../src/operation/operation.ts';
import type { Field, InputFields } from '../../src/schema/field.ts';

/** Values for parameters by name, where the declaration alone does not say what a valid one looks like. */
export type Known = Readonly<Record<string, string>>;

/** Looks valid wherever nothing better is known. */
export const KNOWN: Known = {
  RegionId: 'cn-hangzhou',
  ZoneId: 'cn-hangzhou-a',
  CidrBlock: '10.7.0.0/16',
  RoleArn: 'acs:ram::1234567890123456:role/present',
  RoleSessionName: 'session',
  AliasName: 'alias/present',
  KeyId: 'key-hzz000000000000000000',
  DestinationKeyId: 'key-hzz000000000000000000',
  CiphertextBlob: Buffer.alloc(80, 1).toString('base64'),
  Plaintext: 'text',
  PendingWindowInDays: '7',
  PolicyType: 'Custom',
  PolicyDocument: '{"Version":"1","Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*"}]}',
  AssumeRolePolicyDocument:
    '{"Version":"1","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":["ecs.aliyuncs.com"]}}]}',
  IpWhiteList: '10.0.0.0/8',
  Ip: '10.0.1.10',
  Tags: '[{"TagKey":"k","TagValue":"v"}]',
  TagKeys: '["k"]',
  SecurityDomainCertificate: '-----BEGIN CERTIFICATE-----\nMAo=\n-----END CERTIFICATE-----',
  KeyStorePassword: 'pass-word-1',
  Password: 'pass-word-1',
  NewPassword: 'pass-word-2',
  VersionId: 'v1',
  IpProtocol: 'tcp',
  PortRange: '443/443',
  SourceCidrIp: '10.0.0.0/8',
  DestCidrIp: '10.0.0.0/8',
  Permission: 'InstanceAttach',
  AccountId: '1234567890123456',
  Status: 'Active',
  ServiceName: 'keystore.kms.aliyuncs.com',
  ResourceType: 'key',
  UserName: 'present',
  StartTime: '2026-01-01T00:00:00Z',
  EndTime: '2026-01-02T00:00:00Z',
  NumberOfBytes: '16',
  Seconds: '1',
};

function choiceOf(limits: string): string | undefined {
  return /^`([^`]+)`/.exec(limits)?.[1];
}

function sampleOf(name: string, field: Field<unknown>, known: Known): string {
  if (Object.hasOwn(known, name)) return known[name]!;
  switch (field.type) {
    case 'Integer':
    case 'Long':
      return /^(\d+)-/.exec(field.limits)?.[1] ?? '1';
    case 'Boolean':
      return 'true';
    case 'Json':
      return '{}';
    default:
      return choiceOf(field.limits) ?? 'present';
  }
}

function fill(into: Record<string, string>, prefix: string, fields: InputFields, known: Known): void {
  for (const name in fields) {
    const field = fields[name]!;
    if (!field.required) continue;
    if (field.members !== undefined) fill(into, `${prefix}${name}.1.`, field.members, known);
    else if (field.type === 'Array') into[`${prefix}${name}.1`] = sampleOf(name, field, known);
    else into[`${prefix}${name}`] = sampleOf(name, field, known);
  }
}

/** The required parameters of an operation, likely to be accepted; `known` takes precedence. */
export function requiredParameters(operation: Operation, known: Known = {}): Record<string, string> {
  const parameters: Record<string, string> = {};
  fill(parameters, '', operation.input, { ...KNOWN, ...known });
  return parameters;
}
