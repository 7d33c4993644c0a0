/**
 * The load generator, a process of its own. Signs all requests of a job first, then sends them over so many keep-alive
 * sockets, one request at a time on each; checks every status, and counts what is not 200.
 */
import { connect, type Socket } from 'node:net';
import type { Job, LoadResult } from './load.ts';
import { signedRequest } from './signed-request.ts';
import { percentile } from './statistics.ts';

const END_OF_HEAD = Buffer.from('\r\n\r\n');
const DEADLINE_MS = 30_000;

/** Total length of the answer at the start of `bytes`; undefined while its head is not complete. */
function answerLength(bytes: Buffer): number | undefined {
  const end = bytes.indexOf(END_OF_HEAD);
  if (end < 0) return undefined;
  const length = /content-length: (\d+)/i.exec(bytes.toString('latin1', 0, end))?.[1];
  if (length === undefined) throw new Error('an answer without content-length');
  return end + END_OF_HEAD.length + Number(length);
}

class Run {
  readonly #requests: readonly Buffer[];
  readonly latencies: Float64Array;
  next = 0;
  answered = 0;
  failed = 0;
  firstFailure: string | undefined;
  bytes = 0;
  sampleBody = '';

  constructor(requests: readonly Buffer[]) {
    this.#requests = requests;
    this.latencies = new Float64Array(requests.length);
  }

  /** Sends requests over the socket until none is left. */
  serve(socket: Socket): Promise<void> {
    return new Promise((resolve, reject) => {
      let sent = 0;
      let pending: Buffer | undefined;
      const send = () => {
        const request = this.#requests[this.next];
        if (request === undefined) {
          socket.end();
          resolve();
          return;
        }
        this.next += 1;
        sent = performance.now();
        socket.write(request);
      };
      socket.on('data', (chunk: Buffer) => {
        try {
          const bytes = pending === undefined ? chunk : Buffer.concat([pending, chunk]);
          const length = answerLength(bytes);
          if (length === undefined || bytes.length < length) {
            pending = bytes;
            return;
          }
          pending = undefined;
          this.#note(bytes, performance.now() - sent);
          send();
        } catch (error) {
          reject(error);
        }
      });
      socket.on('error', reject);
      socket.on('close', () => reject(new Error('the server closed the connection')));
      send();
    });
  }

  #note(answer: Buffer, latency: number): void {
    this.latencies[this.answered] = latency;
    this.answered += 1;
    this.bytes += answer.length;
    if (answer.toString('latin1', 9, 12) !== '200') {
      this.failed += 1;
      this.firstFailure ??= answer.toString('utf8');
    } else if (this.sampleBody === '') {
      this.sampleBody = answer.toString('utf8', answer.indexOf(END_OF_HEAD) + END_OF_HEAD.length);
    }
  }
}

function opened(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true }, () => resolve(socket));
    socket.once('error', reject);
  });
}

async function run(job: Job): Promise<LoadResult> {
  const plans = job.plans;
  const requests = Array.from({ length: job.requests }, (_, at) => signedRequest(plans[at % plans.length]!));
  const sockets = await Promise.all(Array.from({ length: job.connections }, () => opened(job.host, job.port)));
  process.send!({ ready: true });
  await new Promise((resolve) => process.once('message', resolve));
  const work = new Run(requests);
  const cpu = process.cpuUsage();
  const begin = performance.now();
  await Promise.all(sockets.map((socket) => work.serve(socket)));
  const seconds = (performance.now() - begin) / 1000;
  const used = process.cpuUsage(cpu);
  const sorted = work.latencies.subarray(0, work.answered).sort();
  return {
    requests: work.answered,
    failed: work.failed,
    firstFailure: work.firstFailure,
    seconds,
    p50Ms: percentile(sorted, 0.5),
    p99Ms: percentile(sorted, 0.99),
    answerBytes: Math.round(work.bytes / Math.max(1, work.answered)),
    sampleBody: work.sampleBody,
    clientCpuUs: (used.user + used.system) / Math.max(1, work.answered),
  };
}

process.on('message', (message: Job | { go: true }) => {
  if ('go' in message) return;
  const deadline = setTimeout(() => {
    process.send!({ error: `the job took longer than ${DEADLINE_MS / 1000} s` });
  }, DEADLINE_MS);
  run(message)
    .then(
      (result) => process.send!({ result }),
      (error: Error) => process.send!({ error: error.message }),
    )
    .finally(() => clearTimeout(deadline));
});
