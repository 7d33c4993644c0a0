import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ProductName } from '../../src/domain/products.ts';
import { startTestServer, type TestServer } from '../support/coffer.ts';
import { readLikeJava } from '../support/java-xml.ts';
import { acs3, type Overrides, send, v1 } from '../support/raw-request.ts';
import { type Key, popCall, rootKey } from '../support/sdk.ts';
import { success } from '../support/well-formed.ts';

let server: TestServer;
let root: Key;
let keyId: string;
beforeAll(async () => {
  server = await startTestServer();
  root = rootKey(server);
  const call = popCall({ server });
  keyId = (await call('Kms', 'CreateKey', { Description: '<&>"\' 中文\n' })).KeyMetadata.KeyId;
  await call('Kms', 'CreateAlias', { KeyId: keyId, AliasName: 'alias/xml' });
  await call('Kms', 'TagResource', { KeyId: keyId, Tags: '[{"TagKey":"a","TagValue":""}]' });
  await call('Ram', 'CreateUser', { UserName: 'one' });
  await call('Ram', 'CreateUser', { UserName: 'two' });
  await call('Vpc', 'CreateVpc', { RegionId: 'cn-hangzhou', CidrBlock: '10.0.0.0/16' });
});
afterAll(() => server.close());

/** The same call in XML, read by the rule of the vendor's first Java SDK. */
async function java(product: ProductName, action: string, parameters: Overrides = {}) {
  const answer = await send(server.http, v1(root, product, action, { ...parameters, Format: 'XML' }));
  expect(answer.headers['content-type']).toBe('text/xml;charset=utf-8');
  return { status: answer.status, map: readLikeJava(answer.text) };
}

/** What Java sees of a JSON tree under the rule that lists are wrapped. */
function flat(value: unknown, path: string, into: Record<string, string> = {}): Record<string, string> {
  if (Array.isArray(value)) throw new Error(`a list without a wrapper at ${path}`);
  if (typeof value !== 'object' || value === null) {
    into[path] = String(value);
    return into;
  }
  const entries = Object.entries(value);
  const [first] = entries;
  if (entries.length === 1 && first !== undefined && Array.isArray(first[1])) {
    const items: unknown[] = first[1];
    if (items.length === 0) into[path] = '';
    else into[`${path}.Length`] = String(items.length);
    for (const [at, item] of items.entries()) flat(item, `${path}[${at}]`, into);
    return into;
  }
  for (const [name, member] of entries) flat(member, `${path}.${name}`, into);
  return into;
}

const READS: [ProductName, string, string, () => Overrides][] = [
  ['Kms', 'KMS', 'DescribeKey', () => ({ KeyId: keyId })],
  ['Kms', 'KMS', 'ListKeys', () => ({})],
  ['Kms', 'KMS', 'ListKeys', () => ({ PageNumber: '9' })],
  ['Kms', 'KMS', 'ListAliases', () => ({})],
  ['Kms', 'KMS', 'ListAliasesByKeyId', () => ({ KeyId: keyId })],
  ['Kms', 'KMS', 'ListKeyVersions', () => ({ KeyId: keyId })],
  ['Kms', 'KMS', 'ListResourceTags', () => ({ KeyId: keyId })],
  ['Kms', 'KMS', 'DescribeRegions', () => ({})],
  ['Kms', 'KMS', 'DescribeKeyStores', () => ({})],
  ['Ram', 'GetUserResponse', 'GetUser', () => ({ UserName: 'one' })],
  ['Ram', 'ListUsersResponse', 'ListUsers', () => ({})],
  ['Ram', 'ListGroupsResponse', 'ListGroups', () => ({})],
  ['Ram', 'ListPoliciesResponse', 'ListPolicies', () => ({})],
  ['Sts', 'GetCallerIdentityResponse', 'GetCallerIdentity', () => ({})],
  ['Vpc', 'DescribeVpcsResponse', 'DescribeVpcs', () => ({ RegionId: 'cn-hangzhou' })],
  ['Ecs', 'DescribeSecurityGroupsResponse', 'DescribeSecurityGroups', () => ({ RegionId: 'cn-hangzhou' })],
];

it.each(READS)('%s answers <%s> to %s with what JSON says', async (product, rootName, action, parameters) => {
  const json = success(await send(server.http, v1(root, product, action, parameters())));
  const { status, map } = await java(product, action, parameters());
  expect(status).toBe(200);
  const expected = flat({ ...json, RequestId: map[`${rootName}.RequestId`] }, rootName);
  expect(map).toMatchObject(expected);
  for (const name of ['Code', 'Message', 'Success']) expect(map).not.toHaveProperty([`${rootName}.${name}`]);
});

it('carries a whole cryptographic round in XML', async () => {
  const Plaintext = '<a attr="1">&amp; ]]> 中文\r\n\t</a>';
  const sealed = await java('Kms', 'Encrypt', { KeyId: keyId, Plaintext });
  const opened = await java('Kms', 'Decrypt', { CiphertextBlob: sealed.map['KMS.CiphertextBlob'] });
  expect(opened.map).toMatchObject({ 'KMS.Plaintext': Plaintext, 'KMS.KeyId': keyId });
});

it.each<[string, Overrides, string, number]>([
  ['of the operation', { Action: 'DescribeKey', KeyId: 'key-none' }, 'Forbidden.KeyNotFound', 404],
  ['of a parameter', { Action: 'DescribeKey' }, 'MissingParameter', 400],
  ['of the signature', { SignatureMethod: 'HMAC-SHA1', Timestamp: 'x' }, 'InvalidTimeStamp.Format', 400],
  ['of the key', { AccessKeyId: 'LTAInobody' }, 'InvalidAccessKeyId.NotFound', 404],
  ['of the action', { Action: 'Nothing' }, 'InvalidAction.NotFound', 404],
])('answers an error %s as <Error>', async (_, parameters, code, httpStatus) => {
  for (const format of ['XML', 'xml', 'Xml']) {
    const answer = await send(server.http, v1(root, 'Kms', 'ListKeys', { ...parameters, Format: format }));
    expect(answer.headers['content-type']).toBe('text/xml;charset=utf-8');
    expect(answer.status).toBe(httpStatus);
    expect(readLikeJava(answer.text)).toMatchObject({
      'Error.Code': code,
      'Error.Message': expect.stringMatching(/./),
      'Error.RequestId': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'Error.HttpStatus': String(httpStatus),
    });
  }
});

it('shows the string to sign to Java, which compares it with its own', async () => {
  const call = v1({ ...root, accessKeySecret: 'x' }, 'Kms', 'ListKeys', { Format: 'XML' });
  const message = readLikeJava((await send(server.http, call)).text)['Error.Message']!;
  expect(message.split('string to sign is:')[1]).toMatch(/^GET&%2F&AccessKeyId%3D/);
});

it('answers in the format that was asked for, JSON when none was', async () => {
  const formats: [Overrides, Record<string, string>, string][] = [
    [{ Format: undefined }, {}, 'application/json'],
    [{ Format: undefined }, { accept: 'application/xml' }, 'text/xml'],
    [{ Format: undefined }, { accept: '*/*' }, 'application/json'],
    [{ Format: 'JSON' }, { accept: 'text/xml' }, 'application/json'],
    [{ Format: 'XML' }, { accept: 'application/json' }, 'text/xml'],
  ];
  for (const [parameters, headers, type] of formats) {
    const call = v1(root, 'Kms', 'ListKeys', parameters);
    const answer = await send(server.http, { ...call, headers });
    expect([parameters, headers, answer.headers['content-type']]).toEqual([
      parameters,
      headers,
      `${type};charset=utf-8`,
    ]);
  }
  const acs = acs3(root, 'Kms', 'ListKeys', {}, { host: server.http });
  const answer = await send(server.http, { ...acs, headers: { ...acs.headers, accept: 'application/xml' } });
  expect(answer.headers['content-type']).toBe('text/xml;charset=utf-8');
});

it('never shows a plaintext as something else: what XML cannot carry is refused, JSON carries all', async () => {
  const call = popCall({ server });
  for (const [Plaintext, code] of [
    ['a\tb\r\nc \u0085 中文 😀 ]]>', undefined],
    ['a\u0001b', 'AnswerNotInXml'],
    ['a\u0000', 'AnswerNotInXml'],
    ['\uffff', 'AnswerNotInXml'],
  ] as const) {
    const { CiphertextBlob } = await call('Kms', 'Encrypt', { KeyId: keyId, Plaintext });
    expect((await call('Kms', 'Decrypt', { CiphertextBlob })).Plaintext).toBe(Plaintext);
    const { status, map } = await java('Kms', 'Decrypt', { CiphertextBlob });
    if (code === undefined) expect(map).toMatchObject({ 'KMS.Plaintext': Plaintext });
    else expect([status, map['Error.Code']]).toEqual([400, code]);
  }
});

it('wraps the events of LookupEvents, each in an element of its own', async () => {
  const { map } = await java('ActionTrail', 'LookupEvents', { MaxResults: '2' });
  expect(map['LookupEventsResponse.Events.Length']).toBe('2');
  expect(map['LookupEventsResponse.Events[1].eventId']).toMatch(/^[0-9a-f-]{36}$/);
});
