import type { Collection, Place, Storage } from '../domain/storage.ts';
import type { Config } from './config/schema.ts';
import { StartRefused } from './start-refused.ts';

interface RegionRecord {
  readonly region: string;
}

/** Where what is the deployment's own is kept. */
const DEPLOYMENT: Place = { account: '', region: '' };

/** Every region that a start has served so far. */
export const REGIONS: Collection<RegionRecord> = {
  kind: 'coffer.region',
  group: 'coffer',
  schema: 1,
  id: ({ region }) => region,
};

/** The regions of the configuration, the deployment's own first. */
export function servedRegions({ region, furtherRegions }: Pick<Config, 'region' | 'furtherRegions'>): string[] {
  return [region, ...furtherRegions];
}

/** What is wrong when the configuration leaves out a region that the database still holds something of; else undefined. */
export async function unservedRegion(
  config: Config,
  storage: Storage,
): Promise<{ readonly detail: string; readonly advice: string } | undefined> {
  const served = servedRegions(config);
  for (const { region } of await storage.reader.list(REGIONS, DEPLOYMENT)) {
    if (served.includes(region)) continue;
    const held = await storage.recordsIn(region);
    if (held.size > 0) {
      const counts = [...held].map(([kind, count]) => `${count} ${kind}`).join(', ');
      return {
        detail: `the database holds records of region ${region}, which the configuration does not serve: ${counts}`,
        advice: `name ${region} under region or furtherRegions, or take another data directory.`,
      };
    }
  }
  return undefined;
}

/** Refuses a configuration under which records would be out of reach; notes the regions that are served from now on. */
export async function settleRegions(config: Config, storage: Storage): Promise<void> {
  const wrong = await unservedRegion(config, storage);
  if (wrong !== undefined) throw new StartRefused(`${wrong.detail}; ${wrong.advice}`);
  const known = (await storage.reader.list(REGIONS, DEPLOYMENT)).map(({ region }) => region);
  const fresh = servedRegions(config).filter((region) => !known.includes(region));
  if (fresh.length === 0) return;
  await storage.transaction(async (tx) => {
    for (const region of new Set(fresh)) {
      if ((await tx.get(REGIONS, DEPLOYMENT, region)) === undefined) await tx.insert(REGIONS, DEPLOYMENT, { region });
    }
  });
}
