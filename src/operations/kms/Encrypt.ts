import { MAX_PLAINTEXT_BYTES } from '../../crypto/envelope.ts';
import { dryRun, secretText } from '../../schema/fields.ts';
import { out } from '../../schema/output.ts';
import { contextNames, encryptionContext } from './_encryption-context.ts';
import { usable } from './_key-guards.ts';
import { ENCRYPT_ERRORS, sealMessage } from './_key-material.ts';
import { findKey, itself, keyId, keyOf, keyPermission, keyReferences } from './_key-reference.ts';
import { reads } from './_product.ts';

export const Encrypt = reads({
  product: 'Kms',
  name: 'Encrypt',
  origin: 'vendor',
  title: 'Encrypts a text under a symmetric key.',
  notes:
    'The text is taken as it comes: it need not be base64, and Decrypt returns the same characters. Each call counts as one message of the key version, whose number is limited.',
  input: {
    KeyId: keyId(),
    Plaintext: secretText({
      doc: 'What to encrypt. Documented as base64 of at most 6 KB, but any text is taken.',
      required: true,
      maxBytes: MAX_PLAINTEXT_BYTES,
    }),
    EncryptionContext: encryptionContext(
      'Pairs of texts that must be given again to decrypt. Their order has no meaning.',
    ),
    DryRun: dryRun(),
  },
  output: {
    KeyId: out.text('Id of the key, also when an alias was sent.'),
    KeyVersionId: out.text('Version that encrypted: the primary one.'),
    CiphertextBlob: out.secret('Base64 of version id, IV, ciphertext and tag.'),
  },
  resolve: (ctx, input) => findKey(ctx, input.KeyId),
  permissions: [keyPermission('kms:Encrypt', itself)],
  guards: usable(itself),
  throttle: 'symmetric',
  errors: ENCRYPT_ERRORS,
  references: keyReferences(itself),
  handle: async (ctx, input, named) => {
    const key = keyOf(named);
    ctx.note({ EncryptionContextNames: contextNames(input.EncryptionContext) });
    const sealed = await sealMessage(ctx, key, input.EncryptionContext, input.Plaintext);
    return { KeyId: key.keyId, KeyVersionId: sealed.versionId, CiphertextBlob: sealed.blob };
  },
});
