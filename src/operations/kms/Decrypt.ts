import { dryRun } from '../../schema/fields.ts';
import { out } from '../../schema/output.ts';
import { ciphertextBlob, findCiphertext, type NamedCiphertext, versionOf } from './_ciphertext.ts';
import { contextNames, encryptionContext } from './_encryption-context.ts';
import { usable } from './_key-guards.ts';
import { DECRYPT_ERRORS, openMessage } from './_key-material.ts';
import { keyOf, keyPermission, keyReferences } from './_key-reference.ts';
import { reads } from './_product.ts';
import { recipient, withoutRecipient } from './_recipient.ts';

const key = (named: NamedCiphertext) => named.key;

export const Decrypt = reads({
  product: 'Kms',
  name: 'Decrypt',
  origin: 'vendor',
  title: 'Decrypts what Encrypt, GenerateDataKey or ReEncrypt made.',
  notes:
    'The ciphertext names its key. A wrong context, a damaged ciphertext and one of another key give one and the same error.',
  input: {
    CiphertextBlob: ciphertextBlob(),
    EncryptionContext: encryptionContext('The pairs that were given when encrypting.'),
    Recipient: recipient(),
    DryRun: dryRun(),
  },
  output: {
    KeyId: out.text('Id of the key.'),
    KeyVersionId: out.text('Version that the ciphertext was encrypted under.'),
    Plaintext: out.secret('The text as it was sent; of a data key, its base64.'),
  },
  resolve: (ctx, input) => findCiphertext(ctx, input.CiphertextBlob),
  permissions: [keyPermission('kms:Decrypt', key)],
  guards: usable(key),
  throttle: 'symmetric',
  errors: DECRYPT_ERRORS,
  references: keyReferences(key),
  handle: async (ctx, input, named) => {
    withoutRecipient(input);
    const record = keyOf(named.key);
    const version = versionOf(named);
    ctx.note({ EncryptionContextNames: contextNames(input.EncryptionContext) });
    const plaintext = await openMessage(ctx, record, version, named.envelope, input.EncryptionContext);
    const text = plaintext.revealText();
    plaintext.wipe();
    return { KeyId: record.keyId, KeyVersionId: version.versionId, Plaintext: text };
  },
});
