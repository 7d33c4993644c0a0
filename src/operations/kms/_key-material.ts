import type { Secret } from '../../core/secret.ts';
import { contextData, type EncryptionContext, type Envelope, formatEnvelope } from '../../crypto/envelope.ts';
import {
  BadCiphertext,
  type KeyBackend,
  type MaterialHome,
  QuorumMissing,
  StoreUnavailable,
} from '../../domain/kms/backend.ts';
import { KEY_VERSIONS, type KeyRecord, type KeyVersionRecord, messageCounter } from '../../domain/kms/key.ts';
import { KEY_STORES } from '../../domain/kms/key-store.ts';
import { fail } from '../../errors/fault.ts';
import type { ErrorCode } from '../../errors/table.ts';
import type { ReadContext } from '../../operation/context.ts';
import type { KmsPorts } from './_product.ts';

/** What any use of key material may answer besides success. */
export const MATERIAL_ERRORS = [
  'ServiceUnavailableTemporary',
  'Rejected.KeyStoreDisconnected',
] as const satisfies readonly ErrorCode[];

/** What encryption may answer. */
export const ENCRYPT_ERRORS = [...MATERIAL_ERRORS, 'Rejected.LimitExceeded'] as const satisfies readonly ErrorCode[];

/** What decryption may answer. */
export const DECRYPT_ERRORS = [...MATERIAL_ERRORS, 'InvalidParameter'] as const satisfies readonly ErrorCode[];

const IV_BYTES = 12;

type Context = ReadContext<KmsPorts, never>;

/** The backend of a key's store. Its state has been checked; this finds it gone when that changed a moment ago. */
export async function backendOf(ctx: Context, keyStoreId: string | undefined): Promise<KeyBackend> {
  const { backends } = ctx.ports;
  if (keyStoreId === undefined) return backends.software;
  const store = await ctx.read.get(KEY_STORES, ctx.place, keyStoreId);
  if (store === undefined || store.connection !== 'Connected') {
    throw fail('Rejected.KeyStoreDisconnected', { store: keyStoreId, state: store?.connection ?? 'Disconnected' });
  }
  return backends.store(ctx.place, store);
}

/** Does the work, and turns a backend's own errors into the API's. */
export async function withBackend<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof BadCiphertext) throw fail('InvalidParameter', { name: 'CiphertextBlob' }, { cause });
    if (cause instanceof StoreUnavailable) throw fail('ServiceUnavailableTemporary', {}, { cause });
    if (cause instanceof QuorumMissing) {
      throw fail('Rejected.InsufficientHsms', { available: cause.available, needed: cause.needed }, { cause });
    }
    throw cause;
  }
}

export function homeOf(ctx: Context, version: Pick<KeyVersionRecord, 'keyId' | 'versionId'>): MaterialHome {
  return { place: ctx.place, keyId: version.keyId, versionId: version.versionId };
}

/** A message encrypted under a key's primary version. */
export interface Sealed {
  readonly versionId: string;
  /** `CiphertextBlob`. */
  readonly blob: string;
}

/** Encrypts one message under the key's primary version, and counts it. */
export async function sealMessage(
  ctx: Context,
  key: KeyRecord,
  context: EncryptionContext | undefined,
  plaintext: Secret,
): Promise<Sealed> {
  const versionId = key.primaryVersionId;
  const version = await ctx.read.get(KEY_VERSIONS, ctx.place, versionId);
  // Another key's version here would let that key's users read this one's messages: somebody has changed the database.
  if (version?.keyId !== key.keyId) throw new Error(`key ${key.keyId} has no version ${versionId}`);
  if (!(await ctx.ports.messages.admits(ctx.place, key.keyId, versionId))) {
    throw fail('Rejected.LimitExceeded', { what: `messages under key version ${versionId}` });
  }
  ctx.count(messageCounter(versionId), 1);
  const backend = await backendOf(ctx, key.keyStoreId);
  const iv = ctx.ports.random.bytes(IV_BYTES);
  const body = await withBackend(() =>
    backend.encrypt(version.material, homeOf(ctx, version), iv, contextData(context), plaintext),
  );
  return { versionId, blob: formatEnvelope({ versionId, iv, body }) };
}

/** Opens a message with the version it names. */
export async function openMessage(
  ctx: Context,
  key: KeyRecord,
  version: KeyVersionRecord,
  envelope: Envelope,
  context: EncryptionContext | undefined,
): Promise<Secret> {
  const backend = await backendOf(ctx, key.keyStoreId);
  return withBackend(() =>
    backend.decrypt(version.material, homeOf(ctx, version), envelope.iv, contextData(context), envelope.body),
  );
}
