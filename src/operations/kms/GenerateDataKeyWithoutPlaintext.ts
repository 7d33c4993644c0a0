import { out } from '../../schema/output.ts';
import { DATA_KEY_ERRORS, dataKeyInput, makeDataKey } from './_data-key.ts';
import { contextNames } from './_encryption-context.ts';
import { usable } from './_key-guards.ts';
import { findKey, itself, keyOf, keyPermission, keyReferences } from './_key-reference.ts';
import { reads } from './_product.ts';

export const GenerateDataKeyWithoutPlaintext = reads({
  product: 'Kms',
  name: 'GenerateDataKeyWithoutPlaintext',
  origin: 'vendor',
  title: 'Makes a random data key and returns it encrypted only.',
  notes: 'For a party that shall store a data key without being able to use it.',
  input: dataKeyInput,
  output: {
    KeyId: out.text('Id of the key that encrypted the data key.'),
    KeyVersionId: out.text('Version that encrypted: the primary one.'),
    CiphertextBlob: out.secret('The encrypted data key; Decrypt returns its base64.'),
  },
  resolve: (ctx, input) => findKey(ctx, input.KeyId),
  permissions: [keyPermission('kms:GenerateDataKeyWithoutPlaintext', itself)],
  guards: usable(itself),
  throttle: 'symmetric',
  errors: DATA_KEY_ERRORS,
  references: keyReferences(itself),
  handle: async (ctx, input, named) => {
    const key = keyOf(named);
    ctx.note({ EncryptionContextNames: contextNames(input.EncryptionContext) });
    const { versionId, blob, plaintext } = await makeDataKey(ctx, key, input);
    plaintext.wipe();
    return { KeyId: key.keyId, KeyVersionId: versionId, CiphertextBlob: blob };
  },
});
