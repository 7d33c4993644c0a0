import { kmsArn, parseArn } from '../../core/arn.ts';
import { ALIASES, KEYS, type KeyRecord } from '../../domain/kms/key.ts';
import { fail } from '../../errors/fault.ts';
import type { LookupContext } from '../../operation/context.ts';
import { sure } from '../../operation/found.ts';
import type { Guard, Permission, Subject } from '../../operation/operation.ts';
import { text } from '../../schema/fields.ts';

/** A key as the caller named it, and what that name finds. */
export interface NamedKey {
  /** Kind of name: only an id (or an ARN with one) is no secret to whoever sent it. */
  readonly by: 'id' | 'alias' | 'ciphertext';
  /** ARN to decide on when nothing is found. */
  readonly sentArn: string;
  readonly record: KeyRecord | undefined;
}

/** The `KeyId` parameter: one form for all operations. */
export function keyId(doc = 'The key: its id, its ARN, `alias/NAME`, or the ARN of an alias.') {
  return text({ doc, required: true, max: 512 });
}

/** The ARN that stands for a key whose id the caller has not sent. */
export function anyKeyArn(ctx: LookupContext): string {
  return kmsArn(ctx.region, ctx.account, 'key/*');
}

async function byAlias(ctx: LookupContext, aliasName: string): Promise<KeyRecord | undefined> {
  const alias = await ctx.read.get(ALIASES, ctx.place, aliasName);
  return alias === undefined ? undefined : ctx.read.get(KEYS, ctx.place, alias.keyId);
}

/** Finds a key by id, `alias/NAME`, or an ARN of either. ARNs of other accounts and regions find nothing. */
export async function findKey(ctx: LookupContext, sent: string): Promise<NamedKey> {
  const arn = parseArn(sent);
  const local = arn === undefined ? sent : arn.relative.startsWith('key/') ? arn.relative.slice(4) : arn.relative;
  const foreign =
    arn !== undefined && (arn.service !== 'kms' || arn.region !== ctx.region || arn.account !== ctx.account);
  if (local.startsWith('alias/')) {
    const record = foreign ? undefined : await byAlias(ctx, local);
    return { by: 'alias', sentArn: anyKeyArn(ctx), record };
  }
  const record = foreign ? undefined : await ctx.read.get(KEYS, ctx.place, local);
  return { by: 'id', sentArn: foreign ? sent : kmsArn(ctx.region, ctx.account, `key/${local}`), record };
}

export function keyArn(ctx: LookupContext, key: KeyRecord): string {
  return kmsArn(ctx.region, ctx.account, `key/${key.keyId}`);
}

const NO_TAGS: ReadonlyMap<string, string> = new Map();

function tagConditions(key: KeyRecord | undefined): ReadonlyMap<string, string> {
  if (key === undefined || key.tags.length === 0) return NO_TAGS;
  const conditions = new Map<string, string>();
  for (const tag of key.tags) {
    conditions.set(`kms:tag/${tag.key}`, tag.value).set(`acs:ResourceTag/${tag.key}`, tag.value);
  }
  return conditions;
}

/** The permission on a key: decided on the key's own ARN however it was named, told as the caller named it. */
export function keyPermission<I, R>(action: `kms:${string}`, of: (resolved: R) => NamedKey): Permission<I, R> {
  return {
    action,
    resource: 'acs:kms:{region}:{account}:key/{KeyId}',
    arns: ({ resolved, ctx }: Subject<I, R>) => {
      const named = of(resolved);
      return named.record === undefined ? named.sentArn : keyArn(ctx, named.record);
    },
    tags: ({ resolved }: Subject<I, R>) => tagConditions(of(resolved).record),
    shown: ({ resolved, ctx }: Subject<I, R>) => (of(resolved).by === 'id' ? undefined : anyKeyArn(ctx)),
  };
}

/** The key exists. */
export function keyFound<R>(of: (resolved: R) => NamedKey): Guard<R> {
  return {
    errors: ['Forbidden.KeyNotFound', 'Forbidden.AliasNotFound'],
    doc: 'The key exists in this account and region.',
    check: (resolved) => {
      const { by, record } = of(resolved);
      if (record === undefined) throw fail(by === 'alias' ? 'Forbidden.AliasNotFound' : 'Forbidden.KeyNotFound');
    },
  };
}

/** The key that {@link keyFound} has made sure of. */
export function keyOf(named: NamedKey): KeyRecord {
  return sure(named.record, 'keyFound');
}

/** The key for the audit event. */
export function keyReferences<I, R>(of: (resolved: R) => NamedKey) {
  return ({ resolved }: Subject<I, R>): Readonly<Record<string, readonly string[]>> => {
    const { record } = of(resolved);
    return record === undefined ? {} : { 'ACS::KMS::Key': [record.keyId] };
  };
}

/** For operations whose resolution is the key alone. */
export const itself = (named: NamedKey): NamedKey => named;
