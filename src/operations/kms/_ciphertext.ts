import { type Envelope, MAX_BLOB_CHARS, parseEnvelope } from '../../crypto/envelope.ts';
import { KEY_VERSIONS, KEYS, type KeyVersionRecord } from '../../domain/kms/key.ts';
import { fail } from '../../errors/fault.ts';
import type { LookupContext } from '../../operation/context.ts';
import { sure } from '../../operation/found.ts';
import { text } from '../../schema/fields.ts';
import { anyKeyArn, type NamedKey } from './_key-reference.ts';

/** A ciphertext and the key that its head names. */
export interface NamedCiphertext {
  readonly envelope: Envelope;
  readonly version: KeyVersionRecord | undefined;
  readonly key: NamedKey;
}

/** The `CiphertextBlob` parameter. */
export function ciphertextBlob(doc = 'The ciphertext, as an encrypting operation returned it.') {
  return text({ doc, required: true, max: MAX_BLOB_CHARS, masked: true });
}

/**
 * Opens the head of a ciphertext and finds the key it names; says nothing about what it found. A blob without the
 * layout is refused at once: that is a matter of the text alone.
 */
export async function findCiphertext(ctx: LookupContext, blob: string): Promise<NamedCiphertext> {
  const envelope = parseEnvelope(blob);
  if (envelope === undefined) throw fail('InvalidParameter', { name: 'CiphertextBlob' });
  const version = await ctx.read.get(KEY_VERSIONS, ctx.place, envelope.versionId);
  const record = version === undefined ? undefined : await ctx.read.get(KEYS, ctx.place, version.keyId);
  return { envelope, version, key: { by: 'ciphertext', sentArn: anyKeyArn(ctx), record } };
}

/** The version that opens the ciphertext, whose key the guards have found. */
export function versionOf(named: NamedCiphertext): KeyVersionRecord {
  return sure(named.version, 'keyFound');
}
