import { out } from '../../schema/output.ts';
import { DATA_KEY_ERRORS, dataKeyInput, makeDataKey } from './_data-key.ts';
import { contextNames } from './_encryption-context.ts';
import { usable } from './_key-guards.ts';
import { findKey, itself, keyOf, keyPermission, keyReferences } from './_key-reference.ts';
import { reads } from './_product.ts';
import { recipient, withoutRecipient } from './_recipient.ts';

export const GenerateDataKey = reads({
  product: 'Kms',
  name: 'GenerateDataKey',
  origin: 'vendor',
  title: 'Makes a random data key and returns it in clear and encrypted.',
  notes:
    'Encrypt your data with the clear key, keep the encrypted one beside it, and forget the clear one. A key of a private key store draws the data key inside an HSM.',
  input: { ...dataKeyInput, Recipient: recipient() },
  output: {
    KeyId: out.text('Id of the key that encrypted the data key.'),
    KeyVersionId: out.text('Version that encrypted: the primary one.'),
    Plaintext: out.secret('The data key in base64.'),
    CiphertextBlob: out.secret('The encrypted data key; Decrypt returns its base64.'),
  },
  resolve: (ctx, input) => findKey(ctx, input.KeyId),
  permissions: [keyPermission('kms:GenerateDataKey', itself)],
  guards: usable(itself),
  throttle: 'symmetric',
  errors: DATA_KEY_ERRORS,
  references: keyReferences(itself),
  handle: async (ctx, input, named) => {
    withoutRecipient(input);
    const key = keyOf(named);
    ctx.note({ EncryptionContextNames: contextNames(input.EncryptionContext) });
    const { versionId, blob, plaintext } = await makeDataKey(ctx, key, input);
    const text = plaintext.revealText();
    plaintext.wipe();
    return { KeyId: key.keyId, KeyVersionId: versionId, Plaintext: text, CiphertextBlob: blob };
  },
});
