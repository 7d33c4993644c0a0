/** The program on a disk that fills up under it. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configured, type Serving, serve } from '../support/program.ts';
import { signingClient } from '../support/signing-client.ts';

/** Mounts a file system small enough to be filled; false where this user may not. */
function mountSmall(directory: string): boolean {
  try {
    mkdirSync(directory);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m,mode=700', 'tmpfs', directory], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const directory = await configured();
const disk = join(directory, 'data');
const mounted = mountSmall(disk);
let serving: Serving | undefined;

beforeAll(async () => {
  if (mounted) serving = await serve(directory);
});
afterAll(async () => {
  if (mounted) {
    serving?.child.kill('SIGKILL');
    await serving?.outcome;
    execFileSync('umount', [disk]);
  }
  await rm(directory, { recursive: true });
});

function fill(name: string, block: number): void {
  try {
    for (let at = 0; ; at += 1) writeFileSync(join(disk, `${name}-${at}`), Buffer.alloc(block));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

describe.skipIf(!mounted)('a full disk', () => {
  it('is answered as a passing trouble, shows in readiness, and is over when there is space', async () => {
    const endpoint = serving!.endpoints[0]!;
    const key = (name: string): string => new RegExp(`ACCESS_KEY_${name}=(\\S+)`).exec(serving!.printed)![1]!;
    const client = signingClient(endpoint, { accessKeyId: key('ID'), accessKeySecret: key('SECRET') });
    const ready = async (): Promise<number> => (await fetch(`${endpoint}/-/ready`)).status;
    const makeKey = async () => (await client.call('2016-01-20', 'CreateKey')).json!;
    const makeUser = async (UserName: string) => (await client.call('2015-05-01', 'CreateUser', { UserName })).json!;
    expect(await ready()).toBe(200);
    const { KeyId } = (await makeKey()).KeyMetadata as { KeyId: string };

    fill('large', 1 << 20);
    fill('small', 1 << 12);
    // What is left of the pages the database has already been given may take a few more.
    let answer = await makeKey();
    for (let tries = 0; answer.Code === undefined && tries < 2000; tries += 1) answer = await makeKey();
    expect(answer.Code).toBe('ServiceUnavailableTemporary');
    expect((await makeUser('late')).Code).toBe('ServiceUnavailable');
    expect(await ready()).toBe(503);

    execFileSync('sh', ['-c', 'rm -f large-* small-*'], { cwd: disk });
    expect(await ready()).toBe(200);
    expect((await makeUser('late')).User).toMatchObject({ UserName: 'late' });
    const { json } = await client.call('2016-01-20', 'Encrypt', { KeyId, Plaintext: 'x' });
    expect(json).toMatchObject({ KeyId });
  });
});
