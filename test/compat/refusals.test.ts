import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../support/coffer.ts';
import { acs3, type Overrides, type RawCall, send, stamp, v1 } from '../support/raw-request.ts';
import { type Key, popCall, rootKey } from '../support/sdk.ts';
import { errorCode, success } from '../support/well-formed.ts';

let server: TestServer;
let root: Key;
beforeAll(async () => {
  server = await startTestServer();
  root = rootKey(server);
});
afterAll(() => server.close());

const MINUTE = 60_000;

async function codeOf(call: RawCall): Promise<string> {
  const answer = await send(server.http, call);
  return answer.status === 200 ? 'OK' : errorCode(answer);
}

/** The same call in each signature version, with headers or parameters of one meaning replaced. */
function bothWays(key: Key, change: { time?: string | undefined; nonce?: string | undefined } = {}): RawCall[] {
  const parameters: Record<string, string | undefined> = {};
  const headers: Record<string, string | undefined> = {};
  if ('time' in change) [parameters.Timestamp, headers['x-acs-date']] = [change.time, change.time];
  if ('nonce' in change) [parameters.SignatureNonce, headers['x-acs-signature-nonce']] = [change.nonce, change.nonce];
  return [
    v1(key, 'Kms', 'ListKeys', parameters),
    v1(key, 'Kms', 'ListKeys', parameters, 'POST'),
    acs3(key, 'Kms', 'ListKeys', {}, { host: server.http, headers }),
  ];
}

async function codesOf(calls: readonly RawCall[]): Promise<string[]> {
  const codes: string[] = [];
  for (const call of calls) codes.push(await codeOf(call));
  return codes;
}

const all = (code: string): string[] => [code, code, code];

describe('the signature', () => {
  it('passes when it is right', async () => {
    expect(await codesOf(bothWays(root))).toEqual(all('OK'));
  });

  it('is refused under a wrong secret, with one colon before the string to sign', async () => {
    const wrong = { ...root, accessKeySecret: 'x'.repeat(30) };
    for (const call of bothWays(wrong)) {
      const answer = await send(server.http, call);
      expect(errorCode(answer)).toBe('SignatureDoesNotMatch');
      expect(answer.status).toBe(400);
      const { Message } = answer.json;
      expect(Message).toMatch(
        /^Specified signature is not matched with our calculation\. server string to sign is:(GET&|POST&|ACS3-HMAC-SHA256\n)[^:]+$/,
      );
    }
  });

  it('is refused when any signed part is changed on the way', async () => {
    const query = v1(root, 'Kms', 'ListKeys', { PageSize: '10' });
    expect(await codeOf({ ...query, target: query.target.replace('PageSize=10', 'PageSize=11') })).toBe(
      'SignatureDoesNotMatch',
    );
    expect(await codeOf({ ...query, target: `${query.target}&PageNumber=1` })).toBe('SignatureDoesNotMatch');
    const form = acs3(root, 'Kms', 'ListKeys', {}, { host: server.http, body: 'PageSize=10' });
    expect(await codeOf({ ...form, body: 'PageSize=11' })).toBe('SignatureDoesNotMatch');
    const emptied = acs3(root, 'Kms', 'ListKeys', {}, { host: server.http });
    expect(await codeOf({ ...emptied, body: 'a=b', headers: { ...emptied.headers, 'content-length': '3' } })).toBe(
      'SignatureDoesNotMatch',
    );
    expect(await codeOf({ ...emptied, headers: { ...emptied.headers, 'x-acs-action': 'CreateKey' } })).toBe(
      'SignatureDoesNotMatch',
    );
    expect(await codeOf({ ...emptied, headers: { ...emptied.headers, host: 'elsewhere.example' } })).toBe(
      'SignatureDoesNotMatch',
    );
  });

  it.each(['host', 'x-acs-action', 'x-acs-version', 'x-acs-date', 'x-acs-signature-nonce', 'x-acs-content-sha256'])(
    'must cover %s',
    async (name) => {
      const call = acs3(root, 'Kms', 'ListKeys', {}, { host: server.http, unsigned: [name] });
      expect(await codeOf(call)).toBe('IncompleteSignature');
    },
  );

  it('may leave further headers out', async () => {
    const call = acs3(root, 'Kms', 'ListKeys', {}, { host: server.http });
    expect(await codeOf({ ...call, headers: { ...call.headers, 'x-acs-unknown': '1', accept: 'x' } })).toBe('OK');
  });

  it.each([
    ['no signature', { Signature: undefined, AccessKeyId: 'LTAI' }, 'IncompleteSignature'],
    ['nothing at all', {}, 'MissingAccessKeyId'],
    ['a bearer token', { BearerToken: 'x', SignatureType: 'BEARERTOKEN' }, 'InvalidSignatureMethod'],
  ])('is refused as %s', async (_, parameters, code) => {
    const all: Overrides = { Action: 'ListKeys', Version: '2016-01-20', ...parameters };
    const query = Object.entries(all)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${name}=${value}`);
    expect(await codeOf({ method: 'GET', target: `/?${query.join('&')}`, headers: {}, body: '' })).toBe(code);
  });

  it.each([
    { SignatureMethod: 'SHA256withRSA', SignatureType: 'PRIVATEKEY' },
    { SignatureMethod: 'HMAC-SHA256' },
    { SignatureVersion: '2.0' },
    { SignatureType: 'BEARERTOKEN' },
  ])('is refused with %o', async (parameters) => {
    expect(await codeOf(v1(root, 'Kms', 'ListKeys', parameters))).toBe('InvalidSignatureMethod');
  });

  it.each(['ACS4-HMAC-SHA256', 'ACS3-RSA-SHA256', 'ACS3-HMAC-SHA1', 'Bearer', 'Basic', 'AWS4-HMAC-SHA256'])(
    'is refused under the scheme %s',
    async (scheme) => {
      expect(await codeOf(acs3(root, 'Kms', 'ListKeys', {}, { host: server.http, scheme }))).toBe(
        'InvalidSignatureMethod',
      );
    },
  );
});

describe('the time', () => {
  it.each([
    ['stale', () => stamp(-16 * MINUTE), 'InvalidTimeStamp.Expired'],
    ['ahead', () => stamp(16 * MINUTE), 'InvalidTimeStamp.Expired'],
    ['a little late', () => stamp(-14 * MINUTE), 'OK'],
    ['a little early', () => stamp(14 * MINUTE), 'OK'],
    ['of another form', () => new Date().toUTCString(), 'InvalidTimeStamp.Format'],
    ['no date at all', () => '2026-02-30T00:00:00Z', 'InvalidTimeStamp.Format'],
    ['missing', () => undefined, 'IllegalTimestamp'],
    ['empty', () => '', 'IllegalTimestamp'],
  ])('%s', async (_, time, code) => {
    expect(await codesOf(bothWays(root, { time: time() }))).toEqual(all(code));
  });
});

describe('the nonce', () => {
  it('serves once per AccessKey', async () => {
    for (const call of bothWays(root)) expect(await codesOf([call, call])).toEqual(['OK', 'SignatureNonceUsed']);
    const nonce = randomUUID();
    const { AccessKey } = await popCall({ server })('Ram', 'CreateAccessKey', { UserName: await user() });
    const other = { accessKeyId: AccessKey.AccessKeyId, accessKeySecret: AccessKey.AccessKeySecret };
    const own = v1(root, 'Sts', 'GetCallerIdentity', { SignatureNonce: nonce });
    const second = v1(root, 'Sts', 'GetCallerIdentity', { SignatureNonce: nonce, Extra: '1' });
    const theirs = v1(other, 'Sts', 'GetCallerIdentity', { SignatureNonce: nonce });
    expect(await codesOf([own, second, theirs])).toEqual(['OK', 'SignatureNonceUsed', 'OK']);
  });

  it('is not burnt by strangers who cannot sign', async () => {
    const nonce = randomUUID();
    const forged = v1({ ...root, accessKeySecret: 'x' }, 'Kms', 'ListKeys', { SignatureNonce: nonce });
    const own = v1(root, 'Kms', 'ListKeys', { SignatureNonce: nonce });
    expect(await codesOf([forged, own])).toEqual(['SignatureDoesNotMatch', 'OK']);
  });

  it('is used up by refused calls too', async () => {
    const call = v1(root, 'Kms', 'DescribeKey', { KeyId: 'key-none' });
    expect(await codesOf([call, call])).toEqual(['Forbidden.KeyNotFound', 'SignatureNonceUsed']);
    const write = v1(root, 'Kms', 'EnableKey', { KeyId: 'key-none' });
    expect(await codesOf([write, write])).toEqual(['Forbidden.KeyNotFound', 'SignatureNonceUsed']);
  });

  it('may be left out under V1; then the signature stands in for it', async () => {
    const call = v1(root, 'Kms', 'ListKeys', { SignatureNonce: undefined });
    expect(await codesOf([call, call])).toEqual(['OK', 'SignatureNonceUsed']);
    expect(await codeOf(bothWays(root, { nonce: undefined })[2]!)).toBe('IncompleteSignature');
  });

  it('lets one of many simultaneous copies through, and changes state once', async () => {
    const before = await keys();
    const create = acs3(root, 'Kms', 'CreateKey', {}, { host: server.http });
    const codes = await Promise.all(Array.from({ length: 8 }, () => codeOf(create)));
    expect(codes.toSorted()).toEqual(['OK', ...Array.from({ length: 7 }, () => 'SignatureNonceUsed')]);
    expect(await keys()).toBe(before + 1);
    const read = v1(root, 'Kms', 'ListKeys');
    const reads = await Promise.all(Array.from({ length: 8 }, () => codeOf(read)));
    expect(reads.filter((code) => code === 'OK')).toHaveLength(1);
  });

  it('is remembered over a restart, for reads and writes', async () => {
    const calls = [
      v1(root, 'Kms', 'ListKeys'),
      v1(root, 'Kms', 'CreateKey', {}, 'POST'),
      acs3(root, 'Kms', 'CreateKey', {}, { host: server.http }),
      v1(root, 'Ram', 'CreateUser', { UserName: `u-${randomUUID()}` }),
    ];
    const before = await keys();
    expect(await codesOf(calls)).toEqual(['OK', 'OK', 'OK', 'OK']);
    await server.restart();
    expect(await codesOf(calls)).toEqual(Array.from(calls, () => 'SignatureNonceUsed'));
    expect(await keys()).toBe(before + 2);
  });
});

async function keys(): Promise<number> {
  return (await popCall({ server })('Kms', 'ListKeys')).TotalCount;
}

async function user(): Promise<string> {
  const UserName = `u-${randomUUID()}`;
  await popCall({ server })('Ram', 'CreateUser', { UserName });
  return UserName;
}

describe('the AccessKey', () => {
  it('must exist', async () => {
    const unknown = { accessKeyId: 'LTAI00000000000000000000', accessKeySecret: root.accessKeySecret };
    expect(await codesOf(bothWays(unknown))).toEqual(all('InvalidAccessKeyId.NotFound'));
    for (const accessKeyId of ['__proto__', 'constructor', "' or 1=1 --", '\u0000']) {
      expect(await codeOf(v1({ ...root, accessKeyId }, 'Kms', 'ListKeys'))).toBe('InvalidAccessKeyId.NotFound');
    }
  });

  it('is refused while inactive, works again when active, is unknown once deleted with its user', async () => {
    const call = popCall({ server });
    const UserName = await user();
    const { AccessKey } = await call('Ram', 'CreateAccessKey', { UserName });
    const { AccessKeyId: UserAccessKeyId } = AccessKey;
    const key = { accessKeyId: UserAccessKeyId, accessKeySecret: AccessKey.AccessKeySecret };
    const whoAmI = () => v1(key, 'Sts', 'GetCallerIdentity');
    expect(success(await send(server.http, whoAmI()))).toMatchObject({ IdentityType: 'RAMUser' });
    await call('Ram', 'UpdateAccessKey', { UserName, UserAccessKeyId, Status: 'Inactive' });
    expect(await codeOf(whoAmI())).toBe('InvalidAccessKeyId.Inactive');
    await call('Ram', 'UpdateAccessKey', { UserName, UserAccessKeyId, Status: 'Active' });
    expect(await codeOf(whoAmI())).toBe('OK');
    await call('Ram', 'DeleteAccessKey', { UserName, UserAccessKeyId });
    expect(await codeOf(whoAmI())).toBe('InvalidAccessKeyId.NotFound');
    await call('Ram', 'DeleteUser', { UserName });
    expect(await codesOf(bothWays(key))).toEqual(all('InvalidAccessKeyId.NotFound'));
  });

  it('needs its own security token, or none', async () => {
    const token = { ...root, securityToken: 'CAISnothing' };
    expect(await codesOf(bothWays(token))).toEqual(all('InvalidSecurityToken.MismatchWithAccessKey'));
    const temporary = { accessKeyId: 'STS.NUnknownUnknownUnknown', accessKeySecret: 'x' };
    expect(await codesOf(bothWays(temporary))).toEqual(all('MissingSecurityToken'));
    for (const securityToken of ['x', 'CAIS', `CAIS${'A'.repeat(400)}`, '../../etc/passwd']) {
      expect(await codesOf(bothWays({ ...temporary, securityToken }))).toEqual(all('InvalidSecurityToken.Malformed'));
    }
  });
});
