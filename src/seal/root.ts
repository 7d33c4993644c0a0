import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { ForOperators } from '../core/for-operators.ts';
import type { Random } from '../core/random.ts';
import { Secret } from '../core/secret.ts';
import type { Collection, Place, Storage } from '../domain/storage.ts';
import { type Unwrapper, UnwrapperUnusable } from './unwrapper.ts';

/** The wrapped copies of the root key, one per unwrapper. */
interface RootRecord {
  readonly id: 'root';
  readonly copies: readonly { readonly unwrapper: string; readonly wrapped: string }[];
}

export const ROOT: Collection<RootRecord> = { kind: 'seal.root', group: 'seal', schema: 1, id: (record) => record.id };
export const ROOT_PLACE: Place = { account: '', region: '' };

/** No unwrapper opens the root key, so nothing sealed can be read and the server must not start. */
export class RootLocked extends Error implements ForOperators {
  readonly forOperators = true;
  readonly reasons: readonly { unwrapper: string; reason: string; advice: string }[];
  constructor(reasons: readonly { unwrapper: string; reason: string; advice: string }[]) {
    super(
      `no unwrapper opens the root key: ${reasons.map((entry) => `${entry.unwrapper}: ${entry.reason}. ${entry.advice}`).join(' ')}`,
    );
    this.name = 'RootLocked';
    this.reasons = reasons;
  }
}

function wrap(key: Secret, root: Secret, random: Random): string {
  const iv = random.bytes(12);
  const cipher = createCipheriv('aes-256-gcm', key.reveal(), iv);
  cipher.setAAD(Buffer.from('coffer root 1'));
  return Buffer.concat([iv, cipher.update(root.reveal()), cipher.final(), cipher.getAuthTag()]).toString('base64');
}

function unwrap(key: Secret, wrapped: string): Secret | undefined {
  const bytes = Buffer.from(wrapped, 'base64');
  if (bytes.length !== 60) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key.reveal(), bytes.subarray(0, 12));
  decipher.setAAD(Buffer.from('coffer root 1'));
  decipher.setAuthTag(bytes.subarray(44));
  try {
    return new Secret(Buffer.concat([decipher.update(bytes.subarray(12, 44)), decipher.final()]));
  } catch {
    return undefined;
  }
}

async function tryUnwrapper(unwrapper: Unwrapper, record: RootRecord): Promise<Secret> {
  const copy = record.copies.find((entry) => entry.unwrapper === unwrapper.id);
  if (copy === undefined)
    throw new UnwrapperUnusable(
      'it has no copy of the root key',
      'Start once with a working unwrapper beside it: a copy is added then.',
    );
  const key = await unwrapper.key();
  const root = unwrap(key, copy.wrapped);
  key.wipe();
  if (root === undefined)
    throw new UnwrapperUnusable(
      'its key does not open its copy of the root key',
      'Restore the right key from its backup.',
    );
  return root;
}

/**
 * How each unwrapper fares, for the doctor: proves that each one still works. The problem of one that has its copy and
 * whose key is with its holders is an `UnwrapperAway`.
 */
export async function proveUnwrappers(
  storage: Storage,
  unwrappers: readonly Unwrapper[],
): Promise<{ unwrapper: Unwrapper; problem: UnwrapperUnusable | undefined }[]> {
  const record = await storage.reader.get(ROOT, ROOT_PLACE, 'root');
  const results: { unwrapper: Unwrapper; problem: UnwrapperUnusable | undefined }[] = [];
  for (const unwrapper of unwrappers) {
    try {
      if (record === undefined) throw new UnwrapperUnusable('there is no root key yet', 'Start the server once.');
      (await tryUnwrapper(unwrapper, record)).wipe();
      results.push({ unwrapper, problem: undefined });
    } catch (error) {
      if (!(error instanceof UnwrapperUnusable)) throw error;
      results.push({ unwrapper, problem: error });
    }
  }
  return results;
}

/** Opens the root key with the first unwrapper that works. Throws {@link RootLocked}. */
async function unlock(record: RootRecord, unwrappers: readonly Unwrapper[]): Promise<Secret> {
  const reasons: { unwrapper: string; reason: string; advice: string }[] = [];
  for (const unwrapper of unwrappers) {
    try {
      return await tryUnwrapper(unwrapper, record);
    } catch (error) {
      if (!(error instanceof UnwrapperUnusable)) throw error;
      reasons.push({ unwrapper: unwrapper.id, reason: error.message, advice: error.advice });
    }
  }
  throw new RootLocked(reasons);
}

function recordMissing(): RootLocked {
  return new RootLocked([
    {
      unwrapper: 'database',
      reason: 'the root key record is missing',
      advice: 'Restore the database from its backup.',
    },
  ]);
}

/** The root key of a deployment that has one; changes nothing. Throws {@link RootLocked}. */
export async function unlockRoot(storage: Storage, unwrappers: readonly Unwrapper[]): Promise<Secret> {
  const record = await storage.reader.get(ROOT, ROOT_PLACE, 'root');
  if (record === undefined) throw recordMissing();
  return unlock(record, unwrappers);
}

/**
 * The root key of this deployment: made at the first start, opened by the first unwrapper that works afterwards.
 * Unwrappers new to the configuration get their copy, once another has opened the root.
 */
export async function openRoot(
  storage: Storage,
  unwrappers: readonly Unwrapper[],
  random: Random,
  isNew: boolean,
): Promise<Secret> {
  const record = await storage.reader.get(ROOT, ROOT_PLACE, 'root');
  if (record === undefined) {
    if (!isNew) throw recordMissing();
    return addCopies(storage, unwrappers, { fresh: new Secret(random.bytes(32)) }, random);
  }
  const root = await unlock(record, unwrappers);
  const isNewcomer = ({ id }: Unwrapper) => !record.copies.some((copy) => copy.unwrapper === id);
  return unwrappers.some(isNewcomer) ? addCopies(storage, unwrappers, { opened: root }, random) : root;
}

/** What stays undone for want of this unwrapper's key. */
function noKey(unwrapper: Unwrapper, error: unknown): RootLocked['reasons'][number] {
  if (!(error instanceof UnwrapperUnusable)) throw error;
  return { unwrapper: unwrapper.id, reason: error.message, advice: error.advice };
}

/**
 * Adds the copies that are missing. Returns the root key that counts, which is another than a `fresh` one when another
 * node has made it since we looked.
 */
function addCopies(
  storage: Storage,
  unwrappers: readonly Unwrapper[],
  known: { readonly opened: Secret } | { readonly fresh: Secret },
  random: Random,
): Promise<Secret> {
  return storage.transaction(async (tx) => {
    const record = await tx.get(ROOT, ROOT_PLACE, 'root');
    const root =
      'opened' in known ? known.opened : record === undefined ? known.fresh : await unlock(record, unwrappers);
    const copies = [...(record?.copies ?? [])];
    const reasons: RootLocked['reasons'][number][] = [];
    for (const unwrapper of unwrappers) {
      if (copies.some((copy) => copy.unwrapper === unwrapper.id)) continue;
      try {
        await unwrapper.create();
        const key = await unwrapper.key();
        copies.push({ unwrapper: unwrapper.id, wrapped: wrap(key, root, random) });
        key.wipe();
      } catch (error) {
        // Without its key now, it gets its copy at a later start.
        reasons.push(noKey(unwrapper, error));
      }
    }
    if (copies.length === 0) throw new RootLocked(reasons);
    const next: RootRecord = { id: 'root', copies };
    if (record === undefined) await tx.insert(ROOT, ROOT_PLACE, next);
    else await tx.update(ROOT, ROOT_PLACE, next);
    return root;
  });
}
