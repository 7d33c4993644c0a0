/** What a quickstart does about an earlier one; the story itself is told by `npm run quickstart`. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { MAIN, runProgram } from '../support/program.ts';

let directory: string;
const environment = (): string => join(directory, '.coffer', 'quickstart.env');

/** What an earlier quickstart leaves while it runs, and when it is killed. */
async function leftBy(pid: number): Promise<void> {
  const data = join(directory, '.coffer', 'quickstart');
  await mkdir(data, { recursive: true });
  const instance = { pid, endpoints: ['http://127.0.0.1:9080'], startedAt: '2026-03-01T08:00:00.000Z' };
  await writeFile(join(data, 'server.json'), JSON.stringify(instance));
  await writeFile(environment(), "export COFFER_KEY_ID='earlier'\n");
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'coffer-quickstart-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

it('leaves one that runs alone', async () => {
  await leftBy(process.pid);
  const { code, stdout } = await runProgram(['quickstart'], directory);
  expect(code).toBe(1);
  expect(stdout).toContain(`runs already (process ${process.pid})`);
  expect(await readFile(environment(), 'utf8')).toContain('earlier');
});

it('shows nobody the settings of one that was killed', async () => {
  await leftBy(spawnSync('true').pid);
  const child = spawn(process.execPath, [MAIN, 'quickstart'], { cwd: directory, stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
  expect(line).toMatch(/^Coffer listens at /);
  await expect(readFile(environment())).rejects.toMatchObject({ code: 'ENOENT' });
  child.kill('SIGKILL');
  await once(child, 'exit');
});
