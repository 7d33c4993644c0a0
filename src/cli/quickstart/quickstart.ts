import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { parseConfig } from '../../server/config/load.ts';
import { readInstanceFile } from '../../server/instance-file.ts';
import { type Server, startServer } from '../../server/server.ts';
import { hostPort } from '../first-start-text.ts';
import { options } from '../options.ts';
import { sdk } from './client.ts';
import { createdStore, makeUser, refusedStore, roleGone, roleInUse } from './steps/access.ts';
import { deleteKey, encryptFile, makeKey, surviveFailure } from './steps/cmk.ts';
import { joinSecondHsm, makeCluster, makeHsms, makeKmsuser } from './steps/hsm-cluster.ts';
import { connectStore, deleteStore, disconnectStore } from './steps/key-store.ts';
import { makeNetwork } from './steps/network.ts';
import type { Step, Story } from './story.ts';

const STEPS: readonly Step[] = [
  makeNetwork,
  makeHsms,
  makeKmsuser,
  makeCluster,
  joinSecondHsm,
  makeUser,
  refusedStore,
  createdStore,
  connectStore,
  makeKey,
  encryptFile,
  surviveFailure,
  roleInUse,
];

/** Steps 6 and 7 of the story, for `--once`. */
const FAREWELL: readonly Step[] = [deleteKey, disconnectStore, deleteStore, roleGone];

const HOME = '.coffer';

/** The server's configuration, for `coffer status` and `coffer doctor`. */
const configurationFile = (): string => resolve(HOME, 'quickstart.yaml');

const environmentFile = (): string => resolve(HOME, 'quickstart.env');

/** The port, or any other when it is taken. */
function freePort(port: number): Promise<number> {
  return new Promise((resolvePort) => {
    const probe = createServer();
    probe.once('error', () => resolvePort(0));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolvePort(port)));
  });
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function freshServer(): Promise<Server | string> {
  const directory = resolve(HOME, 'quickstart');
  const earlier = await readInstanceFile(directory);
  if (earlier !== undefined && alive(earlier.pid))
    return `A quickstart server runs already (process ${earlier.pid}) at ${earlier.endpoints.join(' ')}; stop it first.`;
  await rm(directory, { recursive: true, force: true });
  // One left by a quickstart that was killed names a server that is no more.
  await rm(environmentFile(), { force: true });
  await mkdir(resolve(HOME), { recursive: true, mode: 0o700 });
  const ports = { http: await freePort(9080), https: await freePort(9443) };
  const text = `mode: development\nlog: { level: error }\ndataDir: quickstart\nlisten:\n  - { host: 127.0.0.1, port: ${ports.http} }\n  - { host: 127.0.0.1, port: ${ports.https}, tls: true }\n`;
  await writeFile(configurationFile(), text);
  return startServer(parseConfig(text, configurationFile(), resolve(HOME)));
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}

/** Shell assignments for clients outside; readable by their owner only, since the root AccessKey is among them. */
async function writeEnvironment(story: Story): Promise<string> {
  const { endpoints, caFile } = story.server;
  const values = {
    COFFER_ENDPOINT: hostPort(endpoints, 'http') ?? '',
    COFFER_HTTPS_ENDPOINT: hostPort(endpoints, 'https') ?? '',
    COFFER_CA_FILE: caFile ?? '',
    ALIBABA_CLOUD_ACCESS_KEY_ID: story.rootKey.accessKeyId,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: story.rootKey.accessKeySecret,
    COFFER_ACCOUNT_ID: story.account,
    COFFER_REGION: story.region,
    COFFER_KEY_STORE_ID: story.keyStoreId,
    COFFER_KEY_ID: story.keyId,
  };
  const file = environmentFile();
  await writeFile(
    file,
    `${Object.entries(values)
      .map(([name, value]) => `export ${name}=${quoted(value)}`)
      .join('\n')}\n`,
    { mode: 0o600 },
  );
  return file;
}

function begin(server: Server): Story {
  const first = server.coffer.firstStart;
  if (first === undefined) throw new Error('the data directory was not fresh');
  const endpoint = server.endpoints.find((entry) => entry.startsWith('http://'))!;
  const rootKey = { accessKeyId: first.accessKeyId, accessKeySecret: first.accessKeySecret.revealText() };
  const root = sdk(endpoint, rootKey);
  return {
    server,
    endpoint,
    region: server.coffer.config.region,
    account: first.accountId,
    rootKey,
    root,
    directory: join(server.coffer.config.dataDir),
    vpcId: '',
    vSwitchIds: [],
    instanceIds: [],
    clusterId: '',
    ownerCertificate: '',
    kmsuserPassword: '',
    user: root,
    userKey: rootKey,
    keyStoreId: '',
    keyId: '',
  };
}

async function tell(steps: readonly Step[], story: Story, from: number, of: number): Promise<boolean> {
  for (const [index, step] of steps.entries()) {
    const label = `[${String(from + index).padStart(2)}/${of}]`;
    process.stdout.write(`${label} ${step.title}\n`);
    try {
      process.stdout.write(`      ${await step.run(story)}\n`);
    } catch (error) {
      const { code, message, data } = error as { code?: string; message?: string; data?: unknown };
      process.stdout.write(
        `FAILED at step ${label} ${step.title}\n      ${code ?? ''} ${message ?? String(error)}\n${data === undefined ? '' : `      ${JSON.stringify(data)}\n`}`,
      );
      return false;
    }
  }
  return true;
}

function listing(story: Story, file: string): string {
  const rows: [string, string][] = [
    ['endpoints', story.server.endpoints.join('  ')],
    ['CA certificate', story.server.caFile ?? ''],
    ['account', story.account],
    ['HSM cluster', `${story.clusterId} (${story.instanceIds.join(', ')})`],
    ['key store', story.keyStoreId],
    ['CMK', `${story.keyId}, alias/quickstart`],
    ['settings for clients', file],
    ['status page', `${story.endpoint}/-/status`],
    ['from the shell', `npm run -s coffer -- status --config ${join(HOME, 'quickstart.yaml')}; doctor likewise`],
  ];
  return rows.map(([name, value]) => `  ${name.padEnd(22)}${value}`).join('\n');
}

function signalled(): Promise<void> {
  return new Promise((resolveSignal) => {
    process.once('SIGINT', () => resolveSignal());
    process.once('SIGTERM', () => resolveSignal());
  });
}

/** `npm run quickstart`: the whole story on a server of its own; `--once` ends it and stops. */
export async function run(args: readonly string[]): Promise<number> {
  const { once } = options(args, { once: { type: 'boolean' } });
  const server = await freshServer();
  if (typeof server === 'string') {
    process.stdout.write(`${server}\n`);
    return 1;
  }
  const story = begin(server);
  const steps = once ? [...STEPS, ...FAREWELL] : STEPS;
  process.stdout.write(
    `Coffer listens at ${server.endpoints.join(' and ')}; everything below is done through the official SDKs.\n`,
  );
  if (!(await tell(STEPS, story, 1, steps.length))) {
    await server.stop();
    return 1;
  }
  const file = await writeEnvironment(story);
  process.stdout.write(`\nWhat there is now:\n${listing(story, file)}\n\n`);
  if (once) {
    const ended = await tell(FAREWELL, story, STEPS.length + 1, steps.length);
    await server.stop();
    await rm(file, { force: true });
    process.stdout.write(
      ended
        ? `The story is told; the server has stopped. Its data, of no further use, is in ${story.directory}.\n`
        : '',
    );
    return ended ? 0 : 1;
  }
  process.stdout.write('The server goes on running. Stop it with Ctrl-C.\n');
  await signalled();
  await rm(file, { force: true });
  await server.stop();
  process.stdout.write('The server has stopped. The next quickstart begins anew.\n');
  return 0;
}
