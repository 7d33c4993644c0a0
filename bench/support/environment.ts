/** What a figure depends on besides the code. */
import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { DatabaseSync } from 'node:sqlite';

function printed(command: string, ...args: string[]): string | undefined {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}

function sqliteVersion(): string {
  const db = new DatabaseSync(':memory:');
  const row = db.prepare('select sqlite_version() as version').get() as { version: string };
  db.close();
  return row.version;
}

export function environment() {
  return {
    date: new Date().toISOString(),
    commit: printed('git', '-C', import.meta.dirname, 'rev-parse', '--short', 'HEAD'),
    cpu: cpus()[0]?.model.trim(),
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
    openssl: process.versions.openssl,
    sqlite: sqliteVersion(),
    softhsm: printed('softhsm2-util', '--version'),
    /** Runnable processes over 1, 5 and 15 minutes: above 0 at the start means that others were at work. */
    loadAverage: loadavg().map((value) => Number(value.toFixed(2))),
  };
}
