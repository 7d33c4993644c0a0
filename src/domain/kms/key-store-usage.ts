import { kmsArn } from '../../core/arn.ts';
import type { UsageProbe } from '../ram/role-usage.ts';
import { KEY_STORES } from './key-store.ts';

/** The private key stores that need the service-linked role, in every region: each of the account's, in any state. */
export const keyStoreUsage: UsageProbe = async (read, account) => {
  const byRegion = new Map<string, string[]>();
  for (const { place, record } of await read.everywhere(KEY_STORES, account)) {
    const arns = byRegion.get(place.region) ?? [];
    byRegion.set(place.region, arns);
    arns.push(kmsArn(place.region, account, `keystore/${record.keyStoreId}`));
  }
  return [...byRegion]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([region, arns]) => ({ region, resources: arns.sort() }));
};
