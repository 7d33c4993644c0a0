import type { ForOperators } from '../core/for-operators.ts';
import { StorageBusy, StorageDown } from '../domain/storage.ts';

/**
 * What may be wrong with the database itself. Each message says what to do; `cause` holds the engine's own words, for
 * the log only.
 */
abstract class DatabaseError extends Error implements ForOperators {
  readonly forOperators = true;
  constructor(name: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = name;
  }
}

/** Another process has the data directory open. */
export class DatabaseLocked extends DatabaseError {
  constructor(where: string, cause?: unknown) {
    super(
      'DatabaseLocked',
      `${where} is in use by another Coffer process; stop that one first, or give this one another data directory.`,
      cause,
    );
  }
}

/** The database, or a record in it, was written by a later version of the program. */
export class DatabaseNewer extends DatabaseError {
  constructor(what: string, found: number, known: number) {
    super(
      'DatabaseNewer',
      `${what} has version ${found}, but this program knows versions up to ${known}; start the newer Coffer, or restore a backup taken before the upgrade.`,
    );
  }
}

/** The database is of an earlier version of the program, and is only to be looked at. */
export class DatabaseOlder extends DatabaseError {
  constructor(where: string, found: number, known: number) {
    super(
      'DatabaseOlder',
      `${where} has schema version ${found}, this program's is ${known}; keep a backup, then start this program's server, which brings it up to date.`,
    );
  }
}

/** The database's content cannot be trusted. Nothing was changed. */
export class DatabaseDamaged extends DatabaseError {
  constructor(where: string, detail: string, cause?: unknown) {
    super(
      'DatabaseDamaged',
      `${where} is damaged or not Coffer's (${detail}); keep a copy of it, then restore the latest backup.`,
      cause,
    );
  }
}

/** The database did not answer, or could not read or write its files. What was under way may or may not have happened. */
export class DatabaseUnreachable extends StorageDown implements ForOperators {
  readonly forOperators = true;
  readonly mayPass = true;
  constructor(where: string, detail: string, cause?: unknown) {
    super(
      `${where} cannot be used (${detail}); check that it is up, that its disk has space and that this user may read and write it.`,
      cause === undefined ? undefined : { cause },
    );
    this.name = 'DatabaseUnreachable';
  }
}

/** More work is waiting for the database than its queues hold; the call had no effect. */
export class StorageOverloaded extends StorageBusy {
  constructor(queue: string) {
    super(`the queue for ${queue} is full; send fewer calls at once, or give the database a faster disk.`);
    this.name = 'StorageOverloaded';
  }
}
