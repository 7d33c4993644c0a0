import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:https';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import popCore from '@alicloud/pop-core';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { configured, runProgram, type Serving, serve } from '../support/program.ts';

const directories: string[] = [];
const running: Serving[] = [];

async function fresh(extra = ''): Promise<string> {
  const directory = await configured(extra);
  directories.push(directory);
  return directory;
}

async function start(directory: string): Promise<Serving> {
  const serving = await serve(directory);
  running.push(serving);
  return serving;
}

afterAll(async () => {
  for (const { child } of running) child.kill('SIGKILL');
  for (const directory of directories) await rm(directory, { recursive: true, force: true });
});

function rootKey(printed: string) {
  return {
    accessKeyId: /ACCESS_KEY_ID=(\S+)/.exec(printed)![1]!,
    accessKeySecret: /ACCESS_KEY_SECRET=(\S+)/.exec(printed)![1]!,
  };
}

function kms(serving: Serving, key: ReturnType<typeof rootKey>) {
  return new popCore({ ...key, endpoint: serving.endpoints[0]!, apiVersion: '2016-01-20' });
}

describe('coffer serve', () => {
  it('prints the root AccessKey once, serves, stops cleanly and comes back with everything', async () => {
    const directory = await fresh();
    const first = await start(directory);
    const key = rootKey(first.printed);
    const made = (await kms(first, key).request('CreateKey', {}, { method: 'POST' })) as {
      KeyMetadata: { KeyId: string };
    };
    first.child.kill('SIGTERM');
    expect(await first.outcome).toMatchObject({ code: 0 });

    const second = await start(directory);
    expect(second.printed).not.toContain(key.accessKeySecret);
    const found = await kms(second, key).request('DescribeKey', { KeyId: made.KeyMetadata.KeyId });
    expect(found).toMatchObject({ KeyMetadata: { KeyState: 'Enabled' } });
    second.child.kill('SIGTERM');
    expect(await second.outcome).toMatchObject({ code: 0 });
  });

  it('gives the operator a new root AccessKey in place of a lost one', async () => {
    const directory = await fresh();
    const first = await start(directory);
    const lost = rootKey(first.printed);
    const running = await runProgram(['root-access-key', '--replace', '--config', 'coffer.yaml'], directory);
    expect(running).toMatchObject({ code: 1, stderr: expect.stringContaining('stop that one first') });
    first.child.kill('SIGTERM');
    await first.outcome;
    expect(await runProgram(['root-access-key', '--config', 'coffer.yaml'], directory)).toMatchObject({ code: 1 });
    const replaced = await runProgram(['root-access-key', '--replace', '--config', 'coffer.yaml'], directory);
    expect(replaced.code).toBe(0);
    const second = await start(directory);
    expect(await kms(second, rootKey(replaced.stdout)).request('ListKeys', {})).toMatchObject({ TotalCount: 0 });
    await expect(kms(second, lost).request('ListKeys', {})).rejects.toMatchObject({
      code: 'InvalidAccessKeyId.NotFound',
    });
    second.child.kill('SIGTERM');
    await second.outcome;
  });

  it('keeps what it answered through a kill', async () => {
    const directory = await fresh();
    const first = await start(directory);
    const key = rootKey(first.printed);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => kms(first, key).request('CreateKey', {}, { method: 'POST' })),
    );
    first.child.kill('SIGKILL');
    await first.outcome;
    const second = await start(directory);
    const { TotalCount } = (await kms(second, key).request('ListKeys', {})) as { TotalCount: number };
    expect(TotalCount).toBe(answers.length);
    second.child.kill('SIGTERM');
    await second.outcome;
  });

  it('ends on a defect otherwise than on a refusal, so that it is started again', async () => {
    vi.stubEnv(
      'NODE_OPTIONS',
      '--import=data:text/javascript,process.on(%22SIGUSR2%22,()=>{throw%20Error(%22boom%22)})',
    );
    const serving = await start(await fresh()).finally(() => vi.unstubAllEnvs());
    serving.child.kill('SIGUSR2');
    expect(await serving.outcome).toMatchObject({ code: 70, stderr: expect.stringContaining('Error: boom') });
  });

  it('serves HTTPS under the vendor names with the private CA it made', async () => {
    const directory = await fresh();
    const serving = await start(directory);
    const ca = await readFile(join(directory, 'data', 'tls', 'ca.pem'));
    expect(serving.printed).toContain(ca.toString().trim());
    const port = new URL(serving.endpoints[1]!).port;
    const status = await new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port, path: '/-/ready', ca, servername: 'kms.cn-hangzhou.aliyuncs.com' };
      get(options, (response) => resolve(response.statusCode)).on('error', reject);
    });
    expect(status).toBe(200);
    serving.child.kill('SIGTERM');
    await serving.outcome;
  });

  it('has a status, a doctor, metrics and health pages', async () => {
    const directory = await fresh();
    expect(await runProgram(['status', '--config', 'coffer.yaml'], directory)).toMatchObject({ code: 3 });
    const serving = await start(directory);
    const status = await runProgram(['status', '--config', 'coffer.yaml', '--json'], directory);
    expect(JSON.parse(status.stdout)).toMatchObject({ running: true, ready: true, mode: 'production' });
    const doctor = await runProgram(['doctor', '--config', 'coffer.yaml', '--json'], directory);
    expect(doctor.code).toBe(0);
    const seen = (JSON.parse(doctor.stdout) as { what: string }[]).map((finding) => finding.what);
    expect(seen).toEqual(
      expect.arrayContaining([
        'database',
        'root key: key-file',
        'HSM module softhsm',
        'server certificate',
        'private CA',
        'clock',
      ]),
    );
    const metrics = await (await fetch(`${serving.endpoints[0]}/-/metrics`)).text();
    for (const line of [
      '# TYPE coffer_calls_total counter',
      'coffer_hsms{state="idle"} 0',
      'coffer_key_stores{region="cn-hangzhou",state="Connected"} 0',
      'coffer_hsm_opened_keys 0',
      'coffer_clock_offset_seconds 0',
      'coffer_log_lines_lost_total 0',
    ]) {
      expect(metrics.split('\n')).toContain(line);
    }
    expect(metrics).toMatch(/^coffer_task_overdue_seconds [\d.]+$/m);
    expect((await fetch(`${serving.endpoints[0]}/-/health`)).status).toBe(200);
    serving.child.kill('SIGTERM');
    await serving.outcome;
    expect(await runProgram(['doctor', '--config', 'coffer.yaml'], directory)).toMatchObject({ code: 0 });
  });
});

describe('coffer serve refuses to start', () => {
  it('twice on one data directory', async () => {
    const directory = await fresh();
    const first = await start(directory);
    const second = await runProgram(['serve', '--config', 'coffer.yaml'], directory);
    expect(second).toMatchObject({ code: 1, stderr: expect.stringContaining('in use by another Coffer process') });
    first.child.kill('SIGTERM');
    await first.outcome;
  });

  it('on a port that is taken, and shows the root AccessKey it made all the same', async () => {
    const other = await fresh();
    const taken = await start(other);
    const directory = await fresh();
    const file = join(directory, 'coffer.yaml');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('port: 0', `port: ${new URL(taken.endpoints[0]!).port}`));
    const refused = await runProgram(['serve', '--config', 'coffer.yaml'], directory);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot listen') });
    taken.child.kill('SIGTERM');
    await taken.outcome;

    await writeFile(file, text);
    const serving = await start(directory);
    expect(serving.printed).not.toContain('ACCESS_KEY');
    await expect(kms(serving, rootKey(refused.stdout)).request('ListKeys', {})).resolves.toMatchObject({
      TotalCount: 0,
    });
    serving.child.kill('SIGTERM');
    await serving.outcome;
  });

  it('with an unknown key, naming the one that was meant', async () => {
    const directory = await fresh('storge: { kind: sqlite }\n');
    const outcome = await runProgram(['serve', '--config', 'coffer.yaml'], directory);
    expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('did you mean "storage"') });
  });

  it('under another account id than the database has', async () => {
    const directory = await fresh('accountId: "1000000000000001"\n');
    const serving = await start(directory);
    expect(serving.printed).toContain('1000000000000001');
    serving.child.kill('SIGTERM');
    await serving.outcome;
    const file = join(directory, 'coffer.yaml');
    await writeFile(file, (await readFile(file, 'utf8')).replace('1000000000000001', '1000000000000002'));
    const outcome = await runProgram(['serve', '--config', 'coffer.yaml'], directory);
    expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('belongs to account 1000000000000001') });
  });

  it('without a region in which there is something, until it is served again', async () => {
    const directory = await fresh();
    const serving = await start(directory);
    const root = rootKey(serving.printed);
    await kms(serving, root).request('CreateKey', {});
    serving.child.kill('SIGTERM');
    await serving.outcome;
    const file = join(directory, 'coffer.yaml');
    const text = await readFile(file, 'utf8');
    await writeFile(file, `${text}region: cn-beijing\n`);
    const outcome = await runProgram(['serve', '--config', 'coffer.yaml'], directory);
    expect(outcome).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/region cn-hangzhou, which .*: 1 kms\.key,.*; name cn-/),
    });
    const doctor = await runProgram(['doctor', '--config', 'coffer.yaml'], directory);
    expect(doctor).toMatchObject({ code: 1, stdout: expect.stringContaining('of region cn-hangzhou') });
    await writeFile(file, `${text}region: cn-beijing\nfurtherRegions: [cn-hangzhou]\n`);
    const again = await start(directory);
    const listed = await kms(again, root).request('ListKeys', { RegionId: 'cn-hangzhou' });
    expect(listed).toMatchObject({ TotalCount: 1 });
    again.child.kill('SIGTERM');
    await again.outcome;
  });

  it('on other addresses without TLS', async () => {
    const directory = await fresh();
    await writeFile(join(directory, 'coffer.yaml'), 'dataDir: data\nlisten: [{ host: 0.0.0.0, port: 0 }]\n');
    const outcome = await runProgram(['serve', '--config', 'coffer.yaml'], directory);
    expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('needs tls: true') });
  });

  it.each([
    [
      'without its key file',
      async (data: string) => rm(join(data, 'root-unwrap.key')),
      'no unwrapper opens the root key',
    ],
    [
      'with a key file others can read',
      async (data: string) => chmod(join(data, 'root-unwrap.key'), 0o644),
      'chmod 600',
    ],
    [
      'with the wrong key file',
      async (data: string) => writeFile(join(data, 'root-unwrap.key'), `${'0'.repeat(64)}\n`),
      'does not open its copy',
    ],
    ['in a data directory others can enter', async (data: string) => chmod(data, 0o755), 'chmod 700'],
    ['on a damaged database', async (data: string) => damage(data), 'damaged'],
    ['without the root key record', async (data: string) => forgetRoot(data), 'the root key record is missing'],
  ])('%s', async (_, harm, reason) => {
    const directory = await fresh();
    const serving = await start(directory);
    serving.child.kill('SIGTERM');
    await serving.outcome;
    await harm(join(directory, 'data'));
    const outcome = await runProgram(['serve', '--config', 'coffer.yaml'], directory);
    expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining(reason) });
  });
});

async function damage(data: string): Promise<void> {
  const file = join(data, 'db', 'coffer.db');
  const bytes = await readFile(file);
  bytes.fill(0xa5, 100, Math.min(bytes.length, 8192));
  await writeFile(file, bytes);
}

async function forgetRoot(data: string): Promise<void> {
  const db = new DatabaseSync(join(data, 'db', 'coffer.db'));
  db.exec("delete from record where kind = 'seal.root'");
  db.close();
}
