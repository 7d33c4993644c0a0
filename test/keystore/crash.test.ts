import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { uuid } from '../../src/core/random.ts';
import type { ProductName } from '../../src/domain/products.ts';
import { execute } from '../../src/pipeline/execute.ts';
import { type Coffer, openCoffer } from '../../src/server/coffer.ts';
import { parseConfig } from '../../src/server/config/load.ts';
import { Params } from '../../src/wire/params.ts';
import { HSMS, REGION } from './cluster-rig.ts';

let scratch: string;
let coffer: Coffer | undefined;
let directory: string | undefined;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'coffer-crash-'));
});
afterEach(async () => {
  await coffer?.close();
  rmSync(scratch, { recursive: true, force: true });
  if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
});

it('18: the whole program killed between steps 10 and 12: disconnect, connect, and nothing is there twice', async () => {
  const out = join(scratch, 'out.json');
  const child = spawn(process.execPath, [join(import.meta.dirname, 'crash-child.ts'), out], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const signal = await new Promise((resolve) => child.once('exit', (_code, by) => resolve(by)));
  expect(signal).toBe('SIGKILL');
  const left = JSON.parse(readFileSync(out, 'utf8')) as Record<'directory' | 'KeyStoreId' | 'accessKeyId', string>;
  directory = left.directory;
  const { KeyStoreId } = left;
  const config = parseConfig(
    `mode: development\nlog: { level: error }\nshutdownGraceSeconds: 5\ndataDir: data\n${HSMS}`,
    'test',
    directory,
  );
  const opened = await openCoffer(config);
  coffer = opened;
  opened.tasks.start();
  const { caller } = await opened.authenticate(left.accessKeyId, undefined);
  const call = (product: ProductName, operation: string, values: Record<string, string>) =>
    execute(opened.pipeline, {
      operation: opened.pipeline.registry.of(product, operation),
      parameters: Params.of(values),
      caller,
      source: { ip: '203.0.113.10', secure: true, userAgent: 'test', internal: false },
      region: config.region,
      requestId: uuid(opened.random),
      nonce: undefined,
    }) as Promise<Record<string, Record<string, Record<string, string>[]>>>;
  const state = async (): Promise<Record<string, unknown>> =>
    (await call('Kms', 'DescribeKeyStore', { KeyStoreId })).KeyStore as Record<string, unknown>;
  const settled = async (): Promise<Record<string, unknown>> => {
    for (;;) {
      const store = await state();
      if (!['Connecting', 'Disconnecting'].includes(store.ConnectionState as string)) return store;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const interfaces = async (): Promise<string[]> =>
    (
      await call('Ecs', 'DescribeNetworkInterfaces', { RegionId: REGION })
    ).NetworkInterfaceSets!.NetworkInterfaceSet!.map((one) => one.NetworkInterfaceId!);

  expect((await state()).ConnectionState).toBe('Connecting');
  const before = await interfaces();
  expect(before).toHaveLength(2);
  await call('Kms', 'DisconnectKeyStore', { KeyStoreId });
  expect((await settled()).ConnectionState).toBe('Disconnected');
  await call('Kms', 'ConnectKeyStore', { KeyStoreId });
  expect(await settled()).toMatchObject({ ConnectionState: 'Connected', AvailableHsmNum: 2 });
  expect(await interfaces()).toEqual(before);
  const { KeyMetadata } = await call('Kms', 'CreateKey', { DKMSInstanceId: KeyStoreId });
  const KeyId = String((KeyMetadata as unknown as { KeyId: string }).KeyId);
  const { CiphertextBlob } = await call('Kms', 'Encrypt', { KeyId, Plaintext: 'eA==' });
  expect(await call('Kms', 'Decrypt', { CiphertextBlob: String(CiphertextBlob) })).toMatchObject({ Plaintext: 'eA==' });
});
