/** The parent's side of the load generator. */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { cpuTime } from './cpu.ts';
import type { RequestPlan } from './signed-request.ts';

/** What the load generator is to do: the plans are taken in turn. */
export interface Job {
  readonly host: string;
  readonly port: number;
  readonly connections: number;
  readonly requests: number;
  readonly plans: readonly RequestPlan[];
}

export interface LoadResult {
  readonly requests: number;
  readonly failed: number;
  readonly firstFailure: string | undefined;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Mean length of an answer with its head. */
  readonly answerBytes: number;
  readonly sampleBody: string;
  readonly clientCpuUs: number;
}

/** One measurement: what the client saw, and what it cost the server's process. */
export interface Measured extends LoadResult {
  readonly perSecond: number;
  /** CPU per request, in microseconds, of the server's event loop. */
  readonly mainCpuUs: number;
  /** The same of all its threads. */
  readonly serverCpuUs: number;
}

type Answer = { ready: true } | { result: LoadResult } | { error: string };

/** Opened by {@link openLoad}; closed once. Runs one job at a time. */
export interface Load {
  /** Signs, connects, runs, and measures the process `serverPid` meanwhile. Throws when an answer was not 200. */
  measure(job: Job, serverPid: number): Promise<Measured>;
  close(): void;
}

function nextMessage(child: ChildProcess): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const ended = (): void => reject(new Error('the load generator ended'));
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      resolve(message as Answer);
    });
  });
}

async function expect<K extends 'ready' | 'result'>(
  child: ChildProcess,
  what: K,
): Promise<Answer & { [P in K]: unknown }> {
  const answer = await nextMessage(child);
  if ('error' in answer) throw new Error(answer.error);
  if (!(what in answer)) throw new Error(`the load generator did not answer with ${what}`);
  return answer as Answer & { [P in K]: unknown };
}

export function openLoad(): Load {
  const child = fork(join(import.meta.dirname, 'load-process.ts'), { stdio: 'inherit' });
  return {
    async measure(job, serverPid) {
      const ready = expect(child, 'ready');
      child.send(job);
      await ready;
      const done = expect(child, 'result');
      const before = cpuTime(serverPid);
      child.send({ go: true });
      const result = (await done).result as LoadResult;
      const after = cpuTime(serverPid);
      if (result.failed > 0) throw new Error(`${result.failed} calls failed, the first with: ${result.firstFailure}`);
      return {
        ...result,
        perSecond: result.requests / result.seconds,
        mainCpuUs: (after.main - before.main) / 1000 / result.requests,
        serverCpuUs: (after.all - before.all) / 1000 / result.requests,
      };
    },
    close: () => {
      child.removeAllListeners('exit');
      child.disconnect();
    },
  };
}
