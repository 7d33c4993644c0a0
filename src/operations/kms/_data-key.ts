import { Secret } from '../../core/secret.ts';
import { lookup, table } from '../../core/table.ts';
import type { EncryptionContext } from '../../crypto/envelope.ts';
import type { KeyRecord } from '../../domain/kms/key.ts';
import { fail } from '../../errors/fault.ts';
import type { ErrorCode } from '../../errors/table.ts';
import type { ReadContext } from '../../operation/context.ts';
import { dryRun, integer, text } from '../../schema/fields.ts';
import { encryptionContext } from './_encryption-context.ts';
import { backendOf, ENCRYPT_ERRORS, sealMessage, withBackend } from './_key-material.ts';
import { keyId } from './_key-reference.ts';
import type { KmsPorts } from './_product.ts';

const BYTES_OF_SPEC = table({ AES_256: 32, AES_128: 16 });

/** Parameters that the data key operations share. */
export const dataKeyInput = {
  KeyId: keyId(),
  KeySpec: text({
    doc: 'Kind of data key: `AES_256` (default) or `AES_128`. Not looked at when NumberOfBytes is given.',
    max: 64,
  }),
  NumberOfBytes: integer({ doc: 'Length of the data key in bytes; wins over KeySpec.', min: 1, max: 1024 }),
  EncryptionContext: encryptionContext('Pairs of texts that must be given again to decrypt the data key.'),
  DryRun: dryRun(),
};

/** What the data key operations may answer. */
export const DATA_KEY_ERRORS = [...ENCRYPT_ERRORS, 'InvalidParameter'] as const satisfies readonly ErrorCode[];

interface DataKeyOrder {
  readonly KeySpec: string | undefined;
  readonly NumberOfBytes: number | undefined;
  readonly EncryptionContext: EncryptionContext | undefined;
}

function lengthOf(order: DataKeyOrder): number {
  if (order.NumberOfBytes !== undefined) return order.NumberOfBytes;
  const bytes = lookup(BYTES_OF_SPEC, order.KeySpec ?? 'AES_256');
  if (bytes === undefined) throw fail('InvalidParameter', { name: 'KeySpec' });
  return bytes;
}

/** A new data key, drawn where the key lives. What is encrypted is its base64 text, as the vendor does. */
export async function makeDataKey(
  ctx: ReadContext<KmsPorts, never>,
  key: KeyRecord,
  order: DataKeyOrder,
): Promise<{ readonly versionId: string; readonly blob: string; readonly plaintext: Secret }> {
  const count = lengthOf(order);
  const backend = await backendOf(ctx, key.keyStoreId);
  const drawn = await withBackend(() => backend.random(count));
  const plaintext = Secret.ofText(Buffer.from(drawn.reveal()).toString('base64'));
  drawn.wipe();
  const sealed = await sealMessage(ctx, key, order.EncryptionContext, plaintext);
  return { ...sealed, plaintext };
}
