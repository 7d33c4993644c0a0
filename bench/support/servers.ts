/** The servers that are measured, each in a process of its own. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RequestPlan } from './signed-request.ts';
import { signedRequest } from './signed-request.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');
const START_MS = 20_000;

export interface RunningServer {
  readonly pid: number;
  readonly host: string;
  readonly port: number;
  stop(): Promise<void>;
}

export interface CofferServer extends RunningServer {
  readonly directory: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  /** From the start of the process to its ready line, in milliseconds. */
  readonly startMs: number;
  /** Calls an operation over HTTP. Throws with the answer when it is not 200. */
  call(
    action: string,
    parameters: Readonly<Record<string, string>>,
    version?: string,
  ): Promise<Record<string, unknown>>;
}

export interface CofferOptions {
  /** YAML below what the bench sets. */
  readonly configuration?: string;
  /** Arguments to Node, such as `--cpu-prof`. */
  readonly nodeArguments?: readonly string[];
  /** A data directory that exists, with its root AccessKey. */
  readonly existing?: Pick<CofferServer, 'directory' | 'accessKeyId' | 'accessKeySecret'>;
}

/** Waits until `child` has printed what `found` looks for. */
function printed<T>(child: ChildProcess, found: (text: string) => T | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    let text = '';
    const timer = setTimeout(() => reject(new Error(`the server did not start:\n${text}`)), START_MS);
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${text}`)));
    child.stdout!.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const value = found(text);
      if (value === undefined) return;
      clearTimeout(timer);
      resolve(value);
    });
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

/** Starts `coffer serve` with a data directory of its own: SQLite, authorisation and audit as ever, plain HTTP. */
export async function startCoffer(options: CofferOptions = {}): Promise<CofferServer> {
  const directory = options.existing?.directory ?? (await mkdtemp(join(tmpdir(), 'coffer-bench-')));
  const file = join(directory, 'coffer.yaml');
  await writeFile(
    file,
    `dataDir: data\nlog: { level: error }\nlisten:\n  - { host: 127.0.0.1, port: 0 }\n${options.configuration ?? ''}`,
  );
  const began = performance.now();
  const child = spawn(process.execPath, [...(options.nodeArguments ?? []), MAIN, 'serve', '--config', file], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: directory,
  });
  const text = await printed(child, (all) => (/^coffer ready: /m.test(all) ? all : undefined));
  const startMs = performance.now() - began;
  const of = (pattern: RegExp) => pattern.exec(text)?.[1] ?? '';
  const port = Number(of(/^coffer ready: http:\/\/127\.0\.0\.1:(\d+)/m));
  const accessKeyId = options.existing?.accessKeyId ?? of(/ACCESS_KEY_ID=(\S+)/);
  const accessKeySecret = options.existing?.accessKeySecret ?? of(/ACCESS_KEY_SECRET=(\S+)/);
  const host = `127.0.0.1:${port}`;
  return {
    pid: child.pid!,
    host: '127.0.0.1',
    port,
    directory,
    accessKeyId,
    accessKeySecret,
    startMs,
    call: (action, parameters, version) =>
      callOnce(host, {
        host,
        signing: 'V1',
        action,
        parameters,
        accessKeyId,
        accessKeySecret,
        ...(version && { version }),
      }),
    stop: () => ended(child),
  };
}

/** Sends one request the slow way. */
async function callOnce(host: string, plan: RequestPlan): Promise<Record<string, unknown>> {
  const target = /^POST (\S+)/.exec(signedRequest(plan).toString())![1]!;
  const response = await fetch(`http://${host}${target}`, { method: 'POST' });
  const body = (await response.json()) as Record<string, unknown>;
  if (response.status !== 200) throw new Error(`${plan.action}: ${JSON.stringify(body)}`);
  return body;
}

/** Removes what a stopped server leaves. */
export async function removeData(server: Pick<CofferServer, 'directory'>): Promise<void> {
  await rm(server.directory, { recursive: true, force: true });
}

export interface BareServer extends RunningServer {
  /** Sets what it answers from now on. */
  answer(body: string): Promise<void>;
}

/** Starts the server that does nothing. */
export async function startBare(): Promise<BareServer> {
  const child = fork(join(import.meta.dirname, 'bare-server.ts'), { stdio: 'inherit' });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return {
    pid: child.pid!,
    host: '127.0.0.1',
    port,
    answer: async (body) => {
      const set = once(child, 'message');
      child.send({ answer: body });
      await set;
    },
    stop: () => ended(child),
  };
}
