/** Claiming tasks for a while and giving them back. */
import type { ClaimedTask, ClaimRequest } from '../domain/storage.ts';
import type { Engine, Row } from './engine.ts';
import type { TaskQueries } from './task-queries.ts';
import { sessionOf } from './transaction.ts';

export interface Leases {
  readonly engine: Engine;
  readonly queries: TaskQueries;
  readonly wall: () => Date;
  /** Names this opening of the database; a lease of an earlier run of the same node is not ours. */
  readonly owner: string;
}

function claimed(leases: Leases, row: Row): ClaimedTask {
  const { engine, queries, wall, owner } = leases;
  const id = String(row.id);
  const attempt = Number(row.attempt);
  const held = { id, owner, attempt };
  return {
    id,
    type: String(row.type),
    place: { account: String(row.account), region: String(row.region) },
    payload: JSON.parse(String(row.payload)) as unknown,
    attempt,
    // A lease that ran out but that nobody took since still counts: the work was done once.
    finish: async (tx) => {
      const rows = await sessionOf(tx)(queries.finish({ ...held, wall: wall().getTime() }));
      return rows.length > 0;
    },
    renew: async (leaseMs) => {
      const [rows] = await engine.write([queries.renew({ ...held, until: wall().getTime() + leaseMs })]);
      return rows!.length > 0;
    },
    retry: async (due) => {
      await engine.write([queries.retry({ ...held, due: due.getTime() })]);
    },
  };
}

/** Claims what is due (service time) and not leased to anybody (wall clock), the longest due first. */
export async function claimTasks(leases: Leases, request: ClaimRequest): Promise<ClaimedTask[]> {
  const { engine, queries, owner } = leases;
  const wall = request.wall.getTime();
  const [rows] = await engine.write([
    queries.claim({
      now: request.now.getTime(),
      wall,
      owner,
      until: wall + request.leaseMs,
      limit: request.limit,
    }),
  ]);
  return rows!
    .toSorted((a, b) => Number(a.due) - Number(b.due) || (String(a.id) < String(b.id) ? -1 : 1))
    .map((row) => claimed(leases, row));
}

/** When the next task that nobody holds falls due (service time). */
export async function nextTaskDue({ engine, queries, wall }: Leases): Promise<Date | undefined> {
  const [row] = await engine.read(queries.nextDue({ wall: wall().getTime() }));
  return row === undefined ? undefined : new Date(Number(row.due));
}
