import type { Collection, Place, Storage } from '../domain/storage.ts';
import type { Config } from './config/schema.ts';
import { StartRefused } from './start-refused.ts';

interface RegionRecord {
  readonly region: string;
}

/** Where what is the deployment's own is kept. */
const DEPLOYMENT: Place = { account: '', region: '' };

/** Every region that a start has served so far; none before the first start of a version that notes them. */
export const REGIONS: Collection<RegionRecord> = {
  kind: 'coffer.region',
  group: 'coffer',
  schema: 1,
  id: ({ region }) => region,
};

/** Records that nobody would miss: answers kept for repeated calls. */
const PASSING = ['pipeline.idempotency'];

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
  const noted = await storage.reader.list(REGIONS, DEPLOYMENT);
  // Counting goes through all records, so it is left out where it cannot find anything.
  if (noted.length > 0 && noted.every(({ region }) => served.includes(region))) return undefined;
  const held = (await storage.countsByRegion()).filter(
    ({ region, kind }) => !served.includes(region) && !PASSING.includes(kind),
  );
  const [first] = held;
  if (first === undefined) return undefined;
  const counts = held.filter(({ region }) => region === first.region).map(({ kind, count }) => `${count} ${kind}`);
  return {
    detail: `the database holds records of region ${first.region}, which the configuration does not serve: ${counts.join(', ')}`,
    advice: `name ${first.region} under region or furtherRegions, or take another data directory.`,
  };
}

/** Notes the regions that are served from now on. */
export async function noteRegions(config: Config, storage: Storage): Promise<void> {
  const noted = (await storage.reader.list(REGIONS, DEPLOYMENT)).map(({ region }) => region);
  const fresh = new Set(servedRegions(config).filter((region) => !noted.includes(region)));
  if (fresh.size === 0) return;
  await storage.transaction(async (tx) => {
    for (const region of fresh) {
      if ((await tx.get(REGIONS, DEPLOYMENT, region)) === undefined) await tx.insert(REGIONS, DEPLOYMENT, { region });
    }
  });
}

/** Refuses a configuration under which records would be out of reach. */
export async function assertRegionsServed(config: Config, storage: Storage): Promise<void> {
  const wrong = await unservedRegion(config, storage);
  if (wrong !== undefined) throw new StartRefused(`${wrong.detail}; ${wrong.advice}`);
}
