/**
 * Run as a process of its own by `crash.test.ts`: writes changes, each a record, an event and a task in one
 * transaction, and journal entries beside them, and prints each number once it is durable, until it is killed.
 */
import { openStorage } from '../../src/storage/open.ts';
import { event, HERE, THING } from './fixtures.ts';

const at = JSON.parse(process.argv[2]!) as { kind: 'sqlite'; directory: string } | { kind: 'postgres'; url: string };
let next = Number(process.argv[3]);

const storage = await openStorage({ ...at, wall: () => new Date(), nodeId: 'writer', transactionWaitMs: 10_000 });

async function changes(): Promise<never> {
  for (;;) {
    const id = `c${String(next).padStart(8, '0')}`;
    next += 1;
    await storage.transaction(async (tx) => {
      await tx.insert(THING, HERE, { id, name: `name-${id}`, tags: ['x'] });
      await tx.audit(event({ eventId: id, eventName: 'Change' }));
      await tx.enqueue({ type: id, place: HERE, payload: { id } });
    });
    process.stdout.write(`${id}\n`);
  }
}

async function entries(lane: number): Promise<never> {
  for (let n = 0; ; n++) {
    const eventId = `j${process.pid}-${lane}-${n}`;
    const nonce = { key: eventId, until: new Date(Date.now() + 900_000) };
    await storage.journal({ event: event({ eventId, eventName: 'Entry' }), nonce, counts: [{ counter: 'n', by: 1 }] });
    process.stdout.write(`${eventId}\n`);
  }
}

await Promise.all([changes(), entries(0), entries(1), entries(2)]);
