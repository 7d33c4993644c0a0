/**
 * The database that suites of whole operations run on: SQLite, or PostgreSQL in the run's second project
 * (`vitest.config.ts`), so that every operation is tried on both.
 */
import type { Location } from '../../src/storage/options.ts';
import { createDatabase } from './postgres.ts';

export interface SuiteDatabase {
  readonly location: Location;
  /** The `storage` section of a configuration file. */
  readonly configuration: string;
  drop(): Promise<void>;
}

/** A fresh database of the project's kind; SQLite lives in `directory`. */
export async function suiteDatabase(directory: string): Promise<SuiteDatabase> {
  if (process.env.COFFER_TEST_STORAGE !== 'postgres') {
    return {
      location: { kind: 'sqlite', directory },
      configuration: 'storage: { kind: sqlite }',
      drop: async () => {},
    };
  }
  const database = await createDatabase();
  return {
    location: { kind: 'postgres', url: database.url },
    configuration: `storage: { kind: postgres, url: '${database.url}' }`,
    drop: () => database.drop(),
  };
}
