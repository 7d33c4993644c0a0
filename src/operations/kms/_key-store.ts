import { kmsArn, parseArn } from '../../core/arn.ts';
import { isoSeconds } from '../../core/time.ts';
import { CONNECTION_RULES, type ConnectionEvent } from '../../domain/kms/connection-states.ts';
import { KEYS } from '../../domain/kms/key.ts';
import { KEY_STORES, type KeyStoreRecord } from '../../domain/kms/key-store.ts';
import { KEY_STORE_HSM_USER } from '../../domain/kms/key-store-role.ts';
import { DuplicateRecord } from '../../domain/storage.ts';
import { fail } from '../../errors/fault.ts';
import type { HandlerContext, LookupContext } from '../../operation/context.ts';
import { found, sure } from '../../operation/found.ts';
import type { Guard, Permission, Subject } from '../../operation/operation.ts';
import { secretText, text } from '../../schema/fields.ts';
import { type Answer, optional, out } from '../../schema/output.ts';
import type { KmsPorts } from './_product.ts';

/** A store as a call names it: by its id or its ARN. */
export interface StoreName {
  /** Undefined for an ARN of something else, which names no store here. */
  readonly id: string | undefined;
  /** What to decide on. */
  readonly arn: string;
}

/** The store a call names, if there is one. */
export interface NamedStore extends StoreName {
  readonly record: KeyStoreRecord | undefined;
}

const NAME = { max: 128, pattern: /^[A-Za-z0-9_/+=.@-]+$/, form: 'letters, digits, `_ / + = . @ -`' } as const;

/** Input fields of the key store operations, declared once. */
export const storeInput = {
  id: () => text({ doc: 'The key store: its id or its ARN.', required: true, max: 128 }),
  name: <const R extends boolean>(required: R) =>
    text({ doc: 'Name of the key store; unique in account and region.', required, ...NAME }),
  newName: () => text({ doc: 'The new name.', ...NAME }),
  description: () => text({ doc: 'Free text.', min: 0, max: 8192 }),
  cluster: <const R extends boolean>(required: R) =>
    text({
      doc: 'The HSM cluster that holds the keys; one store per cluster.',
      required,
      max: 64,
      pattern: /^[\w-]+$/,
    }),
  password: <const R extends boolean>(required: R) =>
    secretText({
      doc: `Password of the crypto user \`${KEY_STORE_HSM_USER}\` on the HSMs. Kept sealed, never returned, tried at the next connect.`,
      required,
      min: 7,
      max: 32,
      pattern: /^[\x21-\x7e]*$/,
      form: 'printable ASCII without spaces',
    }),
  certificate: <const R extends boolean>(required: R) =>
    text({
      doc: 'The certificate of the issuer that signed the cluster (its ClusterOwnerCertificate): one self-signed X.509 certificate with an RSA key of 2048 or 4096 bits, PEM. Audit events name it by its SHA-256.',
      required,
      max: 32_768,
      masked: true,
    }),
} as const;

const STORE = 'keystore/';

export function storeArn(ctx: LookupContext, id: string): string {
  return kmsArn(ctx.region, ctx.account, STORE + id);
}

/** Reads a store's id or ARN. ARNs of other accounts, regions and kinds name no store. */
export function storeName(ctx: LookupContext, sent: string): StoreName {
  const arn = parseArn(sent);
  if (arn === undefined) return { id: sent, arn: storeArn(ctx, sent) };
  const { service, region, account, relative } = arn;
  const here = service === 'kms' && region === ctx.region && account === ctx.account && relative.startsWith(STORE);
  return { id: here ? relative.slice(STORE.length) : undefined, arn: sent };
}

/** Finds a store by id or ARN. */
export async function findStore(ctx: LookupContext, sent: string): Promise<NamedStore> {
  const name = storeName(ctx, sent);
  return { ...name, record: name.id === undefined ? undefined : await ctx.read.get(KEY_STORES, ctx.place, name.id) };
}

export function namedStore(ctx: LookupContext, input: { readonly KeyStoreId: string }): Promise<NamedStore> {
  return findStore(ctx, input.KeyStoreId);
}

/** On the container: making and listing. */
export function storesPermission<I, R>(action: `kms:${string}`): Permission<I, R> {
  return {
    action,
    resource: 'acs:kms:{region}:{account}:keystore',
    arns: ({ ctx }) => kmsArn(ctx.region, ctx.account, 'keystore'),
  };
}

export function storePermission<I>(action: `kms:${string}`): Permission<I, NamedStore> {
  return {
    action,
    resource: 'acs:kms:{region}:{account}:keystore/{KeyStoreId}',
    arns: ({ resolved }) => resolved.arn,
  };
}

export const storeFound = found<NamedStore>(
  'Forbidden.KeyStoreNotFound',
  'The key store exists in this account and region.',
  ({ record }) => record,
);

/** The store that {@link storeFound} has made sure of. */
export function storeOf(named: NamedStore): KeyStoreRecord {
  return sure(named.record, 'storeFound');
}

/** Refuses what the table of connection states refuses. */
export function assertAllowed(store: KeyStoreRecord, event: ConnectionEvent): void {
  const rule = CONNECTION_RULES[store.connection][event];
  if (rule.kind === 'refuse') throw fail(rule.code, { store: store.keyStoreId, state: store.connection });
}

export function connectionAllows(event: ConnectionEvent): Guard<NamedStore> {
  return {
    errors: ['Rejected.KeyStoreStateInvalid'],
    doc: `The connection state allows \`${event}\` (table of connection states).`,
    check: (named) => assertAllowed(storeOf(named), event),
  };
}

export function storeReferences<I>({ resolved }: Subject<I, NamedStore>): Readonly<Record<string, readonly string[]>> {
  return resolved.record === undefined ? {} : { 'ACS::KMS::KeyStore': [resolved.record.keyStoreId] };
}

/** A store in answers. */
export const storeOutput = {
  KeyStoreId: out.text('Id of the key store.'),
  Arn: out.text('ARN of the key store.'),
  KeyStoreName: out.text('Name.'),
  Description: out.text('Free text.'),
  KeyStoreType: out.text('`HSM_CLUSTER`.'),
  Creator: out.text('Account that made it.'),
  CreateDate: out.text('When it was made (UTC).'),
  ConnectionState: out.text('`Disconnected`, `Connecting`, `Connected`, `Disconnecting` or `Failed`.'),
  ConnectionErrorCode: optional(out.text('Why the last attempt to connect failed; only in `Failed`.')),
  ConnectionErrorMessage: optional(out.text('The same in a sentence.')),
  LastConnectedTime: optional(out.text('When it was last connected (UTC).')),
  HsmClusterId: out.text('The HSM cluster.'),
  HsmUserName: out.text('The crypto user KMS logs in as.'),
  SecurityDomainCertificate: out.text('Owner certificate of the cluster, PEM.'),
  VpcId: out.text('VPC of the HSMs; empty while disconnected, as are the next four.'),
  ZoneIds: out.textList('Zones of the vSwitches.', 'ZoneId'),
  VSwitchIds: out.textList('The vSwitches.', 'VSwitchId'),
  SecurityGroupId: out.text('Security group made for the store.'),
  NetworkInterfaceIds: out.textList('Network interfaces made for the store.', 'NetworkInterfaceId'),
  HsmNum: out.integer('HSMs of the cluster found at the last connect; 0 while disconnected.'),
  AvailableHsmNum: out.integer('Of these, how many answer now.'),
  KeyNum: out.integer('Keys in the store, in any state.'),
  Members: out.list('The HSMs, with what keeps one from being used; empty while disconnected.', 'Member', {
    InstanceId: out.text('Id of the HSM.'),
    Ip: out.text('Its address in the VPC.'),
    Problem: optional(out.text('Connection error code of this HSM at the last connect.')),
  }),
  RemainingResources: out.textList(
    'Interfaces and groups of the store that could not be removed: KMS may make network interfaces, but not delete them.',
    'RemainingResource',
  ),
};

export type StoreAnswer = Answer<typeof storeOutput>;

/** How a store is shown; asks its HSMs how they are. */
export async function describeStore(ctx: HandlerContext<KmsPorts, never>, store: KeyStoreRecord): Promise<StoreAnswer> {
  const { network } = store;
  const health =
    store.connection === 'Connected'
      ? await ctx.ports.backends.health(ctx.place, store)
      : { total: store.members.length, available: 0 };
  return {
    KeyStoreId: store.keyStoreId,
    Arn: storeArn(ctx, store.keyStoreId),
    KeyStoreName: store.name,
    Description: store.description,
    KeyStoreType: store.type,
    Creator: store.creator,
    CreateDate: isoSeconds(new Date(store.createdAt)),
    ConnectionState: store.connection,
    ConnectionErrorCode: store.connectionErrorCode,
    ConnectionErrorMessage: store.connectionErrorMessage,
    LastConnectedTime: store.lastConnectedAt === undefined ? undefined : isoSeconds(new Date(store.lastConnectedAt)),
    HsmClusterId: store.hsmClusterId,
    HsmUserName: KEY_STORE_HSM_USER,
    SecurityDomainCertificate: store.securityDomainCertificate,
    VpcId: network?.vpcId ?? '',
    ZoneIds: network?.zoneIds ?? [],
    VSwitchIds: network?.vSwitchIds ?? [],
    SecurityGroupId: network?.securityGroupId ?? '',
    NetworkInterfaceIds: network?.interfaces.map((one) => one.networkInterfaceId) ?? [],
    HsmNum: health.total,
    AvailableHsmNum: health.available,
    KeyNum: await ctx.read.count(KEYS, ctx.place, { index: 'keyStore', value: store.keyStoreId }),
    Members: store.members.map((one) => ({ InstanceId: one.instanceId, Ip: one.ip, Problem: one.problem })),
    RemainingResources: store.leftOver,
  };
}

/** Writes the record; a name or a cluster that another store has becomes the API's refusal. */
export async function withoutClash(store: KeyStoreRecord, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (cause) {
    if (!(cause instanceof DuplicateRecord)) throw cause;
    if (cause.index === 'name') throw fail('Rejected.ResourceExist', {}, { cause });
    if (cause.index === 'cluster') throw fail('Rejected.HsmClusterInUse', { cluster: store.hsmClusterId }, { cause });
    throw cause;
  }
}
