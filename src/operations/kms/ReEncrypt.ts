import { fail } from '../../errors/fault.ts';
import type { LookupContext } from '../../operation/context.ts';
import { dryRun, text } from '../../schema/fields.ts';
import { out } from '../../schema/output.ts';
import { ciphertextBlob, findCiphertext, type NamedCiphertext, versionOf } from './_ciphertext.ts';
import { contextNames, encryptionContext } from './_encryption-context.ts';
import { usable } from './_key-guards.ts';
import { DECRYPT_ERRORS, ENCRYPT_ERRORS, openMessage, sealMessage } from './_key-material.ts';
import { findKey, keyId, keyOf, keyPermission, type NamedKey } from './_key-reference.ts';
import { reads } from './_product.ts';

interface Both {
  readonly source: NamedCiphertext;
  readonly destination: NamedKey;
}

const from = (both: Both): NamedKey => both.source.key;
const to = (both: Both): NamedKey => both.destination;

const asymmetric = (what: string) =>
  text({ doc: `${what} of a ciphertext made with a public key. Refused: all keys are symmetric so far.`, max: 512 });

async function find(ctx: LookupContext, blob: string, destination: string): Promise<Both> {
  return { source: await findCiphertext(ctx, blob), destination: await findKey(ctx, destination) };
}

export const ReEncrypt = reads({
  product: 'Kms',
  name: 'ReEncrypt',
  origin: 'vendor',
  title: 'Decrypts a ciphertext and encrypts it under another key, or with another context, without showing the text.',
  notes: 'Needs kms:ReEncryptFrom on the key of the ciphertext and kms:ReEncryptTo on the destination.',
  input: {
    CiphertextBlob: ciphertextBlob(),
    DestinationKeyId: keyId('The key to encrypt under, in any form.'),
    SourceEncryptionContext: encryptionContext('The pairs that were given when encrypting.'),
    DestinationEncryptionContext: encryptionContext('The pairs to encrypt with.'),
    SourceKeyId: asymmetric('Key'),
    SourceKeyVersionId: asymmetric('Key version'),
    SourceEncryptionAlgorithm: asymmetric('Algorithm'),
    DryRun: dryRun(),
  },
  output: {
    KeyId: out.text('Id of the destination key.'),
    KeyVersionId: out.text('Version of the destination key that encrypted.'),
    CiphertextBlob: out.secret('The new ciphertext.'),
  },
  resolve: (ctx, input) => find(ctx, input.CiphertextBlob, input.DestinationKeyId),
  permissions: [keyPermission('kms:ReEncryptFrom', from), keyPermission('kms:ReEncryptTo', to)],
  guards: [...usable(from), ...usable(to)],
  throttle: 'symmetric',
  errors: [...DECRYPT_ERRORS, ...ENCRYPT_ERRORS],
  references: ({ resolved }) => {
    const keys = [from(resolved), to(resolved)].flatMap(({ record }) => (record === undefined ? [] : [record.keyId]));
    return keys.length === 0 ? {} : { 'ACS::KMS::Key': keys };
  },
  handle: async (ctx, input, both) => {
    for (const name of ['SourceKeyId', 'SourceKeyVersionId', 'SourceEncryptionAlgorithm'] as const) {
      if (input[name] !== undefined) throw fail('InvalidParameter', { name });
    }
    const { SourceEncryptionContext: before, DestinationEncryptionContext: after } = input;
    ctx.note({ SourceContextNames: contextNames(before), DestinationContextNames: contextNames(after) });
    const key = keyOf(both.destination);
    const plaintext = await openMessage(ctx, keyOf(from(both)), versionOf(both.source), both.source.envelope, before);
    try {
      const sealed = await sealMessage(ctx, key, after, plaintext);
      return { KeyId: key.keyId, KeyVersionId: sealed.versionId, CiphertextBlob: sealed.blob };
    } finally {
      plaintext.wipe();
    }
  },
});
