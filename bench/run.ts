/**
 * All benches in one run on one machine: `npm run bench`, or `node bench/run.ts [--save] [--quick]`. Prints a table per
 * part and one JSON line per row. `--save` writes figures and environment to `bench/results/<part>.json`. The policy
 * engine and the bare HSM link have programs of their own, which are run as they are.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipelineBench, pipelineTable } from './pipeline.ts';
import { scaleBench, scaleTable } from './scale.ts';
import { startBench, startTable } from './start.ts';
import { storeBench, storeTable } from './store.ts';
import { environment } from './support/environment.ts';

const RESULTS = join(import.meta.dirname, 'results');
const quick = process.argv.includes('--quick');
const save = process.argv.includes('--save');

/** Runs a part, prints it, and keeps it when asked to. A part that fails is reported and does not end the others. */
async function part<T>(name: string, run: () => Promise<T>, print: (result: T) => string): Promise<void> {
  const began = performance.now();
  // Taken before the part itself is what loads the machine.
  const before = environment();
  try {
    const result = await run();
    console.log(`\n== ${name} (${Math.round((performance.now() - began) / 1000)} s)\n${print(result)}`);
    for (const row of Array.isArray(result) ? result : [result]) console.log(JSON.stringify({ part: name, ...row }));
    if (!save) return;
    mkdirSync(RESULTS, { recursive: true });
    const loadAverageAfter = environment().loadAverage;
    const kept = { part: name, quick, environment: { ...before, loadAverageAfter }, result };
    writeFileSync(join(RESULTS, `${name}.json`), `${JSON.stringify(kept, undefined, 2)}\n`);
  } catch (error) {
    console.error(`\n== ${name} failed: ${(error as Error).stack}`);
    process.exitCode = 1;
  }
}

/** Runs a bench that prints and saves by itself. */
function program(name: string): void {
  console.log(`\n== ${name}`);
  try {
    const file = join(import.meta.dirname, `${name}.ts`);
    execFileSync(process.execPath, [file, ...(save ? ['--save'] : [])], { stdio: 'inherit', timeout: 120_000 });
  } catch (error) {
    console.error(`${name} failed: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}

console.log(JSON.stringify({ environment: environment() }));
await part('start', () => startBench(quick), startTable);
await part('pipeline', () => pipelineBench({ quick }), pipelineTable);
await part('store', () => storeBench(quick), storeTable);
await part('scale', () => scaleBench(quick), scaleTable);
program('policy');
program('hsm');
