/** Every operation that names a key, with every form of name, and what callers without permission get to see. */
import { describe, expect, it } from 'vitest';
import type { Question } from '../../src/pipeline/ports.ts';
import { ACCOUNT, type Bench, openBench, REGION } from './support.ts';

/** Other parameters that make the call succeed; the key goes into `parameter`. */
const OPERATIONS: Readonly<
  Record<string, { parameter?: string; rest?: Readonly<Record<string, string>>; ends?: string }>
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
  CreateAlias: { rest: { AliasName: 'alias/more' } },
  UpdateAlias: { rest: { AliasName: 'alias/other' } },
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

async function setUp(): Promise<{ bench: Bench; id: string }> {
  const bench = await openBench();
  const id = await bench.key();
  await bench.ok('CreateAlias', { KeyId: id, AliasName: 'alias/name/of-it_1' });
  await bench.ok('CreateAlias', { KeyId: id, AliasName: 'alias/other' });
  return { bench, id };
}

function parameters(name: string, key: string): Record<string, string> {
  const { parameter = 'KeyId', rest = {} } = OPERATIONS[name]!;
  return { [parameter]: key, ...rest };
}

const FORMS: readonly (readonly [string, (id: string) => string])[] = [
  ['its id', (id) => id],
  ['an alias', () => 'alias/name/of-it_1'],
  ['its ARN', (id) => arn(`key/${id}`)],
  ["the alias's ARN", () => arn('alias/name/of-it_1')],
];

it('covers every operation that takes a key', async () => {
  const { bench } = await setUp();
  const taking = bench.operations
    .filter(({ input }) => 'KeyId' in input || 'ResourceId' in input)
    .map(({ name }) => name);
  expect(taking.sort()).toEqual(Object.keys(OPERATIONS).sort());
});

describe.each(Object.keys(OPERATIONS))('%s', (name) => {
  it.each(FORMS)('finds a key by %s', async (_, form) => {
    const { bench, id } = await setUp();
    const outcome = await bench.call(name, parameters(name, form(id)));
    expect(outcome.code).toBe(OPERATIONS[name]!.ends);
    const answered = outcome.answer?.KeyId ?? outcome.answer?.KeyMetadata?.KeyId ?? id;
    expect(answered).toBe(id);
  });

  it.each([
    ['an unknown id', () => 'key-hzz60000000unknown000', 'Forbidden.KeyNotFound'],
    ['an unknown alias', () => 'alias/unknown', 'Forbidden.AliasNotFound'],
    [
      'an ARN of another account',
      (id: string) => arn(`key/${id}`, REGION, '1999999999999999'),
      'Forbidden.KeyNotFound',
    ],
    ['an ARN of another region', (id: string) => arn(`key/${id}`, 'cn-beijing'), 'Forbidden.KeyNotFound'],
    [
      'an alias ARN of another account',
      () => arn('alias/other', REGION, '1999999999999999'),
      'Forbidden.AliasNotFound',
    ],
    ['an ARN of another service', (id: string) => arn(`key/${id}`).replace(':kms:', ':ram:'), 'Forbidden.KeyNotFound'],
    ['constructor', () => 'constructor', 'Forbidden.KeyNotFound'],
  ])('does not find %s', async (_, form, code) => {
    const { bench, id } = await setUp();
    expect(await bench.call(name, parameters(name, form(id)))).toMatchObject({ code, status: 404 });
  });

  it('tells a caller without permission nothing that was not sent', async () => {
    const { bench, id } = await setUp();
    const refuse = () => false;
    const refused = async (key: string) => await bench.call(name, parameters(name, key), refuse);
    const byAlias = await refused('alias/name/of-it_1');
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
    const { bench, id } = await setUp();
    for (const [, form] of FORMS) {
      const asked: string[] = [];
      const rule = ({ resources }: Question) => {
        asked.push(...resources);
        return true;
      };
      await bench.call(name, parameters(name, form(id)), rule);
      expect(asked).toContain(arn(`key/${id}`));
      expect(asked.filter((resource) => resource.includes('alias/name'))).toEqual([]);
    }
  });
});

describe('a ciphertext', () => {
  it('tells a caller without permission nothing about its key', async () => {
    const { bench, id } = await setUp();
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
    const { bench, id } = await setUp();
    const only =
      (part: string) =>
      ({ resources }: Question) =>
        resources[0]!.includes(part);
    const calls = [
      ['CreateAlias', { KeyId: id, AliasName: 'alias/new' }],
      ['UpdateAlias', { KeyId: id, AliasName: 'alias/other' }],
      ['DeleteAlias', { AliasName: 'alias/other' }],
    ] as const;
    for (const [name, sent] of calls) {
      expect((await bench.call(name, sent, only(':alias/'))).code).toBe('Forbidden.NoPermission');
      expect((await bench.call(name, sent, only(':key/'))).code).toBe('Forbidden.NoPermission');
      expect((await bench.call(name, sent)).code).toBeUndefined();
    }
  });

  it('move from key to key, and go', async () => {
    const { bench, id } = await setUp();
    const second = await bench.key();
    await bench.ok('UpdateAlias', { AliasName: 'alias/other', KeyId: second });
    const names = async (KeyId: string) =>
      ((await bench.ok('ListAliasesByKeyId', { KeyId })).Aliases as { Alias: { AliasName: string }[] }).Alias;
    expect(await names(second)).toEqual([{ AliasName: 'alias/other', AliasArn: arn('alias/other'), KeyId: second }]);
    expect(await names(id)).toHaveLength(1);
    expect(await bench.call('CreateAlias', { AliasName: 'alias/other', KeyId: id })).toMatchObject({
      code: 'AliasAlreadyExists',
      status: 400,
    });
    await bench.ok('DeleteAlias', { AliasName: 'alias/other' });
    expect((await bench.call('DeleteAlias', { AliasName: 'alias/other' })).code).toBe('Forbidden.AliasNotFound');
    expect((await bench.ok('ListAliases')).TotalCount).toBe(1);
  });

  it.each(['name', 'alias/', 'alias/acs/x', 'alias/a b', 'alias/ü', `alias/${'x'.repeat(256)}`, 'Alias/x'])(
    'cannot be called %s',
    async (AliasName) => {
      const { bench, id } = await setUp();
      for (const name of ['CreateAlias', 'UpdateAlias', 'DeleteAlias']) {
        const outcome = await bench.call(name, { AliasName, KeyId: id });
        expect(outcome).toMatchObject({ code: 'InvalidParameter', message: expect.stringContaining('AliasName') });
      }
    },
  );

  it('keep to the quota', async () => {
    const bench = await openBench(undefined, { aliases: 1 });
    const KeyId = await bench.key();
    await bench.ok('CreateAlias', { KeyId, AliasName: 'alias/a' });
    expect((await bench.call('CreateAlias', { KeyId, AliasName: 'alias/b' })).code).toBe('Rejected.LimitExceeded');
  });
});
