import { mkdtempSync, rmSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { stopPostgres } from './postgres-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the run's PostgreSQL server lives once the first test that needs it has started it. */
    postgresDirectory: string;
  }
}

/** Prepares the run's directory; after the run, stops the PostgreSQL server if a test started it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = mkdtempSync(join(tmpdir(), 'coffer-test-'));
  // The server's own user must be able to go through it.
  await chmod(directory, 0o711);
  project.provide('postgresDirectory', directory);
  return async () => {
    await stopPostgres(directory);
    rmSync(directory, { recursive: true, force: true });
  };
}
