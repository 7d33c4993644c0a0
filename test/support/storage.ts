/** Runs a suite on both database engines. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe } from 'vitest';
import type { Storage } from '../../src/domain/storage.ts';
import { openStorage } from '../../src/storage/open.ts';
import type { StorageOptions } from '../../src/storage/options.ts';
import { createDatabase, type TestDatabase } from './postgres.ts';

/** What the wall clock shows, to be moved by the test. */
export interface TestWall {
  now: Date;
}

export interface TestStorage {
  readonly storage: Storage;
  readonly options: StorageOptions;
  readonly wall: TestWall;
  /** Closes the storage and opens the same database again. */
  reopen(): Promise<Storage>;
  /** Another node over the same database; only where {@link Open.shared}. */
  openSecondNode(): Promise<Storage>;
}

export interface Open {
  /** A storage over a fresh database; closed and removed after the test. */
  (changes?: Partial<Omit<StorageOptions, 'kind'>>): Promise<TestStorage>;
  readonly kind: StorageOptions['kind'];
  /** Whether several nodes may use one database. */
  readonly shared: boolean;
}

/** What the wall clock of a fresh test storage shows. */
export const TEST_START = new Date('2026-03-01T08:00:00Z');

function opener(kind: StorageOptions['kind']): Open {
  const cleanUps: (() => Promise<unknown> | unknown)[] = [];
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });
  const fresh = async (): Promise<Pick<StorageOptions, 'kind'> & { directory?: string; url?: string }> => {
    if (kind === 'sqlite') {
      const directory = mkdtempSync(join(tmpdir(), 'coffer-storage-'));
      cleanUps.push(() => rmSync(directory, { recursive: true, force: true }));
      return { kind, directory };
    }
    const database: TestDatabase = await createDatabase();
    cleanUps.push(() => database.drop());
    return { kind, url: database.url };
  };
  const open = async (changes: Partial<Omit<StorageOptions, 'kind'>> = {}): Promise<TestStorage> => {
    const wall: TestWall = { now: TEST_START };
    const options = {
      ...(await fresh()),
      wall: () => wall.now,
      nodeId: 'test',
      transactionWaitMs: 10_000,
      ...changes,
    } as StorageOptions;
    const opened = async (): Promise<Storage> => {
      const storage = await openStorage(options);
      cleanUps.push(() => storage.close());
      return storage;
    };
    let storage = await opened();
    return {
      get storage() {
        return storage;
      },
      options,
      wall,
      async reopen() {
        await storage.close();
        storage = await opened();
        return storage;
      },
      openSecondNode: () => {
        if (kind === 'sqlite') throw new Error('SQLite is for one process');
        return opened();
      },
    };
  };
  return Object.assign(open, { kind, shared: kind === 'postgres' });
}

/** Describes the suite once per engine; `open` gives a storage over a fresh database. */
export function describeStorages(name: string, suite: (open: Open) => void): void {
  describe.each(['sqlite', 'postgres'] as const)(`${name} (%s)`, (kind) => suite(opener(kind)));
}
