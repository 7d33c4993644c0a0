/** Which parameters an event keeps, and how much of them: whoever sends them may have no right at all. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Caller } from '../../src/operation/context.ts';
import { openTestPipeline, type TestPipeline } from '../support/pipeline.ts';

let pipeline: TestPipeline;
let nobody: Caller;
beforeAll(async () => {
  pipeline = await openTestPipeline();
  nobody = await pipeline.user('nobody');
});
afterAll(() => pipeline.close());

async function recorded(product: 'Kms' | 'Ecs', operation: string, values: Record<string, string>) {
  await pipeline.codeOf(nobody, product, operation, values);
  const lookup = { 'LookupAttribute.1.Key': 'EventName', 'LookupAttribute.1.Value': operation, MaxResults: '1' };
  const { Events } = await pipeline.call(pipeline.root, 'ActionTrail', 'LookupEvents', lookup);
  const [event] = (Events as { items: { requestParameterJson: string }[] }).items;
  return JSON.parse(event!.requestParameterJson) as Record<string, string>;
}

it('are those that the operation reads, by the names it reads', async () => {
  const sent = {
    KeyId: 'key-1',
    'KeyId.1': 'hidden',
    'KeyId.Password': 'hidden',
    Password: 'hidden',
    constructor: 'hidden',
    Plaintext: 'hidden',
    'Plaintext.1': 'hidden',
  };
  expect(await recorded('Kms', 'Encrypt', sent)).toEqual({ KeyId: 'key-1' });
  const lists = {
    RegionId: 'cn-hangzhou',
    ResourceType: 'key',
    'ResourceId.1': 'key-1',
    'ResourceId.1.x': 'hidden',
    'ResourceId.x': 'hidden',
    'Tag.1.Key': 'team',
    'Tag.1.Value': 'a',
    'Tag.1.Secret': 'hidden',
    'Tag.1': 'hidden',
  };
  const { 'Tag.1': _, 'Tag.1.Secret': __, 'ResourceId.1.x': ___, 'ResourceId.x': ____, ...read } = lists;
  expect(await recorded('Kms', 'TagResources', lists)).toEqual(read);
});

it('are shortened, and bounded all together', async () => {
  const long = await recorded('Kms', 'DescribeKey', { KeyId: 'k'.repeat(1_000_000) });
  expect(long.KeyId).toMatch(/^k{8192}… \(1000000 characters\)$/);
  const many = Object.fromEntries(
    Array.from({ length: 900 }, (_, at) => [`Permissions.${at + 1}.Description`, 'd'.repeat(1_000)]),
  );
  const kept = await recorded('Ecs', 'AuthorizeSecurityGroup', { RegionId: 'cn-hangzhou', ...many });
  expect(JSON.stringify(kept).length).toBeLessThan(32_768);
  expect(kept['...']).toMatch(/^8\d\d more$/);
});
