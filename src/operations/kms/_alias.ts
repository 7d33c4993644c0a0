import { kmsArn } from '../../core/arn.ts';
import { ALIASES, type AliasRecord } from '../../domain/kms/key.ts';
import type { LookupContext } from '../../operation/context.ts';
import { found, sure } from '../../operation/found.ts';
import type { Permission } from '../../operation/operation.ts';
import { text } from '../../schema/fields.ts';
import { out } from '../../schema/output.ts';
import type { NamedKey } from './_key-reference.ts';

/** An alias as named, what the name finds, and the key it shall or does point to. */
export interface NamedAlias {
  readonly aliasName: string;
  readonly alias: AliasRecord | undefined;
  readonly key: NamedKey;
}

/** The `AliasName` parameter. */
export function aliasName() {
  return text({
    doc: 'The alias, with its prefix: `alias/NAME`. Names that begin with `acs` are reserved.',
    required: true,
    pattern: /^alias\/(?!acs)[A-Za-z0-9_/-]{1,255}$/,
    form: '`alias/` and 1-255 letters, digits, `_`, `-`, `/`',
  });
}

/** The key part of what an alias operation resolved. */
export const keyOfAlias = (named: NamedAlias): NamedKey => named.key;

/** The permission on the alias itself; the one on its key comes beside it. */
export function aliasPermission<I>(action: `kms:${string}`): Permission<I, NamedAlias> {
  return {
    action,
    resource: 'acs:kms:{region}:{account}:alias/{AliasName}',
    arns: ({ resolved, ctx }) => kmsArn(ctx.region, ctx.account, resolved.aliasName),
  };
}

/** The alias exists. */
export const aliasFound = found<NamedAlias>(
  'Forbidden.AliasNotFound',
  'The alias exists in this account and region.',
  ({ alias }) => alias,
);

/** The alias that {@link aliasFound} has made sure of. */
export function aliasOf(named: NamedAlias): AliasRecord {
  return sure(named.alias, 'aliasFound');
}

/** Alias and key, for the audit event. */
export function aliasReferences({ resolved }: { readonly resolved: NamedAlias }) {
  const { aliasName: name, key } = resolved;
  return {
    'ACS::KMS::Alias': [name],
    ...(key.record === undefined ? {} : { 'ACS::KMS::Key': [key.record.keyId] }),
  };
}

/** `Alias` in lists. */
export const aliasOutput = {
  AliasName: out.text('The alias, with its prefix.'),
  AliasArn: out.text('ARN of the alias.'),
  KeyId: out.text('Id of the key it points to.'),
};

export function aliasAnswer(ctx: LookupContext, alias: AliasRecord) {
  return {
    AliasName: alias.aliasName,
    AliasArn: kmsArn(ctx.region, ctx.account, alias.aliasName),
    KeyId: alias.keyId,
  };
}

/** Finds the alias of a name. */
export function findAlias(ctx: LookupContext, name: string): Promise<AliasRecord | undefined> {
  return ctx.read.get(ALIASES, ctx.place, name);
}
