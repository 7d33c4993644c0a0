import { describe, expect, it } from 'vitest';
import { MalformedPolicy, parsePolicy, principalsOf } from '../../src/policy/document.ts';
import type { PolicyKind } from '../../src/policy/types.ts';

function parse(statement: object, kind: PolicyKind = 'identity', account?: string) {
  const text = JSON.stringify({ Version: '1', Statement: [statement] });
  return parsePolicy(text, kind, account === undefined ? {} : { account }).statements[0]!;
}

const ALLOW = { Effect: 'Allow', Action: 'kms:Decrypt', Resource: '*' };
const TRUST = { Effect: 'Allow', Action: 'sts:AssumeRole' };

describe('accepted', () => {
  it('bare numbers and booleans in conditions, kept as they are written', () => {
    const text = `{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":
      {"NumericLessThan":{"a:b":[10, 1.50, "7"]},"Bool":{"acs:MFAPresent":true}}}]}`;
    expect(parsePolicy(text, 'identity').statements[0]!.conditions.map(({ values }) => values)).toEqual([
      ['10', '1.50', '7'],
      ['true'],
    ]);
  });

  it.each([
    ['a Sid of 64 characters', { ...ALLOW, Sid: 's'.repeat(64) }, 'identity'],
    ['an empty Condition', { ...ALLOW, Condition: {} }, 'identity'],
    ['NotAction', { Effect: 'Deny', NotAction: ['ram:*', 'ims:*'], Resource: '*' }, 'control'],
    ['a trust policy without Resource', { ...TRUST, Principal: { Service: 'ecs.aliyuncs.com' } }, 'trust'],
    [
      'a trust action in any case',
      { ...TRUST, Action: 'STS:assumerole', Principal: { RAM: 'acs:ram::1:root' } },
      'trust',
    ],
    ["a key policy's default principal", { ...ALLOW, Principal: { RAM: 'acs:ram::1:*' } }, 'key'],
    [
      'an operator without case ambiguity',
      { ...ALLOW, Condition: { 'ForAnyValue:NotIpAddress': { k: '10.1.2.3/8' } } },
      'session',
    ],
  ] as const)('%s', (_, statement, kind) => {
    expect(parse(statement, kind)).toMatchObject({ effect: statement.Effect });
  });

  it('a condition key that is the name of an object member', () => {
    expect(parse({ ...ALLOW, Condition: { StringEquals: { constructor: 'x' } } }).conditions).toMatchObject([
      { key: 'constructor', values: ['x'] },
    ]);
  });
});

describe('refused', () => {
  it.each([
    ['a Sid of 65 characters', { ...ALLOW, Sid: 's'.repeat(65) }, 'identity', 'Statement[0].Sid'],
    ['an operator without keys', { ...ALLOW, Condition: { Bool: {} } }, 'identity', 'Statement[0].Condition.Bool'],
    [
      'an empty list of values',
      { ...ALLOW, Condition: { Bool: { k: [] } } },
      'identity',
      'Statement[0].Condition.Bool.k',
    ],
    [
      'null as a value',
      { ...ALLOW, Condition: { StringEquals: { k: null } } },
      'identity',
      'Statement[0].Condition.StringEquals.k',
    ],
    ['an empty key', { ...ALLOW, Condition: { Bool: { '': 'true' } } }, 'identity', 'Statement[0].Condition.Bool'],
    ['a number as action', { ...ALLOW, Action: 1 }, 'identity', 'Statement[0].Action'],
    ['an action without name', { ...ALLOW, Action: 'kms:' }, 'identity', 'Statement[0].Action'],
    [
      'an unknown set prefix',
      { ...ALLOW, Condition: { 'ForSomeValues:Bool': { k: 'true' } } },
      'identity',
      'Statement[0].Condition.ForSomeValues:Bool',
    ],
    [
      'two set prefixes',
      { ...ALLOW, Condition: { 'ForAnyValue:ForAllValues:Bool': { k: 'true' } } },
      'identity',
      'Statement[0].Condition.ForAnyValue:ForAllValues:Bool',
    ],
    [
      'an operator named after an object member',
      { ...ALLOW, Condition: { constructor: { k: 'x' } } },
      'identity',
      'Statement[0].Condition.constructor',
    ],
    [
      'NotAction in a trust policy',
      { Effect: 'Deny', NotAction: 'sts:AssumeRole', Principal: { RAM: 'acs:ram::1:root' } },
      'trust',
      'Statement[0].NotAction',
    ],
    ['Principal as a text', { ...TRUST, Principal: '*' }, 'trust', 'Statement[0].Principal'],
    ['an empty Principal', { ...TRUST, Principal: {} }, 'trust', 'Statement[0].Principal'],
    ['everybody', { ...TRUST, Principal: { RAM: '*' } }, 'trust', 'Statement[0].Principal.RAM'],
    ['a wildcard user', { ...TRUST, Principal: { RAM: 'acs:ram::1:user/*' } }, 'trust', 'Statement[0].Principal.RAM'],
    [
      'the wildcard of key policies',
      { ...TRUST, Principal: { RAM: ['acs:ram::1:*'] } },
      'trust',
      'Statement[0].Principal.RAM',
    ],
    [
      'a service without a domain',
      { ...TRUST, Principal: { Service: 'ecs' } },
      'trust',
      'Statement[0].Principal.Service',
    ],
    [
      'a role as identity provider',
      { ...TRUST, Principal: { Federated: 'acs:ram::1:role/x' } },
      'trust',
      'Statement[0].Principal.Federated',
    ],
  ] as const)('%s', (_, statement, kind, path) => {
    const attempt = (): unknown => parse(statement, kind);
    expect(attempt).toThrow(MalformedPolicy);
    expect(attempt).toThrow(expect.objectContaining({ path }));
  });

  it('a role of another account in a key policy, once the own account is known', () => {
    const naming = (arn: string) => () => parse({ ...ALLOW, Principal: { RAM: arn } }, 'key', '1');
    expect(naming('acs:ram::2:role/x')).toThrow(
      'Statement[0].Principal.RAM: of another account only users may be named',
    );
    expect(naming('acs:ram::2:root')).toThrow(MalformedPolicy);
    expect(naming('acs:ram::2:user/x')).not.toThrow();
    expect(naming('acs:ram::1:role/x')).not.toThrow();
  });

  it.each([
    [
      '{"Version":"1","Statement":[}',
      'The policy document: it is not valid JSON (unexpected `}` at line 1, column 29).',
    ],
    ['{\n"Version":"1",\n}', 'The policy document: it is not valid JSON (unexpected `}` at line 3, column 1).'],
    ['', 'The policy document: it is not valid JSON (unexpected end of text at line 1, column 1).'],
    ['"policy"', 'The policy document: an object is expected here.'],
    [`${'['.repeat(5000)}`, 'The policy document: it is nested more than 16 levels deep.'],
    ['{"Version":"1","Id":"x"}', 'Id: no such member; allowed are Version, Statement.'],
  ])('what is no document: %.40s', (text, message) => {
    expect(() => parsePolicy(text, 'identity')).toThrow(message);
  });

  it('an operator in the wrong case, with the right one named', () => {
    expect(() => parse({ ...ALLOW, Condition: { stringlike: { k: 'x' } } })).toThrow(
      'Statement[0].Condition.stringlike: no such operator; did you mean StringLike.',
    );
  });
});

it('lists the principals whose existence is to be checked', () => {
  const Principal = {
    RAM: ['acs:ram::1:user/alice', 'acs:ram::2:role/Ops', 'acs:ram::3:root'],
    Service: 'ecs.aliyuncs.com',
  };
  const text = JSON.stringify({ Version: '1', Statement: [{ ...TRUST, Principal }] });
  expect(principalsOf(parsePolicy(text, 'trust'))).toEqual([
    { entity: 'RAM', text: 'acs:ram::1:user/alice', account: '1', type: 'user', name: 'alice' },
    { entity: 'RAM', text: 'acs:ram::2:role/Ops', account: '2', type: 'role', name: 'Ops' },
    { entity: 'RAM', text: 'acs:ram::3:root', account: '3', type: 'root', name: '' },
  ]);
});
