/** Long because it is mostly two tables: the shapes clients send, and every refusal. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Identity,
  type SignedRequest,
  type SigningOptions,
  signRequest,
} from '../../test/support/signing-client.ts';
import { Secret } from '../core/secret.ts';
import { ERRORS } from '../errors/table.ts';
import { decodeRequest, formatOf, type RawRequest } from './request.ts';
import { verifySignature } from './verify.ts';
import { WIRE_FAULT_CODES } from './wire-fault.ts';

const WHO: Identity = { accessKeyId: 'LTAI5tExampleKeyId0001', accessKeySecret: 'ExampleSecretExampleSecret0001' };
const STS: Identity = { ...WHO, accessKeyId: 'STS.ExampleKeyId0001', securityToken: 'CAISExample+Token/==' };
const HOST = '127.0.0.1:18080';
const KMS = '2016-01-20';
const VALUES = {
  KeyId: 'alias/test key*~',
  Plaintext: 'SGVsbG8gd29ybGQ=',
  EncryptionContext: `{"Example":"Exa mple+/!'()*~中"}`,
  'Tag.1.Key': 'env',
  'Tag.1.Value': '',
};
const SCHEMES = ['V1', 'ACS3-HMAC-SHA256', 'ACS3-HMAC-SM3'] as const;
const ACS3: SigningOptions = { scheme: 'ACS3-HMAC-SHA256' };

const signed = (how: SigningOptions = {}, who = WHO): SignedRequest =>
  signRequest(who, HOST, KMS, 'Encrypt', VALUES, how);

function outcome(raw: RawRequest, secret = WHO.accessKeySecret): string {
  const decoded = decodeRequest(raw);
  if (decoded.refused) return decoded.code;
  return verifySignature(decoded, raw, Secret.ofText(secret)).ok ? 'ok' : 'SignatureDoesNotMatch';
}

function decoded(raw: RawRequest) {
  const request = decodeRequest(raw);
  if (request.refused) throw new Error(`${request.code} ${JSON.stringify(request.params)}`);
  return request;
}

const withHeaders = (raw: SignedRequest, headers: Record<string, string | undefined>): RawRequest => ({
  ...raw,
  headers: { ...raw.headers, ...headers },
});

const reauthorized = (raw: SignedRequest, change: (authorization: string) => string): RawRequest =>
  withHeaders(raw, { authorization: change(raw.headers.authorization!) });

describe('what clients send', () => {
  const shapes: [string, SigningOptions, Identity?][] = SCHEMES.flatMap((scheme) =>
    (['GET', 'POST'] as const).flatMap((method) =>
      (['query', 'form', 'split'] as const).flatMap((place) =>
        (['canonical', 'go', 'tea'] as const).map((encoding): [string, SigningOptions] => [
          `${scheme} ${method} ${place} ${encoding}`,
          { scheme, method, place, encoding },
        ]),
      ),
    ),
  );
  shapes.push(
    [
      'Go v1',
      {
        encoding: 'go',
        extra: { SignatureType: '', RegionId: 'cn-hangzhou' },
        headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-acs-action': 'Encrypt' },
      },
    ],
    [
      'Python v1',
      { extra: { SignatureType: '', RegionId: 'cn-hangzhou' }, headers: { accept: '*/*', 'x-acs-version': KMS } },
    ],
    [
      'tea-rpc',
      { place: 'form', format: 'json', encoding: 'tea', extra: { SourceIp: '10.0.0.1', SecureTransport: 'true' } },
    ],
    ['pop-core POST', { place: 'form', common: 'form', headers: { 'x-acs-action': 'encrypt' } }],
    ['V1 with STS', {}, STS],
    ['ACS3 with STS', ACS3, STS],
    ['V1 with an empty JSON body', { headers: { 'content-type': 'application/json' } }],
    ['ACS3 on retry', { ...ACS3, headers: { 'x-acs-retry-attempts': '1', 'x-acs-credentials-provider': 'static_ak' } }],
  );

  it.each(shapes)('%s', (_, how, who = WHO) => {
    const raw = signed(how, who);
    expect(outcome(raw)).toBe('ok');
    const request = decoded(raw);
    expect(request).toMatchObject({ action: 'Encrypt', version: KMS, format: 'JSON' });
    expect(request.credential).toMatchObject({ accessKeyId: who.accessKeyId, securityToken: who.securityToken });
    for (const [name, value] of Object.entries(VALUES)) expect(request.parameters.get(name)).toBe(value);
    expect(request.parameters.has('Signature')).toBe(false);
    expect(outcome(raw, 'another secret')).toBe('SignatureDoesNotMatch');
  });

  it('takes any order and blanks in Authorization', () => {
    const turned = (text: string) =>
      text.replace(/^(\S+) (Credential=[^,]+),(SignedHeaders=[^,]+),(Signature=.+)$/, '$1 $2, $4 ,  $3');
    expect(outcome(reauthorized(signed(ACS3), turned))).toBe('ok');
    expect(turned(signed(ACS3).headers.authorization!)).toContain(' ,  SignedHeaders=');
  });

  it('takes the host of HTTP/2', () => {
    const raw = signed(ACS3);
    const { host, ...rest } = raw.headers;
    expect(outcome({ ...raw, headers: { ...rest, ':authority': host } })).toBe('ok');
    expect(outcome({ ...raw, headers: { ...rest, ':authority': 'elsewhere' } })).toBe('SignatureDoesNotMatch');
  });

  it('takes an absolute target and an empty path by its query', () => {
    const raw = signed();
    expect(outcome({ ...raw, target: `http://${HOST}${raw.target}` })).toBe('ok');
    expect(outcome({ ...raw, target: raw.target.slice(1) })).toBe('ok');
  });

  it('reads the members of an ACS3 JSON body as parameters', () => {
    const text = '{"KeyId":"k","Number":7,"Flag":true,"Nothing":null,"Tags":[{"TagKey":"a"}],"Context":{"b":"c"}}';
    const { parameters } = decoded(
      signed({ ...ACS3, body: { type: 'application/json; charset=utf-8', text }, place: 'form' }),
    );
    expect(Object.fromEntries(parameters.entries())).toEqual({
      KeyId: 'k',
      Number: '7',
      Flag: 'true',
      Tags: '[{"TagKey":"a"}]',
      Context: '{"b":"c"}',
    });
  });

  it.each(['[1]', '"x"', '{', '', '{"N":12345678901234567890}', '{"a":{"N":9007199254740993}}'])(
    'does not guess what an ACS3 JSON body %j means',
    (text) => {
      const raw = signed({ ...ACS3, body: { type: 'application/json', text } });
      expect(outcome(raw)).toBe(text === '' ? 'ok' : 'MalformedRequest');
    },
  );

  it('never takes parameters from a body that V1 does not sign', () => {
    const raw = {
      ...signed({ headers: { 'content-type': 'application/json' } }),
      body: Buffer.from('{"DryRun":"true"}'),
    };
    expect(outcome(raw)).toBe('ok');
    expect(decoded(raw).parameters.has('DryRun')).toBe(false);
  });
});

describe('format', () => {
  const bare = (target: string, accept?: string, body = ''): RawRequest => ({
    method: 'POST',
    target,
    headers: { accept },
    body: Buffer.from(body),
  });
  it.each([
    ['XML', undefined, 'XML'],
    ['xml', 'application/json', 'XML'],
    ['json', 'text/xml', 'JSON'],
    ['', 'application/xml', 'XML'],
    ['raw', undefined, 'JSON'],
    ['', 'application/json, text/xml', 'JSON'],
    ['', '*/*', 'JSON'],
    ['', undefined, 'JSON'],
  ])('Format %j, Accept %j: %s', (named, accept, format) => {
    const headers = accept === undefined ? {} : { accept };
    expect(decoded(signed({ format: named, headers })).format).toBe(format);
  });
  it.each([
    [bare('/?Format=XML&a=%zz'), 'XML'],
    [bare('/?a=1&Format=xml'), 'XML'],
    [bare('/', undefined, 'a=%zz&Format=XML'), 'XML'],
    [bare('/?NoFormat=XML'), 'JSON'],
    [bare('/?a=%zz', 'text/xml'), 'XML'],
  ])('is found in a request that cannot be decoded (%#)', (raw, format) => {
    expect(decodeRequest(raw).refused).toBe(true);
    expect(formatOf(raw)).toBe(format);
  });
});

describe('refusals', () => {
  const plain = signed();
  const acs3 = signed(ACS3);
  const sts = signed(ACS3, STS);
  const without = (...names: string[]): SigningOptions => ({ ...ACS3, without: names });
  const list = (change: (names: string) => string): RawRequest =>
    reauthorized(acs3, (text) =>
      text.replace(/SignedHeaders=([^,]+)/, (_, names: string) => `SignedHeaders=${change(names)}`),
    );

  const cases: [string, RawRequest, string][] = [
    ['another path', { ...plain, target: plain.target.replace('/?', '/v1?') }, 'InvalidPath'],
    ['a doubled slash', { ...plain, target: `/${plain.target}` }, 'InvalidPath'],
    ['an absolute target with a path', { ...plain, target: `http://${HOST}/x` }, 'InvalidPath'],
    ['PUT', { ...plain, method: 'PUT' }, 'UnsupportedHTTPMethod'],
    ['a method in lower case', { ...plain, method: 'post' }, 'UnsupportedHTTPMethod'],
    ['broken encoding', { ...plain, target: `${plain.target}&a=%` }, 'MalformedRequest'],
    ['a form that is not UTF-8', { ...plain, body: Buffer.from([0x61, 0x3d, 0xff]) }, 'MalformedRequest'],
    ['too many parameters', { ...plain, body: Buffer.from('a=1&'.repeat(2000)) }, 'MalformedRequest'],
    [
      'too many parameters over query and form',
      { ...plain, target: `${plain.target}${'&a'.repeat(600)}`, body: Buffer.from('b&'.repeat(600)) },
      'MalformedRequest',
    ],
    ['the same name with two values', { ...plain, body: Buffer.from('KeyId=other') }, 'DuplicateParameter'],
    ['two signatures', { ...plain, body: Buffer.from('Signature=other') }, 'DuplicateParameter'],
    ['no operation (V1)', signed({ without: ['Action'] }), 'MissingAction'],
    ['no version (V1)', signed({ without: ['Version'] }), 'MissingVersion'],
    [
      'an operation in the header only (V1)',
      signed({ without: ['Action'], headers: { 'x-acs-action': 'Encrypt' } }),
      'MissingAction',
    ],
    ['no key id (V1)', signed({ without: ['AccessKeyId'] }), 'MissingAccessKeyId'],
    ['nothing signed', { ...plain, target: '/?Action=ListKeys' }, 'MissingAccessKeyId'],
    ['a key id without signature', { ...plain, target: '/?AccessKeyId=x' }, 'IncompleteSignature'],
    ['RSA key pairs', signed({ extra: { SignatureMethod: 'SHA256withRSA' } }), 'InvalidSignatureMethod'],
    ['PRIVATEKEY', signed({ extra: { SignatureType: 'PRIVATEKEY' } }), 'InvalidSignatureMethod'],
    ['BEARERTOKEN', signed({ extra: { SignatureType: 'BEARERTOKEN' } }), 'InvalidSignatureMethod'],
    ['another signature version', signed({ extra: { SignatureVersion: '2.0' } }), 'InvalidSignatureMethod'],
    ['a bearer header', { ...plain, target: '/', headers: { authorization: 'Bearer x' } }, 'InvalidSignatureMethod'],
    [
      'an ACS3 bearer header',
      { ...plain, target: '/', headers: { 'x-acs-bearer-token': 'x' } },
      'InvalidSignatureMethod',
    ],
    ...['ACS3-RSA-SHA256', 'ACS4-HMAC-SHA256', 'ACS4-HMAC-SM3', 'ACS3-HMAC-SHA1'].map(
      (word): [string, RawRequest, string] => [
        word,
        reauthorized(acs3, (text) => text.replace('ACS3-HMAC-SHA256', word)),
        'InvalidSignatureMethod',
      ],
    ),
    ['a scheme word alone', reauthorized(acs3, () => 'ACS3-HMAC-SHA256'), 'IncompleteSignature'],
    ...['Credential', 'SignedHeaders', 'Signature'].flatMap((field): [string, RawRequest, string][] => [
      [`no ${field}`, reauthorized(acs3, (text) => text.replace(`${field}=`, 'Other=')), 'IncompleteSignature'],
      [
        `an empty ${field}`,
        reauthorized(acs3, (text) => text.replace(new RegExp(`${field}=[^,]+`), `${field}=`)),
        'IncompleteSignature',
      ],
      [`${field} twice`, reauthorized(acs3, (text) => `${text},${field}=x`), 'IncompleteSignature'],
    ]),
    ['no operation (ACS3)', signed(without('x-acs-action')), 'MissingAction'],
    ['no version (ACS3)', signed(without('x-acs-version')), 'MissingVersion'],
    ['no date (ACS3)', signed(without('x-acs-date')), 'IllegalTimestamp'],
    ['no host (ACS3)', signed(without('host')), 'IncompleteSignature'],
    ['no nonce (ACS3)', signed(without('x-acs-signature-nonce')), 'IncompleteSignature'],
    ['an empty nonce (ACS3)', signed({ ...ACS3, nonce: '' }), 'IncompleteSignature'],
    ['no body hash (ACS3)', signed(without('x-acs-content-sha256')), 'IncompleteSignature'],
    ...['host', 'x-acs-action', 'x-acs-version', 'x-acs-date', 'x-acs-signature-nonce', 'x-acs-content-sha256'].map(
      (name): [string, RawRequest, string] => [
        `${name} unsigned`,
        signed({ ...ACS3, unsigned: [name] }),
        'IncompleteSignature',
      ],
    ),
    ['an unsigned token', signed({ ...ACS3, unsigned: ['x-acs-security-token'] }, STS), 'IncompleteSignature'],
    ['a token added', withHeaders(acs3, { 'x-acs-security-token': 'x' }), 'IncompleteSignature'],
    ['an unsigned content type', signed({ ...ACS3, place: 'form', unsigned: ['content-type'] }), 'IncompleteSignature'],
    ['a signed header lost', withHeaders(sts, { 'x-acs-accesskey-id': undefined }), 'IncompleteSignature'],
    ['a header listed twice', list((names) => `${names};host`), 'IncompleteSignature'],
    ['names of prototypes listed', list((names) => `${names};constructor;__proto__;toString`), 'IncompleteSignature'],
    ['names in upper case', list((names) => names.toUpperCase()), 'IncompleteSignature'],
    [
      'a hash header that lies about the body',
      signed({ ...ACS3, headers: { 'x-acs-content-sha256': '0'.repeat(64) } }),
      'SignatureDoesNotMatch',
    ],
    [
      'a body whose hash is not the one signed',
      { ...acs3, body: Buffer.from('KeyId=alias%2Ftest%20key*~') },
      'SignatureDoesNotMatch',
    ],
    [
      'a replaced body',
      { ...signed({ ...ACS3, place: 'form' }), body: Buffer.from('KeyId=other') },
      'SignatureDoesNotMatch',
    ],
    [
      'another content type',
      withHeaders(signed({ ...ACS3, place: 'form' }), { 'content-type': 'text/plain' }),
      'SignatureDoesNotMatch',
    ],
    ['another host', withHeaders(acs3, { host: 'elsewhere' }), 'SignatureDoesNotMatch'],
    [
      'a signature in upper case',
      reauthorized(acs3, (text) => text.replace(/[0-9a-f]+$/, (hex) => hex.toUpperCase())),
      'SignatureDoesNotMatch',
    ],
    ['another secret', signed({ secret: 'other' }), 'SignatureDoesNotMatch'],
  ];

  it.each(cases)('%s', (_, raw, code) => expect(outcome(raw)).toBe(code));

  it('names nothing the error table lacks', () => {
    for (const code of WIRE_FAULT_CODES) expect(Object.hasOwn(ERRORS, code), code).toBe(true);
  });

  it('shows the string it would have signed, without a colon of its own', () => {
    for (const scheme of SCHEMES) {
      const raw = signed({ scheme, place: 'split', secret: 'other' });
      const verified = verifySignature(decoded(raw), raw, Secret.ofText(WHO.accessKeySecret));
      expect(verified.ok).toBe(false);
      const text = verified.ok ? '' : verified.stringToSign;
      expect(text).toMatch(scheme === 'V1' ? /^POST&%2F&\S+$/ : new RegExp(`^${scheme}\n[0-9a-f]{64}$`));
      expect(text).not.toContain(':');
      const message = ERRORS.SignatureDoesNotMatch.message.replace('{stringToSign}', text);
      expect(message.split(':')).toEqual([expect.stringMatching(/server string to sign is$/), text]);
    }
  });
});

describe('any request', () => {
  const value = fc.string({ unit: 'binary', maxLength: 20 }).map((text) => text.toWellFormed());
  const values = fc.dictionary(
    fc.string({ unit: fc.constantFrom('A', 'b', '.', '1', '中', '&', '=', ' ', '+'), minLength: 1, maxLength: 6 }),
    value,
    { maxKeys: 8 },
  );
  const how = fc.record({
    scheme: fc.constantFrom(...SCHEMES),
    method: fc.constantFrom('GET' as const, 'POST' as const),
    place: fc.constantFrom('query' as const, 'form' as const, 'split' as const),
    encoding: fc.constantFrom('canonical' as const, 'go' as const, 'tea' as const),
  });

  it('is read as it was meant, and verified', () => {
    fc.assert(
      fc.property(values, how, (params, options) => {
        const raw = signRequest(WHO, HOST, KMS, 'Encrypt', params, options);
        expect(outcome(raw)).toBe('ok');
        const { parameters } = decoded(raw);
        for (const [name, text] of Object.entries(params)) expect(parameters.get(name)).toBe(text);
      }),
      { numRuns: 200 },
    );
  });

  it('is refused when one character of its target or body is another', () => {
    const position = fc.nat(10_000);
    fc.assert(
      fc.property(how, position, fc.constantFrom('A', '0', '%', '&', '=', '.'), (options, at, character) => {
        const raw = signed({ ...options, date: '2024-01-02T03:04:05Z', nonce: 'fixed' });
        const before = JSON.stringify([...decoded(raw).parameters.entries()].sort());
        const body = Buffer.from(raw.body).toString('latin1');
        const put = (text: string): string => {
          const place = at % text.length;
          return text.slice(0, place) + character + text.slice(place + 1);
        };
        const changed =
          body !== '' && at % 2 === 0
            ? { ...raw, body: Buffer.from(put(body), 'latin1') }
            : { ...raw, target: put(raw.target) };
        if (outcome(changed) !== 'ok') return;
        // What still verifies must mean the same: another spelling of the same parameters.
        expect(JSON.stringify([...decoded(changed).parameters.entries()].sort())).toBe(before);
      }),
      { numRuns: 500 },
    );
  });

  it('gets a refusal, never an exception, whatever it is', () => {
    const noise = fc.string({
      unit: fc.constantFrom(
        '%',
        '&',
        '=',
        '+',
        'a',
        'E4',
        '%2',
        '中',
        '\0',
        ';',
        ',',
        ' ',
        '{',
        '"',
        'Signature=',
        'AccessKeyId=',
        'Action=',
        'Version=',
        'SignatureType=',
      ),
      maxLength: 30,
    });
    const headers = fc.record(
      {
        host: noise,
        authorization: fc.oneof(
          noise,
          noise.map((text) => `ACS3-HMAC-SHA256 Credential=a,SignedHeaders=${text},Signature=b`),
        ),
        'content-type': fc.constantFrom(
          'application/x-www-form-urlencoded',
          'application/json',
          'multipart/form-data',
          ';',
          '',
        ),
        accept: noise,
        'x-acs-action': noise,
        'x-acs-version': noise,
        'x-acs-date': noise,
        'x-acs-signature-nonce': noise,
        'x-acs-content-sha256': noise,
      },
      { requiredKeys: [] },
    );
    const body = fc.oneof(
      noise.map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 30 }),
    );
    const target = fc.oneof(
      noise,
      noise.map((text) => `/?${text}`),
    );
    fc.assert(
      fc.property(fc.constantFrom('GET', 'POST', 'PUT', ''), target, headers, body, (method, path, sent, bytes) => {
        const raw: RawRequest = { method, target: path, headers: sent as Record<string, string>, body: bytes };
        const result = outcome(raw);
        expect([...WIRE_FAULT_CODES, 'SignatureDoesNotMatch']).toContain(result);
        expect(['JSON', 'XML']).toContain(formatOf(raw));
      }),
      { numRuns: 1000 },
    );
  });
});
