import { expect, it } from 'vitest';
import { type Bench, openBench, STORE_ID } from './support.ts';

const CANARY = 'canary-4f9d2c71-text';
const CONTEXT_CANARY = 'canary-4f9d2c71-context';

/** Everything a call leaves behind: events and log lines. */
async function leftBehind(bench: Bench): Promise<string> {
  return JSON.stringify([await bench.events(), bench.logged]);
}

it.each([
  ['default', {}],
  ['private', { DKMSInstanceId: STORE_ID }],
])(
  'no text, data key, ciphertext or context value of a key in the %s store reaches events or logs',
  async (_, home) => {
    const bench = await openBench();
    const KeyId = await bench.key(home);
    const EncryptionContext = JSON.stringify({ purpose: CONTEXT_CANARY });
    const secrets = [CANARY, CONTEXT_CANARY];
    const { CiphertextBlob } = await bench.ok('Encrypt', { KeyId, Plaintext: CANARY, EncryptionContext });
    const { Plaintext, CiphertextBlob: second } = await bench.ok('GenerateDataKey', { KeyId, EncryptionContext });
    const third = await bench.ok('GenerateDataKeyWithoutPlaintext', { KeyId, EncryptionContext });
    const blob = CiphertextBlob as string;
    await bench.ok('Decrypt', { CiphertextBlob: blob, EncryptionContext });
    const again = await bench.ok('ReEncrypt', {
      CiphertextBlob: blob,
      DestinationKeyId: KeyId,
      SourceEncryptionContext: EncryptionContext,
      DestinationEncryptionContext: EncryptionContext,
    });
    await bench.call('Decrypt', { CiphertextBlob: blob });
    await bench.call('Encrypt', { KeyId: 'key-none', Plaintext: CANARY, EncryptionContext });
    await bench.call('Encrypt', { KeyId, Plaintext: CANARY, EncryptionContext, DryRun: 'true' });
    await bench.call('Encrypt', { KeyId, Plaintext: CANARY, EncryptionContext }, () => false);
    bench.stores.down = true;
    await bench.call('Encrypt', { KeyId, Plaintext: CANARY, EncryptionContext });
    secrets.push(
      Plaintext as string,
      blob,
      second as string,
      third.CiphertextBlob as string,
      again.CiphertextBlob as string,
    );
    const text = await leftBehind(bench);
    for (const secret of secrets) expect(text).not.toContain(secret);
    expect(text).not.toContain(Buffer.from(CANARY).toString('base64'));
    expect(text).toContain('"purpose"');
  },
);

it('leaves one event per call, with the key as its resource', async () => {
  const bench = await openBench();
  const KeyId = await bench.key();
  await bench.ok('Encrypt', { KeyId, Plaintext: 'x' });
  await bench.call('Encrypt', { KeyId, Plaintext: 'x' }, () => false);
  await bench.call('Encrypt', { KeyId: 'key-none', Plaintext: 'x' });
  const events = await bench.events('Encrypt');
  expect(events.map(({ errorCode }) => errorCode)).toEqual([
    undefined,
    'Forbidden.NoPermission',
    'Forbidden.KeyNotFound',
  ]);
  expect(events[0]).toMatchObject({ eventRW: 'Read', referencedResources: { 'ACS::KMS::Key': [KeyId] } });
  expect((await bench.events('CreateKey'))[0]).toMatchObject({
    eventRW: 'Write',
    referencedResources: { 'ACS::KMS::Key': [KeyId] },
  });
});
