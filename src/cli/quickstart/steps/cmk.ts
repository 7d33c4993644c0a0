import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import kms from '@alicloud/kms20160120';
import { type Step, type Story, until } from '../story.ts';

/** The real input: any file serves, this one is always there. */
const INPUT = new URL('../../../../README.md', import.meta.url);

/** The vendor's KMS SDK for Node.js, told nothing but the address and the key. */
function kmsSdk(story: Story) {
  const config = {
    endpoint: story.endpoint.replace('http://', ''),
    protocol: 'http',
    regionId: story.region,
    ...story.userKey,
  };
  return new kms.default(config as ConstructorParameters<typeof kms.default>[0]);
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16);
}

const CONTEXT = JSON.stringify({ purpose: 'quickstart' });

async function decryptFile(story: Story): Promise<{ size: number; digest: string }> {
  const sealed = JSON.parse(readFileSync(join(story.directory, 'README.md.sealed'), 'utf8')) as Record<
    'dataKey' | 'iv' | 'tag' | 'body',
    string
  >;
  const answer = await kmsSdk(story).decrypt(
    new kms.DecryptRequest({ ciphertextBlob: sealed.dataKey, encryptionContext: CONTEXT }),
  );
  const decipher = createDecipheriv(
    'aes-256-gcm',
    Buffer.from(answer.plaintext, 'base64'),
    Buffer.from(sealed.iv, 'base64'),
  );
  decipher.setAuthTag(Buffer.from(sealed.tag, 'base64'));
  const clear = Buffer.concat([decipher.update(Buffer.from(sealed.body, 'base64')), decipher.final()]);
  if (!clear.equals(readFileSync(INPUT))) throw new Error('the decrypted file differs from the original');
  return { size: clear.length, digest: digest(clear) };
}

export const makeKey: Step = {
  title: 'Make a CMK in the store',
  run: async (story) => {
    const { KeyMetadata } = await story.user('Kms', 'CreateKey', {
      DKMSInstanceId: story.keyStoreId,
      Description: 'quickstart',
    });
    story.keyId = KeyMetadata.KeyId;
    await story.user('Kms', 'CreateAlias', { AliasName: 'alias/quickstart', KeyId: story.keyId });
    return `${story.keyId} (${KeyMetadata.KeySpec}, ${KeyMetadata.ProtectionLevel}) as alias/quickstart; its material was born inside the HSMs`;
  },
};

export const encryptFile: Step = {
  title: 'Encrypt README.md by envelope encryption with the official Node.js SDK',
  run: async (story) => {
    const clear = readFileSync(INPUT);
    const dataKey = await kmsSdk(story).generateDataKey(
      new kms.GenerateDataKeyRequest({ keyId: 'alias/quickstart', encryptionContext: CONTEXT }),
    );
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', Buffer.from(dataKey.plaintext, 'base64'), iv);
    const body = Buffer.concat([cipher.update(clear), cipher.final()]);
    const sealed = {
      dataKey: dataKey.ciphertextBlob,
      iv: iv.toString('base64'),
      tag: cipher.getAuthTag().toString('base64'),
      body: body.toString('base64'),
    };
    writeFileSync(join(story.directory, 'README.md.sealed'), JSON.stringify(sealed));
    await decryptFile(story);
    return `${clear.length} bytes (sha256 ${digest(clear)}…) sealed under a data key that only ${story.keyId} opens`;
  },
};

export const surviveFailure: Step = {
  title: 'Kill one HSM process, then decrypt',
  run: async (story) => {
    const { Hsms } = await story.root('Coffer', 'DescribeServer');
    const victim = Hsms.Hsm.find(
      (hsm: { State: string; ProcessId?: number }) => hsm.State === 'up' && hsm.ProcessId !== undefined,
    );
    if (victim === undefined) throw new Error(`no HSM process is up: ${JSON.stringify(Hsms)}`);
    process.kill(victim.ProcessId, 'SIGKILL');
    const started = performance.now();
    const file = await decryptFile(story);
    const took = Math.round(performance.now() - started);
    return `process ${victim.ProcessId} of ${victim.DeviceId} killed; ${file.size} bytes came back right (sha256 ${file.digest}…) in ${took} ms`;
  },
};

export const deleteKey: Step = {
  title: 'Schedule the deletion of the CMK and move the development clock past its window',
  run: async (story) => {
    await story.user('Kms', 'DeleteAlias', { AliasName: 'alias/quickstart' });
    await story.user('Kms', 'ScheduleKeyDeletion', { KeyId: story.keyId, PendingWindowInDays: 7 });
    const { Now } = await story.root('Coffer', 'AdvanceClock', { Seconds: 7 * 24 * 3600 + 60 });
    const gone = await until(
      'the key deletion',
      30,
      () =>
        story.user('Kms', 'DescribeKey', { KeyId: story.keyId }).then(
          () => 'still there',
          (error: { code?: string }) => error.code,
        ),
      (answer) => answer !== 'still there',
    );
    if (gone !== 'Forbidden.KeyNotFound') throw new Error(`describing the key answers ${gone}`);
    return `it is ${Now} for the server now; the key and its material are destroyed`;
  },
};
