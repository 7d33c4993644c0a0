#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { isForOperators } from '../core/for-operators.ts';
import { lookup, table } from '../core/table.ts';
import { standardError } from '../server/line-writer.ts';

/** One command of the program: its options are its own affair. */
export interface Command {
  /** Usage after the command's name. */
  readonly usage: string;
  readonly help: string;
  /** Loaded when used, so that each command starts with what it needs. */
  readonly load: () => Promise<{ run: (args: readonly string[]) => Promise<number> }>;
}

const COMMANDS = table({
  serve: { usage: '[--config FILE]', help: 'Starts the server.', load: () => import('./serve.ts') },
  status: {
    usage: '[--config FILE] [--json]',
    help: 'Says how the server of this data directory fares.',
    load: () => import('./status.ts'),
  },
  doctor: {
    usage: '[--config FILE] [--json]',
    help: 'Checks database, root key, HSMs, certificates and clock, and says what to do.',
    load: () => import('./doctor.ts'),
  },
  'root-access-key': {
    usage: '--replace [--config FILE]',
    help: 'Makes a new AccessKey of the root user in place of all it had.',
    load: () => import('./root-access-key.ts'),
  },
  shares: {
    usage: '--id NAME --shares N --threshold M --out DIR',
    help: 'Makes Shamir shares as a further way to open the root key.',
    load: () => import('./shares.ts'),
  },
  quickstart: {
    usage: '[--once]',
    help: 'Tells the whole story on a fresh server of its own.',
    load: () => import('./quickstart/quickstart.ts'),
  },
} as const satisfies Record<string, Command>);

/**
 * Keeps compiled sources, which halves the time to start and saves memory. Beside the packages and not in the system's
 * temporary directory: whoever can write there can run code as this user. Where it cannot be written, starts are slower.
 */
function keepCompiled(): void {
  const { directory } = enableCompileCache(join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'coffer'));
  // For threads, which do not inherit it.
  if (directory !== undefined) process.env.NODE_COMPILE_CACHE ??= directory;
}

function help(): string {
  const lines = Object.entries(COMMANDS).map(
    ([name, command]) => `  coffer ${name} ${command.usage}\n      ${command.help}`,
  );
  return `Coffer, a self-hosted key management service.\n\n${lines.join('\n')}\n\nSee docs/start for the first steps.\n`;
}

/** How the program ends. A service manager starts it again after the last two, and after a signal, but not after the first. */
const REFUSED = 1;
const DEFECT = 70;
const AWAY = 75;

keepCompiled();
process.on('uncaughtException', (error) => {
  // After the lines of the log that wait still, and like them not waited for when nobody reads.
  standardError().write(`coffer: ${error?.stack ?? String(error)}\n`);
  process.exit(DEFECT);
});
// A reader such as `head` may have read enough; the server must not end for that either.
process.stdout.on('error', () => {});
const [name, ...args] = process.argv.slice(2);
if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
  process.stdout.write(help());
} else if (name === 'version' || name === '--version') {
  const { VERSION } = await import('../server/version.ts');
  process.stdout.write(`${VERSION}\n`);
} else {
  const command = lookup<Command>(COMMANDS, name);
  if (command === undefined) {
    process.stderr.write(`coffer: there is no command "${name}"\n\n${help()}`);
    process.exit(2);
  }
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(`coffer ${name} ${command.usage}\n    ${command.help}\n`);
    process.exit(0);
  }
  try {
    process.exitCode = await (await command.load()).run(args);
  } catch (error) {
    const known = isForOperators(error);
    standardError().write(`coffer ${name}: ${known ? error.message : ((error as Error)?.stack ?? String(error))}\n`);
    process.exitCode = !known ? DEFECT : error.mayPass === true ? AWAY : REFUSED;
  }
}
