/** Every operation that names a key, with every form of name, and what callers without permission get to see. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Question } from '../../src/pipeline/ports.ts';
import { ACCOUNT, type Bench, openBench, openSharedBench, REGION } from './support.ts';

/** Other parameters that make the call succeed; the key goes into `parameter`. */
const OPERATIONS: Readonly<
  Record<
    string,
    { parameter?: string; rest?: Readonly<Record<string, string>>; alias?: 'free' | 'other'; ends?: string }
  >
> = {
  DescribeKey: {},
  EnableKey: {},
  DisableKey: {},
  ScheduleKeyDeletion: { rest: { PendingWindowInDays: '7' } },
  CancelKeyDeletion: { ends: 'Rejected.StateModifiedFailed' },
  UpdateKeyDescription: { rest: { Description: 'new' } },
  Encrypt: { rest: { Plaintext: 'x' } },
  GenerateDataKey: {},
  GenerateDataKeyWithoutPlaintext: {},
  CreateAlias: { alias: 'free' },
  UpdateAlias: { alias: 'other' },
  ListAliasesByKeyId: {},
  ListKeyVersions: {},
  DescribeKeyVersion: { rest: { KeyVersionId: 'none' }, ends: 'Forbidden.KeyVersionNotFound' },
  CreateKeyVersion: { ends: 'UnsupportedOperation' },
  ListResourceTags: {},
  TagResource: { rest: { Tags: '[{"TagKey":"a","TagValue":"b"}]' } },
  UntagResource: { rest: { TagKeys: '["a"]' } },
  TagResources: {
    parameter: 'ResourceId.1',
    rest: { RegionId: REGION, ResourceType: 'key', 'Tag.1.Key': 'a', 'Tag.1.Value': 'b' },
  },
  UntagResources: { parameter: 'ResourceId.1', rest: { RegionId: REGION, ResourceType: 'key', All: 'true' } },
  ListTagResources: { parameter: 'ResourceId.1', rest: { RegionId: REGION, ResourceType: 'key' } },
  GetKeyPolicy: {},
};

const arn = (relative: string, region = REGION, account = ACCOUNT) => `acs:kms:${region}:${account}:${relative}`;

let bench: Bench;
beforeAll(async () => {
  bench = await openSharedBench();
});

/** A key of the test's own, with two aliases, and the name of one that is free. */
interface Subject {
  readonly id: string;
  readonly alias: string;
  readonly other: string;
  readonly free: string;
}

let subjects = 0;

async function setUp(): Promise<Subject> {
  const id = await bench.key();
  subjects += 1;
  const [alias, other, free] = [`alias/name/of-it_${subjects}`, `alias/other_${subjects}`, `alias/free_${subjects}`];
  for (const AliasName of [alias, other]) await bench.ok('CreateAlias', { KeyId: id, AliasName });
  return { id, alias, other, free };
}

function parameters(name: string, key: string, { other, free }: Subject): Record<string, string> {
  const { parameter = 'KeyId', rest = {}, alias } = OPERATIONS[name]!;
  const named = alias === undefined ? {} : { AliasName: alias === 'free' ? free : other };
  return { [parameter]: key, ...rest, ...named };
}

const FORMS: readonly (readonly [string, (subject: Subject) => string])[] = [
  ['its id', ({ id }) => id],
  ['an alias', ({ alias }) => alias],
  ['its ARN', ({ id }) => arn(`key/${id}`)],
  ["the alias's ARN", ({ alias }) => arn(alias)],
];

it('covers every operation that takes a key', () => {
  const taking = bench.operations
    .filter(({ input }) => 'KeyId' in input || 'ResourceId' in input)
    .map(({ name }) => name);
  expect(taking.sort()).toEqual(Object.keys(OPERATIONS).sort());
});

describe.each(Object.keys(OPERATIONS))('%s', (name) => {
  it.each(FORMS)('finds a key by %s', async (_, form) => {
    const subject = await setUp();
    const { id } = subject;
    const outcome = await bench.call(name, parameters(name, form(subject), subject));
    expect(outcome.code).toBe(OPERATIONS[name]!.ends);
    const answered = outcome.answer?.KeyId ?? outcome.answer?.KeyMetadata?.KeyId ?? id;
    expect(answered).toBe(id);
  });

  it.each([
    ['an unknown id', (_: Subject) => 'key-hzz60000000unknown000', 'Forbidden.KeyNotFound'],
    ['an unknown alias', () => 'alias/unknown', 'Forbidden.AliasNotFound'],
    [
      'an ARN of another account',
      ({ id }: Subject) => arn(`key/${id}`, REGION, '1999999999999999'),
      'Forbidden.KeyNotFound',
    ],
    ['an ARN of another region', ({ id }: Subject) => arn(`key/${id}`, 'cn-beijing'), 'Forbidden.KeyNotFound'],
    [
      'an alias ARN of another account',
      ({ other }: Subject) => arn(other, REGION, '1999999999999999'),
      'Forbidden.AliasNotFound',
    ],
    [
      'an ARN of another service',
      ({ id }: Subject) => arn(`key/${id}`).replace(':kms:', ':ram:'),
      'Forbidden.KeyNotFound',
    ],
    ['constructor', () => 'constructor', 'Forbidden.KeyNotFound'],
  ])('does not find %s', async (_, form, code) => {
    const subject = await setUp();
    expect(await bench.call(name, parameters(name, form(subject), subject))).toMatchObject({ code, status: 404 });
  });

  it('tells a caller without permission nothing that was not sent', async () => {
    const subject = await setUp();
    const { id } = subject;
    const refuse = () => false;
    const refused = async (key: string) => await bench.call(name, parameters(name, key, subject), refuse);
    const byAlias = await refused(subject.alias);
    expect(byAlias).toMatchObject({ code: 'Forbidden.NoPermission', status: 403 });
    expect(JSON.stringify(byAlias)).not.toContain(id);
    expect(byAlias).toEqual(await refused('alias/unknown'));
    const byId = await refused(id);
    const unknown = await refused('key-hzz60000000unknown000');
    expect(JSON.parse(JSON.stringify(byId).replaceAll(id, 'KEY'))).toEqual(
      JSON.parse(JSON.stringify(unknown).replaceAll('key-hzz60000000unknown000', 'KEY')),
    );
  });

  it('asks for the permission on the key itself, however it was named', async () => {
    const subject = await setUp();
    for (const [, form] of FORMS) {
      const asked: string[] = [];
      const rule = ({ resources }: Question) => {
        asked.push(...resources);
        return true;
      };
      await bench.call(name, parameters(name, form(subject), subject), rule);
      expect(asked).toContain(arn(`key/${subject.id}`));
      expect(asked.filter((resource) => resource.includes(subject.alias))).toEqual([]);
    }
  });
});

describe('a ciphertext', () => {
  it('tells a caller without permission nothing about its key', async () => {
    const { id } = await setUp();
    const CiphertextBlob = (await bench.ok('Encrypt', { KeyId: id, Plaintext: 'x' })).CiphertextBlob as string;
    const bytes = Buffer.from(CiphertextBlob, 'base64');
    bytes.write('00000000-0000-4000-8000-000000000000', 0, 'latin1');
    const unknown = bytes.toString('base64');
    const refuse = () => false;
    const known = await bench.call('Decrypt', { CiphertextBlob }, refuse);
    expect(known).toMatchObject({ code: 'Forbidden.NoPermission' });
    expect(JSON.stringify(known)).not.toContain(id);
    expect(await bench.call('Decrypt', { CiphertextBlob: unknown }, refuse)).toEqual(known);
    await bench.ok('DisableKey', { KeyId: id });
    expect(await bench.call('Decrypt', { CiphertextBlob }, refuse)).toEqual(known);
  });
});

describe('aliases', () => {
  it('need their own permission and the one on the key', async () => {
    const { id, other, free } = await setUp();
    const only =
      (part: string) =>
      ({ resources }: Question) =>
        resources[0]!.includes(part);
    const calls = [
      ['CreateAlias', { KeyId: id, AliasName: free }],
      ['UpdateAlias', { KeyId: id, AliasName: other }],
      ['DeleteAlias', { AliasName: other }],
    ] as const;
    for (const [name, sent] of calls) {
      expect((await bench.call(name, sent, only(':alias/'))).code).toBe('Forbidden.NoPermission');
      expect((await bench.call(name, sent, only(':key/'))).code).toBe('Forbidden.NoPermission');
      expect((await bench.call(name, sent)).code).toBeUndefined();
    }
  });

  it('move from key to key, and go', async () => {
    const { id, other } = await setUp();
    const before = (await bench.ok('ListAliases')).TotalCount as number;
    const second = await bench.key();
    await bench.ok('UpdateAlias', { AliasName: other, KeyId: second });
    const names = async (KeyId: string) =>
      ((await bench.ok('ListAliasesByKeyId', { KeyId })).Aliases as { Alias: { AliasName: string }[] }).Alias;
    expect(await names(second)).toEqual([{ AliasName: other, AliasArn: arn(other), KeyId: second }]);
    expect(await names(id)).toHaveLength(1);
    expect(await bench.call('CreateAlias', { AliasName: other, KeyId: id })).toMatchObject({
      code: 'AliasAlreadyExists',
      status: 400,
    });
    await bench.ok('DeleteAlias', { AliasName: other });
    expect((await bench.call('DeleteAlias', { AliasName: other })).code).toBe('Forbidden.AliasNotFound');
    expect((await bench.ok('ListAliases')).TotalCount).toBe(before - 1);
  });

  it.each(['name', 'alias/', 'alias/acs/x', 'alias/a b', 'alias/ü', `alias/${'x'.repeat(256)}`, 'Alias/x'])(
    'cannot be called %s',
    async (AliasName) => {
      const { id } = await setUp();
      for (const name of ['CreateAlias', 'UpdateAlias', 'DeleteAlias']) {
        const outcome = await bench.call(name, { AliasName, KeyId: id });
        expect(outcome).toMatchObject({ code: 'InvalidParameter', message: expect.stringContaining('AliasName') });
      }
    },
  );

  it('keep to the quota', async () => {
    const small = await openBench(undefined, { aliases: 1 });
    const KeyId = await small.key();
    await small.ok('CreateAlias', { KeyId, AliasName: 'alias/a' });
    expect((await small.call('CreateAlias', { KeyId, AliasName: 'alias/b' })).code).toBe('Rejected.LimitExceeded');
  });
});

describe('tags of a key as condition keys', () => {
  it('take part in decisions, also when the key is named by an alias', async () => {
    const { id, alias } = await setUp();
    await bench.ok('TagResource', { KeyId: id, Tags: '[{"TagKey":"Project","TagValue":"Apollo"}]' });
    const apollo = ({ stored }: Question) =>
      stored?.get('kms:tag/Project') === 'Apollo' && stored?.get('acs:ResourceTag/Project') === 'Apollo';
    for (const KeyId of [id, alias]) {
      expect((await bench.call('Encrypt', { KeyId, Plaintext: 'x' }, apollo)).code).toBeUndefined();
    }
    await bench.ok('UntagResource', { KeyId: id, TagKeys: '["Project"]' });
    expect((await bench.call('Encrypt', { KeyId: id, Plaintext: 'x' }, apollo)).code).toBe('Forbidden.NoPermission');
  });

  it('are not in the refusal', async () => {
    const { id } = await setUp();
    await bench.ok('TagResource', { KeyId: id, Tags: '[{"TagKey":"Project","TagValue":"Apollo"}]' });
    const refused = await bench.call('Encrypt', { KeyId: id, Plaintext: 'x' }, () => false);
    expect(refused.detail).toMatchObject({ AuthAction: 'kms:Encrypt', Explanation: '[]' });
  });
});
