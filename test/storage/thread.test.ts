import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, expect, it, vi } from 'vitest';
import { SqliteClient } from '../../src/storage/sqlite/client.ts';

const THREAD = pathToFileURL(join(import.meta.dirname, 'broken-thread.ts')).href;
const SELECT = [{ sql: 'select 1', parameters: [] }];
const open = (behaviour: string) => SqliteClient.open('/data', THREAD, { file: behaviour, lockFile: '' });

afterEach(() => {
  vi.useRealTimers();
});

it('says so when the thread ends before it has opened anything', async () => {
  await expect(open('ends at once')).rejects.toMatchObject({ name: 'DatabaseUnreachable' });
});

it.each([
  ['ends', 'its thread has ended'],
  ['throws', 'out of luck'],
])('fails every call, under way and later, when the thread %s', async (behaviour, reason) => {
  const client = await open(behaviour);
  const calls = [
    client.run('reader', SELECT),
    client.commit(SELECT),
    client.journal({ nonce: '', event: '', count: '' }, [], 0),
  ];
  for (const outcome of await Promise.allSettled(calls)) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'DatabaseUnreachable' } });
    expect(String((outcome as PromiseRejectedResult).reason)).toContain(reason);
  }
  expect(client.alive).toBe(false);
  await expect(client.run('writer', SELECT)).rejects.toMatchObject({ name: 'DatabaseUnreachable' });
  await client.close();
});

it('gives up on a thread that does not answer within half a minute', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  const client = await open('hangs');
  const call = client.run('reader', SELECT);
  let settled = false;
  const watched = call.catch((error: Error) => {
    settled = true;
    return error;
  });
  vi.advanceTimersByTime(29_000);
  await Promise.resolve();
  expect(settled).toBe(false);
  vi.advanceTimersByTime(3000);
  expect(await watched).toMatchObject({ name: 'DatabaseUnreachable', message: expect.stringContaining('no answer') });
  expect(client.alive).toBe(false);
  vi.useRealTimers();
  await client.close();
});
