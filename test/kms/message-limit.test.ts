import { expect, it } from 'vitest';
import { messageCounter } from '../../src/domain/kms/key.ts';
import { MESSAGE_LIMITS } from '../../src/domain/kms/message-limit.ts';
import { type Bench, openBench, STORE_ID } from './support.ts';

const LIMITS = { rotateAt: 3, refuseAt: 6, askAgainAfter: 2 };
const HOMES = [
  ['default', {}],
  ['private', { DKMSInstanceId: STORE_ID }],
] as const;

const encrypt = (bench: Bench, KeyId: string) => bench.call('Encrypt', { KeyId, Plaintext: 'x' });

it('keeps every version below the number of messages that random IVs allow', () => {
  expect(MESSAGE_LIMITS.refuseAt).toBe(2 ** 32 - 2 ** 24);
  expect(MESSAGE_LIMITS.rotateAt).toBeLessThan(MESSAGE_LIMITS.refuseAt);
});

it.each(HOMES)('counts each message of a key in the %s store durably, refused calls not', async (_, home) => {
  const bench = await openBench();
  const KeyId = await bench.key(home);
  const { KeyVersionId, CiphertextBlob } = await bench.ok('Encrypt', { KeyId, Plaintext: 'x' });
  await bench.ok('GenerateDataKey', { KeyId });
  await bench.ok('GenerateDataKeyWithoutPlaintext', { KeyId });
  await bench.ok('ReEncrypt', { CiphertextBlob: CiphertextBlob as string, DestinationKeyId: KeyId });
  await bench.ok('Decrypt', { CiphertextBlob: CiphertextBlob as string });
  await bench.call('Encrypt', { KeyId, Plaintext: '' });
  await bench.call('Encrypt', { KeyId, Plaintext: 'x' }, () => false);
  expect(await bench.storage.counter(messageCounter(KeyVersionId as string))).toBe(4);
});

it.each(HOMES)('gives a key in the %s store a new version before the limit', async (_, home) => {
  const bench = await openBench(LIMITS);
  const KeyId = await bench.key(home);
  const before = await bench.ok('Encrypt', { KeyId, Plaintext: 'old' });
  for (let n = 1; n < 4; n += 1) await encrypt(bench, KeyId);
  await bench.advance(1000);
  const after = await bench.ok('Encrypt', { KeyId, Plaintext: 'new' });
  expect(after.KeyVersionId).not.toBe(before.KeyVersionId);
  const metadata = (await bench.ok('DescribeKey', { KeyId })).KeyMetadata!;
  expect(metadata).toMatchObject({ PrimaryKeyVersion: after.KeyVersionId, LastRotationDate: '2026-03-01T08:00:01Z' });
  expect((await bench.ok('ListKeyVersions', { KeyId })).TotalCount).toBe(2);
  for (const { CiphertextBlob } of [before, after]) {
    await bench.ok('Decrypt', { CiphertextBlob: CiphertextBlob as string });
  }
  const [event, ...more] = await bench.events('RotateKey');
  expect(event).toMatchObject({
    eventType: 'AliyunServiceEvent',
    additionalEventData: { KeyId, From: before.KeyVersionId, To: after.KeyVersionId },
  });
  expect(more).toEqual([]);
});

it('refuses messages beyond the limit until the key has its new version', async () => {
  const bench = await openBench(LIMITS);
  const KeyId = await bench.key();
  const codes: (string | undefined)[] = [];
  for (let n = 0; n < 8; n += 1) codes.push((await encrypt(bench, KeyId)).code);
  expect(codes).toEqual([...Array(6).fill(undefined), 'Rejected.LimitExceeded', 'Rejected.LimitExceeded']);
  await bench.advance(0);
  expect((await encrypt(bench, KeyId)).code).toBeUndefined();
});

it('refuses beyond the limit under load, too, but for what is under way', async () => {
  const bench = await openBench({ rotateAt: 1000, refuseAt: 50, askAgainAfter: 1 });
  const KeyId = await bench.key();
  let made = 0;
  for (let round = 0; round < 10; round += 1) {
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => encrypt(bench, KeyId)));
    made += outcomes.filter(({ code }) => code === undefined).length;
  }
  expect(made).toBeGreaterThanOrEqual(50);
  expect(made).toBeLessThan(58);
});

it('leaves alone a key that waits for its deletion', async () => {
  const bench = await openBench(LIMITS);
  const KeyId = await bench.key();
  for (let n = 0; n < 4; n += 1) await encrypt(bench, KeyId);
  await bench.ok('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: '7' });
  await bench.advance(1000);
  expect((await bench.ok('ListKeyVersions', { KeyId })).TotalCount).toBe(1);
  await bench.ok('CancelKeyDeletion', { KeyId });
  await encrypt(bench, KeyId);
  await encrypt(bench, KeyId);
  await bench.advance(1000);
  expect((await bench.ok('ListKeyVersions', { KeyId })).TotalCount).toBe(2);
});
