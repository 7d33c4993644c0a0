/** The wire rules as a client meets them: a whole server on loopback, driven by a client that shares no code with it. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startTestServer, type TestServer } from '../support/coffer.ts';
import { readLikeJava } from '../support/java-xml.ts';
import { type SigningClient, type SigningOptions, signingClient } from '../support/signing-client.ts';

const KMS = '2016-01-20';
const PAGE = { PageNumber: '1', PageSize: '10' };
let server: TestServer;
let client: SigningClient;

beforeAll(async () => {
  server = await startTestServer();
  client = signingClient(`http://${server.http}`, server);
});
afterAll(() => server?.close());

const call = (how: SigningOptions = {}) => client.call(KMS, 'ListKeys', PAGE, how);
const ACS3: SigningOptions = { scheme: 'ACS3-HMAC-SHA256' };

describe('accepted', () => {
  const ways: [string, SigningOptions][] = (['V1', 'ACS3-HMAC-SHA256', 'ACS3-HMAC-SM3'] as const).flatMap((scheme) => [
    [`${scheme} GET`, { scheme, method: 'GET' }],
    [`${scheme} POST query`, { scheme }],
    [`${scheme} POST form`, { scheme, place: 'form' }],
    [`${scheme} POST split, as tea encodes`, { scheme, place: 'split', encoding: 'tea' }],
  ]);
  it.each(ways)('%s', async (_, how) => {
    const reply = await call(how);
    expect(reply.json).toMatchObject({ Keys: { Key: [] }, TotalCount: 0 });
    expect(reply.status).toBe(200);
    expect(reply.headers['content-type']).toBe('application/json;charset=utf-8');
    for (const name of ['Code', 'Message', 'Success']) expect(reply.json).not.toHaveProperty(name);
  });

  it('answers in XML, list wrappers included', async () => {
    const reply = await call({ format: 'xml' });
    expect(reply.headers['content-type']).toBe('text/xml;charset=utf-8');
    expect(readLikeJava(reply.body)).toMatchObject({ 'KMS.TotalCount': '0', 'KMS.Keys': '' });
  });
});

describe('refused', () => {
  const stale = new Date(Date.now() - 16 * 60_000);
  it.each<[string, SigningOptions, number, string]>([
    ['a wrong secret', { secret: 'x' }, 400, 'SignatureDoesNotMatch'],
    ['a wrong secret, ACS3', { ...ACS3, secret: 'x' }, 400, 'SignatureDoesNotMatch'],
    ['a stale date', { date: stale }, 400, 'InvalidTimeStamp.Expired'],
    ['a stale date, ACS3', { ...ACS3, date: stale }, 400, 'InvalidTimeStamp.Expired'],
    ['an odd date', { date: 'noon' }, 400, 'InvalidTimeStamp.Format'],
    ['no date', { without: ['Timestamp'] }, 400, 'IllegalTimestamp'],
    ['an unsigned header, ACS3', { ...ACS3, unsigned: ['x-acs-action'] }, 400, 'IncompleteSignature'],
    ['another method of signing', { extra: { SignatureMethod: 'SHA256withRSA' } }, 400, 'InvalidSignatureMethod'],
    ['a broken query', { tamper: (sent) => ({ ...sent, target: `${sent.target}&a=%zz` }) }, 400, 'MalformedRequest'],
    ['another path', { tamper: (sent) => ({ ...sent, target: '/v1/keys' }) }, 404, 'InvalidPath'],
  ])('%s', async (_, how, status, code) => {
    const json = await call(how);
    expect(json).toMatchObject({ status, json: { Code: code, Message: expect.stringMatching(/./) } });
    const xml = await call({ ...how, format: 'XML', headers: { accept: 'text/xml' } });
    expect(xml.headers['content-type']).toBe('text/xml;charset=utf-8');
    expect(readLikeJava(xml.body)).toMatchObject({ 'Error.Code': code });
  });

  it('is logged with the key that was named, and no secret', async () => {
    const info = vi.spyOn(server.server.coffer.log, 'info');
    await call({ secret: 'guessed-secret' });
    const stranger = signingClient(`http://${server.http}`, { accessKeyId: 'LTAI'.repeat(99), accessKeySecret: 'x' });
    await stranger.call(KMS, 'ListKeys');
    const lines = info.mock.calls.map(([fields]) => fields as unknown as Record<string, string>);
    info.mockRestore();
    expect(lines).toMatchObject([
      { code: 'SignatureDoesNotMatch', accessKeyId: server.accessKeyId, ip: '127.0.0.1' },
      { code: 'InvalidAccessKeyId.NotFound', accessKeyId: 'LTAI'.repeat(32) },
    ]);
    expect(JSON.stringify(lines)).not.toMatch(new RegExp(`guessed-secret|${server.accessKeySecret}`));
  });

  it('an unknown key', async () => {
    const stranger = signingClient(`http://${server.http}`, { accessKeyId: 'LTAInobody', accessKeySecret: 'x' });
    expect(await stranger.call(KMS, 'ListKeys')).toMatchObject({
      status: 404,
      json: { Code: 'InvalidAccessKeyId.NotFound' },
    });
  });

  it.each<[string, SigningOptions]>([
    ['V1', { nonce: 'once-v1' }],
    ['V1 without nonce', { without: ['SignatureNonce'] }],
    ['ACS3', { ...ACS3, nonce: 'once-acs3' }],
  ])('a replay, %s', async (_, how) => {
    const fixed = { ...how, date: new Date() };
    expect((await call(fixed)).status).toBe(200);
    expect(await call(fixed)).toMatchObject({ status: 400, json: { Code: 'SignatureNonceUsed' } });
  });

  it('does not let a stranger burn a nonce', async () => {
    expect((await call({ nonce: 'mine', secret: 'x' })).json).toMatchObject({ Code: 'SignatureDoesNotMatch' });
    expect((await call({ nonce: 'mine' })).status).toBe(200);
  });

  it('a wrong signature, with the string to sign after the one colon', async () => {
    const { json } = await call({ secret: 'x' });
    const [head, text, ...more] = String(json?.Message).split(':');
    expect(more).toEqual([]);
    expect(head).toMatch(/server string to sign is$/);
    expect(text).toMatch(/^POST&%2F&AccessKeyId%3D/);
  });
});
