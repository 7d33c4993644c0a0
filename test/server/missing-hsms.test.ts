/** HSMs that the database names and the data directory or the configuration lacks: half a restore, half an edit. */
import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { HSM_INSTANCES } from '../../src/domain/hsm-service/instance.ts';
import { openCoffer } from '../../src/server/coffer.ts';
import type { Config } from '../../src/server/config/schema.ts';
import type { Finding } from '../../src/server/doctor/check.ts';
import { checkModules, checkPresence } from '../../src/server/doctor/hsms.ts';
import { judgeAbsent } from '../../src/server/lost-devices.ts';
import { until } from '../support/key-store.ts';
import { openTestPipeline, type TestPipeline } from '../support/pipeline.ts';
import { runProgram } from '../support/program.ts';

let pipeline: TestPipeline;
let directory: string;
let deviceId: string;
let InstanceId: string;

beforeEach(async () => {
  pipeline = await openTestPipeline();
  const made = await pipeline.call(pipeline.root, 'Hsm', 'CreateInstance', { Model: 'softhsm' });
  InstanceId = made.InstanceId as string;
  deviceId = pipeline.coffer.devices.devices()[0]!;
  directory = join(pipeline.coffer.config.dataDir, 'hsm');
  await pipeline.coffer.close();
});
afterEach(() => pipeline.close());

const about = (findings: readonly Finding[]) => findings.filter(({ what }) => what === `HSM ${deviceId}`);
const refused = () => ({ name: 'StartRefused', message: expect.stringContaining(deviceId) });

it('a start without the directory of an HSM is refused, until it is there again', async () => {
  const elsewhere = join(pipeline.directory, deviceId);
  await rename(join(directory, deviceId), elsewhere);
  await expect(pipeline.reopen()).rejects.toMatchObject(refused());
  await rename(elsewhere, join(directory, deviceId));
  await pipeline.reopen();
  expect(about(await pipeline.coffer.examine())).toMatchObject([{ state: 'ok' }]);
});

it('or until it is given up; then the doctor names it until its owner has released it', async () => {
  await rm(join(directory, deviceId), { recursive: true });
  await writeFile(join(directory, 'lost'), 'hsmdev-other\n');
  await expect(pipeline.reopen()).rejects.toMatchObject(refused());
  await writeFile(join(directory, 'lost'), `hsmdev-other\n${deviceId}\n`);
  await pipeline.reopen();
  const look = async () => about(await pipeline.coffer.examine());
  expect(await look()).toMatchObject([{ state: 'problem', advice: expect.stringContaining('Restore hsm/') }]);
  await pipeline.call(pipeline.root, 'Hsm', 'ReleaseInstance', { InstanceId });
  const show = () => pipeline.call(pipeline.root, 'Hsm', 'DescribeInstances', { InstanceId });
  await until(show, ({ TotalCount }) => TotalCount === 0);
  expect(await look()).toEqual([]);
});

it('a start without the database is refused, and makes no account beside the HSMs of another', async () => {
  const { config } = pipeline.coffer;
  const database = join(config.dataDir, 'db');
  await writeFile(join(pipeline.directory, 'coffer.yaml'), 'dataDir: data\nmode: development\n');
  const elsewhere = join(pipeline.directory, 'db');
  await rename(database, elsewhere);
  const refusal = { name: 'StartRefused', message: expect.stringContaining('restore the database') };
  await expect(pipeline.reopen()).rejects.toMatchObject(refusal);
  // And again, now that the first try has left an empty one.
  await expect(pipeline.reopen()).rejects.toMatchObject({ message: expect.stringContaining(deviceId) });
  const { code, stdout } = await runProgram(['doctor', '--config', 'coffer.yaml'], pipeline.directory);
  expect({ code, stdout }).toEqual({
    code: 1,
    stdout: expect.stringContaining('PROBLEM database: the database holds'),
  });
  await rm(database, { recursive: true });
  await rename(elsewhere, database);
  await pipeline.reopen();
  expect(pipeline.coffer.account).toBe(pipeline.account);
  expect(about(await pipeline.coffer.examine())).toMatchObject([{ state: 'ok' }]);
});

it('a start without the database makes an account where no HSM was ever handed out', async () => {
  const { config } = pipeline.coffer;
  await rename(join(directory, deviceId, 'device.json'), join(pipeline.directory, 'device.json'));
  await rm(join(config.dataDir, 'db'), { recursive: true });
  await pipeline.reopen();
  expect(pipeline.coffer.account).not.toBe(pipeline.account);
});

it('an HSM whose model has left the configuration is a problem, and stays', async () => {
  const { config } = pipeline.coffer;
  const coffer = await openCoffer({ ...config, hsms: [{ ...config.hsms[0]!, name: 'other' }] });
  expect(about(await coffer.examine())).toMatchObject([
    { state: 'problem', detail: expect.stringContaining('model "softhsm"'), advice: expect.stringContaining('hsms') },
  ]);
  await coffer.close();
  expect(await readdir(directory)).toContain(deviceId);
});

it('where nodes share a database, another one may have it: that is only a warning', async () => {
  await rm(join(directory, deviceId), { recursive: true });
  await writeFile(join(directory, 'lost'), deviceId);
  await pipeline.reopen();
  const { config, devices, storage } = pipeline.coffer;
  const shared: Config = { ...config, storage: { kind: 'postgres' } as Config['storage'] };
  const warned: string[] = [];
  const log = { error: () => {}, warn: (_: object, message: string) => warned.push(message), info: () => {} };
  await judgeAbsent(shared, [{ deviceId: 'hsmdev-elsewhere', instanceId: InstanceId, model: 'm' }], log);
  expect(warned).toEqual(['an HSM of the database is not on this node']);
  expect(await checkPresence(shared, devices, storage)).toMatchObject([{ what: `HSM ${deviceId}`, state: 'warning' }]);
});

it('an HSM that no record names is kept, and named, when it holds something', async () => {
  await pipeline.reopen();
  const { account, config, storage, devices } = pipeline.coffer;
  await devices.admin(deviceId).initialise();
  await storage.transaction((tx) => tx.remove(HSM_INSTANCES, { account, region: config.region }, InstanceId));
  expect(await checkPresence(config, devices, storage)).toMatchObject([
    { what: `HSM ${deviceId}`, state: 'warning', detail: expect.stringContaining('no record names it') },
  ]);
  await pipeline.reopen();
  expect(pipeline.coffer.devices.devices()).toContain(deviceId);
});

it.each([
  ['libvendor.so', 'ok'],
  ['/nowhere/libvendor.so', 'problem'],
])('the module %s is %s to the doctor', async (library, state) => {
  const { config } = pipeline.coffer;
  const hsms: Config['hsms'] = [{ ...config.hsms[0]!, library }];
  expect(await checkModules({ ...config, hsms })).toMatchObject([{ state }]);
});
