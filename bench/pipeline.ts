/**
 * Request rate of a Coffer server (its own process, SQLite with synchronous=FULL, authorisation and audit on) against a
 * bare `node:http` server of the same runtime that is sent the same requests and answers as many bytes. Rounds take
 * turns between the two; figures are medians, ratios medians of the rounds' ratios.
 * `node bench/pipeline.ts [--quick] [--only Encrypt] [--profile]`.
 */
import { type Load, type Measured, openLoad } from './support/load.ts';
import { type BareServer, type CofferServer, removeData, startBare, startCoffer } from './support/servers.ts';
import type { RequestPlan, Signing } from './support/signed-request.ts';
import { median, rounded } from './support/statistics.ts';
import { table } from './support/table.ts';

const SIGNINGS: readonly Signing[] = ['ACS3', 'V1'];
const CONNECTIONS = [1, 8, 32];

export interface PipelineOptions {
  readonly quick: boolean;
  /** Only this operation. */
  readonly only?: string | undefined;
  /** Writes a CPU profile of the server into the working directory. */
  readonly profile?: boolean;
}

interface Side {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly mainCpuUs: number;
  readonly serverCpuUs: number;
}

export interface PipelineRow {
  readonly operation: string;
  readonly signing: Signing;
  readonly connections: number;
  readonly coffer: Side;
  readonly bare: Side;
  /** Coffer's request rate as a share of the bare server's. */
  readonly rateRatio: number;
  /** The bare server's CPU per request as a share of Coffer's: of the event loop, and of all threads. */
  readonly mainCpuRatio: number;
  readonly cpuRatio: number;
  readonly rounds: readonly { readonly coffer: number; readonly bare: number }[];
}

type Call = readonly [action: string, parameters: Readonly<Record<string, string>>];

async function callsOf(server: CofferServer): Promise<Call[]> {
  const created = (await server.call('CreateKey', { Description: 'bench' })) as { KeyMetadata: { KeyId: string } };
  const { KeyId } = created.KeyMetadata;
  const Plaintext = Buffer.alloc(32, 7).toString('base64');
  const { CiphertextBlob } = (await server.call('Encrypt', { KeyId, Plaintext })) as { CiphertextBlob: string };
  return [
    ['DescribeKey', { KeyId }],
    ['Encrypt', { KeyId, Plaintext }],
    ['Decrypt', { CiphertextBlob }],
    ['GenerateDataKey', { KeyId }],
  ];
}

function side(rounds: readonly Measured[]): Side {
  const of = (read: (one: Measured) => number, digits = 0) => rounded(median(rounds.map(read)), digits);
  return {
    perSecond: of((one) => one.perSecond),
    p50Ms: of((one) => one.p50Ms, 3),
    p99Ms: of((one) => one.p99Ms, 3),
    mainCpuUs: of((one) => one.mainCpuUs, 1),
    serverCpuUs: of((one) => one.serverCpuUs, 1),
  };
}

interface Setting {
  readonly load: Load;
  readonly coffer: CofferServer;
  readonly bare: BareServer;
  readonly rounds: number;
  readonly roundSeconds: number;
}

/** The rate found by a short run, so that a round takes about as long as it should. */
async function rateOf(setting: Setting, server: CofferServer | BareServer, plan: RequestPlan, connections: number) {
  const { load } = setting;
  const job = { host: server.host, port: server.port, connections, plans: [plan], requests: 150 + connections * 10 };
  const first = await load.measure(job, server.pid);
  return { rate: first.perSecond, body: first.sampleBody };
}

async function row(
  setting: Setting,
  [action, parameters]: Call,
  signing: Signing,
  connections: number,
): Promise<PipelineRow> {
  const { load, coffer, bare, rounds, roundSeconds } = setting;
  const { accessKeyId, accessKeySecret } = coffer;
  const host = `127.0.0.1:${coffer.port}`;
  const plan: RequestPlan = { host, signing, action, parameters, accessKeyId, accessKeySecret };
  const warm = await rateOf(setting, coffer, plan, connections);
  await bare.answer(warm.body);
  const bareWarm = await rateOf(setting, bare, plan, connections);
  const job = (server: CofferServer | BareServer, rate: number) => ({
    host: server.host,
    port: server.port,
    connections,
    plans: [plan],
    requests: Math.ceil(rate * roundSeconds),
  });
  const [ours, theirs]: [Measured[], Measured[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    ours.push(await load.measure(job(coffer, warm.rate), coffer.pid));
    theirs.push(await load.measure(job(bare, bareWarm.rate), bare.pid));
  }
  const ratio = (of: (mine: Measured, other: Measured) => number) =>
    rounded(median(ours.map((mine, at) => of(mine, theirs[at]!))), 3);
  return {
    operation: action,
    signing,
    connections,
    coffer: side(ours),
    bare: side(theirs),
    rateRatio: ratio((mine, other) => mine.perSecond / other.perSecond),
    mainCpuRatio: ratio((mine, other) => other.mainCpuUs / mine.mainCpuUs),
    cpuRatio: ratio((mine, other) => other.serverCpuUs / mine.serverCpuUs),
    rounds: ours.map((mine, at) => ({ coffer: rounded(mine.perSecond), bare: rounded(theirs[at]!.perSecond) })),
  };
}

/** Measures all operations, or one. */
export async function pipelineBench(options: PipelineOptions): Promise<PipelineRow[]> {
  const load = openLoad();
  const nodeArguments = options.profile ? ['--cpu-prof', '--cpu-prof-dir', process.cwd()] : [];
  const [coffer, bare] = [await startCoffer({ nodeArguments }), await startBare()];
  try {
    const setting = { load, coffer, bare, rounds: options.quick ? 3 : 5, roundSeconds: options.quick ? 0.4 : 0.5 };
    const calls = (await callsOf(coffer)).filter(([action]) => options.only === undefined || action === options.only);
    for (const call of calls) await warmUp(setting, call);
    const rows: PipelineRow[] = [];
    for (const call of calls) {
      for (const signing of SIGNINGS) {
        for (const connections of options.quick ? [32] : CONNECTIONS) {
          rows.push(await row(setting, call, signing, connections));
        }
      }
    }
    return rows;
  } finally {
    load.close();
    await Promise.all([coffer.stop(), bare.stop()]);
    await removeData(coffer);
  }
}

/** Lets the compilers of both processes finish with the code that will be measured. */
async function warmUp({ load, coffer, bare }: Setting, [action, parameters]: Call): Promise<void> {
  const { accessKeyId, accessKeySecret } = coffer;
  for (const signing of SIGNINGS) {
    const plan = { host: `127.0.0.1:${coffer.port}`, signing, action, parameters, accessKeyId, accessKeySecret };
    for (const server of [coffer, bare])
      await load.measure(
        { host: server.host, port: server.port, connections: 32, requests: 15_000, plans: [plan] },
        server.pid,
      );
  }
}

/** The rows as a table for people. */
export function pipelineTable(rows: readonly PipelineRow[]): string {
  return table(
    rows.map((one) => ({
      operation: one.operation,
      signing: one.signing,
      connections: one.connections,
      'coffer/s': one.coffer.perSecond,
      'bare/s': one.bare.perSecond,
      ratio: one.rateRatio,
      'p50 ms': one.coffer.p50Ms,
      'p99 ms': one.coffer.p99Ms,
      'loop us': one.coffer.mainCpuUs,
      'all us': one.coffer.serverCpuUs,
      'bare us': one.bare.serverCpuUs,
      'loop ratio': one.mainCpuRatio,
      'cpu ratio': one.cpuRatio,
    })),
  );
}

if (import.meta.main) {
  const { argv } = process;
  const only = argv.includes('--only') ? argv[argv.indexOf('--only') + 1] : undefined;
  const rows = await pipelineBench({ quick: argv.includes('--quick'), only, profile: argv.includes('--profile') });
  console.log(pipelineTable(rows));
}
