/** The program as an operator starts it: a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const MAIN = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end. */
export function runProgram(args: readonly string[], cwd: string): Promise<Outcome> {
  const child = spawn(process.execPath, [MAIN, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  return ended(child);
}

function ended(child: ChildProcess): Promise<Outcome> {
  let stdout = '';
  let stderr = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
}

export interface Serving {
  readonly child: ChildProcess;
  readonly endpoints: readonly string[];
  /** What was printed up to the ready line. */
  readonly printed: string;
  readonly outcome: Promise<Outcome>;
}

/** A directory with a configuration file that lets the system choose ports. */
export async function configured(extra = ''): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'coffer-program-'));
  const text = `dataDir: data\nlisten:\n  - { host: 127.0.0.1, port: 0 }\n  - { host: 127.0.0.1, port: 0, tls: true }\n${extra}`;
  await writeFile(join(directory, 'coffer.yaml'), text);
  return directory;
}

/** Starts `coffer serve` and waits for its ready line; rejects when it ends first. */
export function serve(directory: string): Promise<Serving> {
  const child = spawn(process.execPath, [MAIN, 'serve', '--config', 'coffer.yaml'], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const outcome = ended(child);
  let printed = '';
  return new Promise((resolve, reject) => {
    child.stdout!.on('data', (text: string) => {
      printed += text;
      const ready = /^coffer ready: (.+)$/m.exec(printed);
      if (ready !== null) resolve({ child, endpoints: ready[1]!.split(' '), printed, outcome });
    });
    outcome.then(({ code, stderr }) => reject(new Error(`ended with ${code}: ${stderr}`)));
  });
}
