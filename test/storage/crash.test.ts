import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { AuditEvent } from '../../src/domain/audit.ts';
import type { Storage } from '../../src/domain/storage.ts';
import { describeStorages } from '../support/storage.ts';
import { HERE, THING } from './fixtures.ts';

const ROUNDS = 6;
const WRITER = join(import.meta.dirname, 'crash-writer.ts');

/** Lets a writer run for a while after its first durable change, kills it, and returns what it said was durable. */
async function writeAndKill(database: object, from: number, afterMs: number): Promise<Set<string>> {
  const child = spawn(process.execPath, [WRITER, JSON.stringify(database), String(from)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  let failed = '';
  child.stderr.on('data', (part: Buffer) => {
    failed += part.toString();
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (part: Buffer) => {
      said += part.toString();
      resolve();
    });
    child.once('exit', () => reject(new Error(`the writer ended by itself: ${failed}`)));
  });
  await pause(afterMs);
  child.kill('SIGKILL');
  await ended;
  return new Set(said.split('\n').slice(0, -1));
}

async function allEvents(storage: Storage): Promise<AuditEvent[]> {
  const events: AuditEvent[] = [];
  for (let after: string | undefined; ; ) {
    const page = await storage.lookupEvents({
      account: HERE.account,
      start: new Date(0),
      end: new Date('2100-01-01T00:00:00Z'),
      direction: 'FORWARD',
      filters: [],
      limit: 1000,
      ...(after === undefined ? {} : { after }),
    });
    events.push(...page.events);
    if (page.next === undefined) return events;
    after = page.next;
  }
}

describeStorages('kill and reopen', (open) => {
  it('leaves all of a change or none, and everything that was said to be durable', async () => {
    const opened = await open();
    const { options } = opened;
    const database =
      options.kind === 'sqlite'
        ? { kind: options.kind, directory: options.directory }
        : { kind: options.kind, url: options.url };
    const durable = new Set<string>();
    for (let round = 0; round < ROUNDS; round++) {
      await opened.storage.close();
      const said = await writeAndKill(database, round * 1_000_000, Math.random() * 150);
      for (const id of said) durable.add(id);
      const storage = await opened.reopen();
      // The killed process's last transaction may still be ending inside PostgreSQL; ours comes after it.
      await storage.transaction(async () => {});
      const events = await allEvents(storage);
      const ids = (of: string) => events.filter((one) => one.eventName === of).map((one) => one.eventId);
      const records = (await storage.reader.list(THING, HERE)).map((thing) => thing.id);
      const wall = new Date();
      const claimed = await storage.claimTasks({ now: wall, wall, leaseMs: 0, limit: 100_000 });
      const tasks = claimed.map((task) => task.type).toSorted();
      expect(ids('Change').toSorted()).toEqual(records);
      expect(tasks).toEqual(records);
      expect(await storage.reader.count(THING, HERE)).toBe(records.length);
      expect(await storage.reader.count(THING, HERE, { index: 'tag', value: 'x' })).toBe(records.length);
      for (const id of records) expect(await storage.reader.find(THING, HERE, 'name', `name-${id}`)).toBeDefined();
      expect(await storage.counter('n')).toBe(ids('Entry').length);
      const present = new Set(events.map((one) => one.eventId));
      expect([...durable].filter((id) => !present.has(id))).toEqual([]);
    }
    expect([...durable].some((id) => id.startsWith('c'))).toBe(true);
    expect([...durable].some((id) => id.startsWith('j'))).toBe(true);
  });
});
