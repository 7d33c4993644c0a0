/** Which regions a database may be served without. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { uuid } from '../../src/core/random.ts';
import type { ProductName } from '../../src/domain/products.ts';
import { execute } from '../../src/pipeline/execute.ts';
import { type Coffer, openCoffer } from '../../src/server/coffer.ts';
import { parseConfig } from '../../src/server/config/load.ts';
import { REGIONS, unservedRegion } from '../../src/server/regions.ts';
import { Params } from '../../src/wire/params.ts';

const DEPLOYMENT = { account: '', region: '' };
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'coffer-regions-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** Runs `work` on the program as it serves these regions, the deployment's own first. */
async function serving<T>(regions: readonly string[], work: (coffer: Coffer, accessKeyId: string) => Promise<T>) {
  const [region, ...further] = regions;
  const text = `log: { level: error }\ndataDir: data\nregion: ${region}\nfurtherRegions: [${further.join(', ')}]`;
  let shown = '';
  const coffer = await openCoffer(parseConfig(text, 'test', directory), ({ accessKeyId }) => {
    shown = accessKeyId;
  });
  try {
    return await work(coffer, shown);
  } finally {
    await coffer.close();
  }
}

async function call(
  coffer: Coffer,
  accessKeyId: string,
  region: string,
  operation: [ProductName, string],
  values = {},
) {
  const { caller } = await coffer.authenticate(accessKeyId, undefined);
  return execute(coffer.pipeline, {
    operation: coffer.pipeline.registry.of(...operation),
    parameters: Params.of(values),
    caller,
    source: { ip: '127.0.0.1', secure: true, userAgent: 'test', internal: false },
    region,
    requestId: uuid(coffer.random),
    nonce: undefined,
  }) as Promise<Record<string, string>>;
}

const refusal = (regions: readonly string[]) =>
  serving(regions, async () => 'served').catch((error: Error) => `${error.name}: ${error.message}`);

it('not without one that something is in, also in a database of a version that did not note them', async () => {
  await serving(['cn-hangzhou'], (coffer, key) => call(coffer, key, 'cn-hangzhou', ['Kms', 'CreateKey']));
  const said = 'StartRefused: the database holds records of region cn-hangzhou';
  expect(await refusal(['cn-beijing'])).toContain(said);
  await serving(['cn-beijing', 'cn-hangzhou'], async ({ storage }) => {
    await storage.transaction(async (tx) => {
      for (const { region } of await tx.list(REGIONS, DEPLOYMENT)) await tx.remove(REGIONS, DEPLOYMENT, region);
    });
  });
  expect(await refusal(['cn-beijing'])).toContain(said);
  expect(await refusal(['cn-hangzhou'])).toBe('served');
});

it('without one that is empty, though a call there was once remembered', async () => {
  await serving(['cn-hangzhou', 'cn-beijing'], async (coffer, key) => {
    const made = { CidrBlock: '10.0.0.0/16', RegionId: 'cn-beijing', ClientToken: 'once' };
    const { VpcId } = await call(coffer, key, 'cn-beijing', ['Vpc', 'CreateVpc'], made);
    await call(coffer, key, 'cn-beijing', ['Vpc', 'DeleteVpc'], { VpcId, RegionId: 'cn-beijing' });
  });
  expect(await refusal(['cn-hangzhou'])).toBe('served');
});

it('looks through the records only when it may find something', async () => {
  await serving(['cn-hangzhou'], async () => {});
  await serving(['cn-hangzhou', 'cn-beijing'], async ({ storage, config }) => {
    const counting = vi.spyOn(storage, 'countsByRegion');
    expect(await unservedRegion(config, storage)).toBeUndefined();
    expect(counting).not.toHaveBeenCalled();
    expect(await unservedRegion({ ...config, furtherRegions: [] }, storage)).toBeUndefined();
    expect(counting).toHaveBeenCalledOnce();
  });
});

it('shows the root AccessKey before anything else can fail', async () => {
  const config = parseConfig('log: { level: error }\ndataDir: data', 'test', directory);
  const shown = vi.fn();
  // Longer than any id may be, so that it cannot be noted.
  await expect(openCoffer({ ...config, furtherRegions: ['x'.repeat(600)] }, shown)).rejects.toThrow(RangeError);
  expect(shown).toHaveBeenCalledOnce();
});
