import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseXml, readLikeJava, type XmlElement } from '../../test/support/java-xml.ts';
import { PlainList, type WireObject } from '../core/wire-value.ts';
import { CONTENT_TYPE, encodeError, encodeJson, encodeSuccess, encodeXml, type WireError } from './encode.ts';

const ANSWER: WireObject = {
  TotalCount: 2,
  Open: true,
  Empty: '',
  Keys: {
    Key: [
      { KeyId: 'a', Tags: { Tag: [] } },
      { KeyId: 'b', Tags: { Tag: [{ K: '1', V: '' }] } },
    ],
  },
  VersionStages: { VersionStage: ['ACSCurrent', 'mine'] },
  ClientKeys: new PlainList('ClientKey', [{ ClientKeyId: 'x', Expired: false }]),
  VswitchIds: new PlainList('VswitchId', ['v-1', 'v-2']),
  None: new PlainList('Item', []),
};

describe('content types', () => {
  it('are what clients compare with', () => {
    expect(CONTENT_TYPE).toEqual({ JSON: 'application/json;charset=utf-8', XML: 'text/xml;charset=utf-8' });
  });
});

describe('JSON', () => {
  it('shows wrapped lists wrapped and plain ones bare, the empty ones too', () => {
    expect(JSON.parse(encodeJson(ANSWER))).toEqual({
      ...ANSWER,
      ClientKeys: [{ ClientKeyId: 'x', Expired: false }],
      VswitchIds: ['v-1', 'v-2'],
      None: [],
    });
  });
  it('keeps types: numbers, booleans, texts', () => {
    expect(encodeJson({ a: 1, b: '1', c: false, d: 'false' })).toBe('{"a":1,"b":"1","c":false,"d":"false"}');
  });
  it('puts the request id beside the members', () => {
    expect(JSON.parse(encodeSuccess('JSON', 'KMS', { KeyId: 'k' }, 'r-1'))).toEqual({ KeyId: 'k', RequestId: 'r-1' });
  });
});

describe('XML', () => {
  it('repeats elements, wraps plain lists, keeps empty texts', () => {
    expect(encodeXml('KMS', ANSWER)).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><KMS><TotalCount>2</TotalCount><Open>true</Open><Empty></Empty>' +
        '<Keys><Key><KeyId>a</KeyId><Tags></Tags></Key>' +
        '<Key><KeyId>b</KeyId><Tags><Tag><K>1</K><V></V></Tag></Tags></Key></Keys>' +
        '<VersionStages><VersionStage>ACSCurrent</VersionStage><VersionStage>mine</VersionStage></VersionStages>' +
        '<ClientKeys><ClientKey><ClientKeyId>x</ClientKeyId><Expired>false</Expired></ClientKey></ClientKeys>' +
        '<VswitchIds><VswitchId>v-1</VswitchId><VswitchId>v-2</VswitchId></VswitchIds><None></None></KMS>',
    );
  });

  it('reads in Java as lists and structures', () => {
    expect(readLikeJava(encodeSuccess('XML', 'KMS', ANSWER, 'r-1'))).toMatchObject({
      'KMS.TotalCount': '2',
      'KMS.Empty': '',
      'KMS.Keys.Length': '2',
      'KMS.Keys[0].KeyId': 'a',
      'KMS.Keys[1].KeyId': 'b',
      'KMS.Keys[1].Tags.Length': '1',
      'KMS.Keys[1].Tags[0].K': '1',
      'KMS.VersionStages.Length': '2',
      'KMS.VersionStages[1]': 'mine',
      'KMS.ClientKeys.Length': '1',
      'KMS.ClientKeys[0].ClientKeyId': 'x',
      'KMS.VswitchIds[1]': 'v-2',
      'KMS.RequestId': 'r-1',
    });
  });

  it.each([
    ['&<>"\'', '&<>"\''],
    [']]>', ']]>'],
    [' \t\n\r\n ', ' \t\n\r\n '],
    ['中😀\u0085\u2028', '中😀\u0085\u2028'],
    ['a\u0000b\u0008\u000b\u001fc', 'a\ufffdb\ufffd\ufffd\ufffdc'],
    ['\ufffe\uffff', '\ufffd\ufffd'],
    ['\ud800x\udc00', '\ufffdx\ufffd'],
  ])('writes %j so that a parser reads %j', (text, read) => {
    expect(parseXml(encodeXml('R', { T: text })).children[0]?.text).toBe(read);
  });

  it('makes names out of what is none, and survives null in stored trees', () => {
    const tree = { '1a': 'x', 'acs:SourceIp': 'y', '': 'z', 'a<b': new PlainList('Item', ['w']), N: null } as unknown;
    const names = parseXml(encodeXml('R', tree as WireObject)).children.map((child) => child.name);
    expect(names).toEqual(['_1a', '_acs_SourceIp', '_', '_a_b', 'N']);
  });

  it('carries any tree of texts and lists', () => {
    const name = fc.stringMatching(/^[A-Z][A-Za-z0-9]{0,6}$/);
    const text = fc.string({ unit: 'grapheme' }).filter((value) => parseable(value));
    const { tree } = fc.letrec<{ tree: WireObject; value: WireObject | string | readonly string[] }>((tie) => ({
      tree: fc.dictionary(name, tie('value'), { maxKeys: 4, depthIdentifier: 'tree' }),
      value: fc.oneof({ maxDepth: 3, depthIdentifier: 'tree' }, text, fc.array(text, { maxLength: 3 }), tie('tree')),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        expect(JSON.parse(encodeJson(value))).toEqual({ ...value });
        expect(parseXml(encodeXml('R', value)).children).toEqual(expected(value));
      }),
    );
  });
});

// biome-ignore lint/suspicious/noControlCharactersInRegex: what XML 1.0 cannot carry
const parseable = (text: string): boolean => !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(text);

function expected(tree: WireObject): XmlElement[] {
  const one = (name: string, value: unknown): XmlElement[] => {
    if (Array.isArray(value)) return value.flatMap((item) => one(name, item));
    if (typeof value === 'string') return [{ name, children: [], text: value }];
    return [{ name, children: expected(value as WireObject), text: '' }];
  };
  return Object.entries(tree).flatMap(([name, value]) => one(name, value));
}

describe('errors', () => {
  const error: WireError = {
    requestId: 'r-1',
    hostId: 'kms.cn-hangzhou.aliyuncs.com',
    code: 'Forbidden.KeyNotFound',
    message: 'The specified Key is not found.',
    status: 404,
    recommend: 'docs/reference/errors.md',
    accessDeniedDetail: undefined,
  };
  const members = {
    RequestId: 'r-1',
    HostId: 'kms.cn-hangzhou.aliyuncs.com',
    Code: 'Forbidden.KeyNotFound',
    Message: 'The specified Key is not found.',
    Recommend: 'docs/reference/errors.md',
    HttpStatus: 404,
  };

  it('have their members in JSON', () => expect(JSON.parse(encodeError('JSON', error))).toEqual(members));

  it('have the same in XML, under Error', () => {
    const flat = readLikeJava(encodeError('XML', error));
    expect(flat).toEqual(
      Object.fromEntries(Object.entries(members).map(([name, value]) => [`Error.${name}`, String(value)])),
    );
  });

  it('carry the explanation of a refusal', () => {
    const detail = { AuthAction: 'kms:Encrypt', NoPermissionType: 'ImplicitDeny' };
    const denied = { ...error, accessDeniedDetail: detail };
    expect(JSON.parse(encodeError('JSON', denied))).toMatchObject({ AccessDeniedDetail: detail });
    expect(readLikeJava(encodeError('XML', denied))['Error.AccessDeniedDetail.AuthAction']).toBe('kms:Encrypt');
  });

  it.each(['JSON', 'XML'] as const)('never have an empty Code or Message (%s)', (format) => {
    const text = encodeError(format, { ...error, code: '', message: '' });
    const read = (name: string) =>
      format === 'JSON' ? (JSON.parse(text) as Record<string, string>)[name] : readLikeJava(text)[`Error.${name}`];
    expect(read('Code')).toBe('InternalError');
    expect(read('Message')).not.toBe('');
  });
});
