/**
 * Cold start and idle memory of `coffer serve`: from the start of the process to its ready line, on an empty data
 * directory (a first start makes account, keys and database) and on one that exists. `node bench/start.ts [--quick]`.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { memoryMb } from './support/cpu.ts';
import { type CofferServer, removeData, startCoffer } from './support/servers.ts';
import { median, rounded } from './support/statistics.ts';
import { table } from './support/table.ts';

const IDLE_MS = 1500;

export interface StartResult {
  readonly firstMs: number;
  readonly againMs: number;
  /** Resident memory after a rest of 1.5 s without calls, in MiB; and the highest until then. */
  readonly idleMb: number;
  readonly peakMb: number;
  readonly rounds: readonly { readonly firstMs: number; readonly againMs: number; readonly idleMb: number }[];
}

async function rested(server: CofferServer) {
  await pause(IDLE_MS);
  const memory = memoryMb(server.pid);
  await server.stop();
  return { startMs: rounded(server.startMs), ...memory };
}

async function round() {
  const server = await startCoffer();
  const first = await rested(server);
  const again = await rested(await startCoffer({ existing: server }));
  await removeData(server);
  return { firstMs: first.startMs, againMs: again.startMs, idleMb: again.resident, peakMb: again.peak };
}

export async function startBench(quick: boolean): Promise<StartResult> {
  // The first start of a fresh clone compiles everything and keeps it; what is measured comes after.
  await round();
  const rounds: Awaited<ReturnType<typeof round>>[] = [];
  for (let at = 0; at < (quick ? 3 : 5); at += 1) rounds.push(await round());
  const of = (name: keyof (typeof rounds)[number]) => median(rounds.map((one) => one[name]));
  return {
    firstMs: of('firstMs'),
    againMs: of('againMs'),
    idleMb: of('idleMb'),
    peakMb: of('peakMb'),
    rounds: rounds.map(({ firstMs, againMs, idleMb }) => ({ firstMs, againMs, idleMb })),
  };
}

export function startTable({ firstMs, againMs, idleMb, peakMb }: StartResult): string {
  return table([{ 'first start ms': firstMs, 'start ms': againMs, 'idle MiB': idleMb, 'peak MiB': peakMb }]);
}

if (import.meta.main) console.log(startTable(await startBench(process.argv.includes('--quick'))));
