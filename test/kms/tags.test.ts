import { describe, expect, it } from 'vitest';
import { type Bench, openBench, REGION } from './support.ts';

const OF_KEYS = { RegionId: REGION, ResourceType: 'key' };

type Row = Record<'ResourceId' | 'ResourceType' | 'TagKey' | 'TagValue', string>;

async function rows(bench: Bench, parameters: Record<string, string> = {}): Promise<[readonly Row[], string]> {
  const answer = await bench.ok('ListTagResources', { ...OF_KEYS, ...parameters });
  return [(answer.TagResources as { TagResource: Row[] }).TagResource, answer.NextToken as string];
}

const short = (list: readonly Row[]) => list.map(({ ResourceId, TagKey, TagValue }) => [ResourceId, TagKey, TagValue]);

describe('tags', () => {
  it('come with the key, are added, replaced and removed', async () => {
    const bench = await openBench();
    const KeyId = await bench.key({ Tags: '[{"TagKey":"b","TagValue":"1"},{"TagKey":"a","TagValue":"2"}]' });
    const listed = async () => (await bench.ok('ListResourceTags', { KeyId })).Tags;
    expect(await listed()).toEqual({
      Tag: [
        { KeyId, TagKey: 'a', TagValue: '2' },
        { KeyId, TagKey: 'b', TagValue: '1' },
      ],
    });
    await bench.ok('TagResource', { KeyId, Tags: '[{"TagKey":"b","TagValue":"3"},{"TagKey":"c","TagValue":""}]' });
    await bench.ok('UntagResource', { KeyId, TagKeys: '["a","none"]' });
    expect(await listed()).toEqual({
      Tag: [
        { KeyId, TagKey: 'b', TagValue: '3' },
        { KeyId, TagKey: 'c', TagValue: '' },
      ],
    });
  });

  it('of several keys change together or not at all', async () => {
    const bench = await openBench();
    const [first, second] = [await bench.key(), await bench.key()];
    const both = { ...OF_KEYS, 'ResourceId.1': first, 'ResourceId.2': second };
    await bench.ok('TagResources', { ...both, 'Tag.1.Key': 'team', 'Tag.1.Value': 'a' });
    expect((await rows(bench))[0]).toHaveLength(2);
    const more = { ...both, 'Tag.1.Key': 'cost', 'Tag.1.Value': 'b' };
    const onlyFirst = await bench.call('TagResources', more, ({ resources }) => resources[0]!.endsWith(first));
    expect(onlyFirst.code).toBe('Forbidden.NoPermission');
    expect((await bench.call('TagResources', { ...more, 'ResourceId.3': 'key-none' })).code).toBe(
      'Forbidden.KeyNotFound',
    );
    await bench.ok('ScheduleKeyDeletion', { KeyId: second, PendingWindowInDays: '7' });
    expect((await bench.call('TagResources', more)).code).toBe('Rejected.PendingDeletion');
    expect((await rows(bench))[0]).toHaveLength(2);
    await bench.ok('UntagResources', { ...OF_KEYS, 'ResourceId.1': first, All: 'true' });
    expect(short((await rows(bench))[0])).toEqual([[second, 'team', 'a']]);
  });

  it('are found by key, by value, and by name of the resource', async () => {
    const bench = await openBench();
    const a = await bench.key({ Tags: '[{"TagKey":"team","TagValue":"x"},{"TagKey":"env","TagValue":"prod"}]' });
    const b = await bench.key({ Tags: '[{"TagKey":"team","TagValue":"y"}]' });
    const ids = async (parameters: Record<string, string>) =>
      [...new Set((await rows(bench, parameters))[0].map(({ ResourceId }) => ResourceId))].sort();
    expect(await ids({ 'Tag.1.Key': 'team' })).toEqual([a, b].sort());
    expect(await ids({ 'Tag.1.Key': 'team', 'Tag.1.Value': 'y' })).toEqual([b]);
    expect(await ids({ 'Tag.1.Key': 'team', 'Tag.2.Key': 'env' })).toEqual([a]);
    expect(await ids({ 'ResourceId.1': b })).toEqual([b]);
    expect(await ids({ 'ResourceId.1': b, 'Tag.1.Key': 'env' })).toEqual([]);
  });

  it('come in pages that neither lose nor repeat a row', async () => {
    const bench = await openBench();
    const Tags = JSON.stringify(Array.from({ length: 19 }, (_, n) => ({ TagKey: `k${n}`, TagValue: 'v' })));
    for (let n = 0; n < 25; n += 1) await bench.key({ Tags });
    const seen: string[] = [];
    let token = '';
    do {
      const [page, next] = await rows(bench, token === '' ? {} : { NextToken: token });
      expect(page.length).toBeLessThanOrEqual(200);
      seen.push(...page.map(({ ResourceId, TagKey }) => `${ResourceId} ${TagKey}`));
      token = next;
    } while (token !== '');
    expect(new Set(seen).size).toBe(25 * 19);
    expect(seen).toHaveLength(25 * 19);
  });

  it.each([
    ['TagResource', { Tags: '[{"TagKey":"aliyunx","TagValue":"v"}]' }, 'InvalidParameter'],
    ['TagResource', { Tags: '[{"TagKey":"a b","TagValue":"v"}]' }, 'InvalidParameter'],
    ['TagResource', { Tags: '[{"TagKey":"a"},{"TagKey":"a"}]' }, 'InvalidParameter'],
    ['TagResource', { Tags: `[{"TagKey":"${'k'.repeat(129)}"}]` }, 'InvalidParameter'],
    ['ListTagResources', { RegionId: 'cn-hangzhou', ResourceType: 'key', NextToken: 'zz' }, 'InvalidParameter'],
    ['TagResource', {}, 'MissingParameter'],
    ['TagResource', { KeyId: '', Tags: '[]' }, 'MissingParameter'],
    ['TagResource', { KeyId: '', SecretName: 's', Tags: '[]' }, 'InvalidParameter'],
    ['TagResources', { ...OF_KEYS, 'ResourceId.1': 'KEY', 'Tag.1.Key': 'acs:x' }, 'InvalidParameter'],
    [
      'TagResources',
      { RegionId: 'cn-beijing', ResourceType: 'key', 'ResourceId.1': 'KEY', 'Tag.1.Key': 'a' },
      'InvalidParameter',
    ],
    [
      'TagResources',
      { RegionId: REGION, ResourceType: 'secret', 'ResourceId.1': 's', 'Tag.1.Key': 'a' },
      'Forbidden.ResourceNotFound',
    ],
    [
      'ListTagResources',
      { RegionId: REGION, ResourceType: 'instance', 'ResourceId.1': 'k' },
      'Forbidden.DKMSInstanceNotFound',
    ],
    ['UntagResources', { ...OF_KEYS, 'ResourceId.1': 'KEY' }, 'MissingParameter'],
  ])('%s with %j gives %s', async (name, parameters, code) => {
    const bench = await openBench();
    const key = await bench.key();
    const sent = Object.entries({ KeyId: key, ...parameters }).map(([at, value]) => [
      at,
      value === 'KEY' ? key : value,
    ]);
    expect((await bench.call(name, Object.fromEntries(sent))).code).toBe(code);
  });

  it('are at most 20 on a key', async () => {
    const bench = await openBench();
    const many = (from: number) =>
      JSON.stringify(Array.from({ length: 20 }, (_, n) => ({ TagKey: `k${from + n}`, TagValue: '' })));
    const KeyId = await bench.key({ Tags: many(0) });
    expect((await bench.call('TagResource', { KeyId, Tags: many(1) })).code).toBe('Rejected.LimitExceeded');
    await bench.ok('TagResource', { KeyId, Tags: many(0) });
  });
});

it('serves Terraform: what it reads back is what it wrote, so a plan is empty', async () => {
  const bench = await openBench();
  const created = await bench.ok('CreateKey', {
    Description: 'by terraform',
    KeySpec: 'Aliyun_AES_256',
    KeyUsage: 'ENCRYPT/DECRYPT',
    Origin: 'Aliyun_KMS',
    ProtectionLevel: 'SOFTWARE',
    Tags: '[{"TagKey":"team","TagValue":"a"}]',
  });
  const { KeyId } = created.KeyMetadata as { KeyId: string };
  const read = (await bench.ok('DescribeKey', { KeyId })).KeyMetadata!;
  expect(read).toMatchObject({
    Description: 'by terraform',
    KeySpec: 'Aliyun_AES_256',
    KeyUsage: 'ENCRYPT/DECRYPT',
    Origin: 'Aliyun_KMS',
    ProtectionLevel: 'SOFTWARE',
    KeyState: 'Enabled',
    AutomaticRotation: 'Disabled',
    DeletionProtection: 'Disabled',
  });
  for (const absent of ['DKMSInstanceId', 'RotationInterval', 'NextRotationDate', 'DeletionProtectionDescription']) {
    expect(read).not.toHaveProperty(absent);
  }
  expect(short((await rows(bench, { 'ResourceId.1': KeyId }))[0])).toEqual([[KeyId, 'team', 'a']]);
  await bench.ok('DisableKey', { KeyId });
  await bench.ok('EnableKey', { KeyId });
  await bench.ok('UpdateKeyDescription', { KeyId, Description: '' });
  expect((await bench.ok('DescribeKey', { KeyId })).KeyMetadata!.Description).toBe('');
  await bench.ok('CreateAlias', { KeyId, AliasName: 'alias/tf' });
  expect((await bench.ok('ListAliases', { PageSize: '20' })).Aliases).toMatchObject({
    Alias: [{ AliasName: 'alias/tf' }],
  });
  const { CiphertextBlob } = await bench.ok('Encrypt', {
    KeyId,
    Plaintext: 'example',
    EncryptionContext: '{}',
    RegionId: REGION,
  });
  expect((await bench.ok('Decrypt', { CiphertextBlob: CiphertextBlob as string })).Plaintext).toBe('example');
  await bench.ok('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: '7' });
  expect((await bench.ok('DescribeKey', { KeyId })).KeyMetadata!.KeyState).toBe('PendingDeletion');
});

it('answers what belongs to the account', async () => {
  const bench = await openBench();
  expect(await bench.ok('DescribeRegions')).toEqual({ Regions: { Region: [{ RegionId: REGION }] } });
  expect((await bench.call('DescribeRegions', {}, () => false)).code).toBeUndefined();
  expect(await bench.ok('DescribeAccountKmsStatus')).toEqual({ AccountStatus: 'Enabled' });
  expect((await bench.call('DescribeAccountKmsStatus', {}, () => false)).code).toBe('Forbidden.NoPermission');
  expect(await bench.call('OpenKmsService')).toMatchObject({ code: 'Forbidden.Opened', status: 400 });
});
