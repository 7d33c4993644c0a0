import { isoSeconds } from '../../core/time.ts';
import { KEYS } from '../../domain/kms/key.ts';
import type { ConnectionState, KeyStoreRecord } from '../../domain/kms/key-store.ts';
import type { LookupContext } from '../../operation/context.ts';
import { found } from '../../operation/found.ts';
import { out } from '../../schema/output.ts';
import type { NamedStore } from './_key-store.ts';

/** How the vendor's instances call the states of a store's connection. */
const STATUS: Readonly<Record<ConnectionState, string>> = {
  Disconnected: 'Disconnected',
  Connecting: 'Connecting',
  Connected: 'Connected',
  Disconnecting: 'Disconnected',
  Failed: 'Error',
};

export function instanceStatus({ connection }: KeyStoreRecord): string {
  return STATUS[connection];
}

/** A key store in the form of a KMS instance. */
export const instanceOutput = {
  InstanceId: out.text('Id of the key store.'),
  InstanceName: out.text('Its name.'),
  Status: out.text('`Connected`, `Connecting`, `Disconnected`, or `Error` when the last connect failed.'),
  CreateTime: out.text('When it was made (UTC).'),
  VpcId: out.text('VPC of the HSMs; empty while disconnected, as are the next two.'),
  VswitchIds: out.plainTextList('The vSwitches.', 'VswitchIds'),
  ZoneIds: out.plainTextList('Zones of the vSwitches.', 'ZoneIds'),
  KeyNum: out.integer('Keys in the store, in any state.'),
  SecretNum: out.text('`0`: stores hold no secrets.'),
};

export async function instanceAnswer(ctx: LookupContext, store: KeyStoreRecord) {
  return {
    InstanceId: store.keyStoreId,
    InstanceName: store.name,
    Status: instanceStatus(store),
    CreateTime: isoSeconds(new Date(store.createdAt)),
    VpcId: store.network?.vpcId ?? '',
    VswitchIds: store.network?.vSwitchIds ?? [],
    ZoneIds: store.network?.zoneIds ?? [],
    KeyNum: await ctx.read.count(KEYS, ctx.place, { index: 'keyStore', value: store.keyStoreId }),
    SecretNum: '0',
  };
}

export const instanceFound = found<NamedStore>(
  'Forbidden.DKMSInstanceNotFound',
  'The key store exists in this account and region.',
  ({ record }) => record,
);
