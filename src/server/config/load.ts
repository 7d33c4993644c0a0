import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { safeParse } from 'valibot';
import { LineCounter, parseDocument } from 'yaml';
import type { ForOperators } from '../../core/for-operators.ts';
import { isLoopback } from '../loopback.ts';
import { isPostgresUrl, POSTGRES_URL_FORM } from '../postgres-url.ts';
import { outlineOf } from './outline.ts';
import { problemOf } from './problems.ts';
import { type Config, ConfigSchema } from './schema.ts';
import { strangers } from './strangers.ts';

/** The configuration is not usable; every problem found, each with its place. */
export class ConfigInvalid extends Error implements ForOperators {
  readonly forOperators = true;
  readonly problems: readonly string[];
  constructor(file: string, problems: readonly string[]) {
    super(`configuration ${file}:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'ConfigInvalid';
    this.problems = problems;
  }
}

const OUTLINE = outlineOf(ConfigSchema);

function semanticProblems(config: Config): string[] {
  const problems: string[] = [];
  config.listen.forEach((listener, index) => {
    if (!isLoopback(listener.host) && !listener.tls)
      problems.push(`listen.${index}: ${listener.host} is not loopback, so it needs tls: true`);
  });
  if (config.metrics.port !== undefined && !isLoopback(config.metrics.host))
    problems.push('metrics.host: metrics are served in plain HTTP, so on loopback only');
  if ((config.tls.certificateFile === undefined) !== (config.tls.keyFile === undefined))
    problems.push('tls: certificateFile and keyFile go together');
  for (const [list, name] of [
    [config.unwrappers.map((entry) => entry.id), 'unwrappers: id'],
    [config.hsms.map((entry) => entry.name), 'hsms: name'],
  ] as const) {
    const twice = list.find((id, index) => list.indexOf(id) !== index);
    if (twice !== undefined) problems.push(`${name} "${twice}" is used twice`);
  }
  for (const entry of config.unwrappers) {
    if (entry.type === 'shares' && entry.threshold > entry.files.length)
      problems.push(`unwrappers: ${entry.id}: threshold is above the number of files`);
  }
  for (const entry of config.hsms) {
    if (entry.vendor === 'pkcs11' && (entry.tokenLabel === undefined) === (entry.serial === undefined))
      problems.push(`hsms: ${entry.name}: give either tokenLabel or serial`);
  }
  if (
    config.storage.kind === 'postgres' &&
    (config.storage.url === undefined) === (config.storage.urlFile === undefined)
  ) {
    problems.push('storage: give either url or urlFile');
  } else if (config.storage.kind === 'postgres' && !isPostgresUrl(config.storage.url ?? 'postgres://file')) {
    // Not shown: it may hold a password.
    problems.push(`storage.url: is not ${POSTGRES_URL_FORM}`);
  }
  return problems;
}

/** `members` of `part`, where they are given, from `directory`. */
function from<T extends object>(directory: string, part: T, ...members: readonly string[]): T {
  const given = Object.entries(part).filter(([name, value]) => members.includes(name) && typeof value === 'string');
  return { ...part, ...Object.fromEntries(given.map(([name, path]) => [name, resolve(directory, path as string)])) };
}

/** Relative paths start where the file is, wherever the program was started. */
function withPaths(config: Config, directory: string): Config {
  return {
    ...from(directory, config, 'dataDir'),
    tls: from(directory, config.tls, 'certificateFile', 'keyFile'),
    storage: from(directory, config.storage, 'caFile'),
    // A module without a folder is looked for by the system's loader.
    hsms: config.hsms.map((hsm) =>
      from(directory, hsm, 'soPinFile', ...(hsm.library.includes('/') ? ['library'] : [])),
    ),
  };
}

/** The text as plain values. Says of a mistake what and where, without the line: it may hold a password. */
function readYaml(text: string, file: string): unknown {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    uniqueKeys: true,
    strict: true,
    prettyErrors: false,
    lineCounter: lines,
    // Plain values only, whatever the text says of its version and tags, and no warnings that repeat parts of it.
    schema: 'core',
    resolveKnownTags: false,
    logLevel: 'error',
  });
  if (document.errors.length > 0) {
    const said = document.errors.map(({ code, pos }) => {
      const { line, col } = lines.linePos(pos[0]);
      const what = code === 'IMPOSSIBLE' ? 'unexpected token' : code.toLowerCase().replaceAll('_', ' ');
      return `line ${line}, column ${col}: is not YAML as it should be (${what})`;
    });
    throw new ConfigInvalid(file, said);
  }
  try {
    return document.toJS();
  } catch {
    throw new ConfigInvalid(file, ['an alias (`*…`) has no anchor (`&…`) before it, or there are too many']);
  }
}

/** Reads a configuration text. `directory` is what relative paths in it start from. Throws {@link ConfigInvalid}. */
export function parseConfig(text: string, file: string, directory: string): Config {
  const raw = readYaml(text, file) ?? {};
  const strange = strangers(OUTLINE, raw);
  if (strange.length > 0) throw new ConfigInvalid(file, strange);
  const read = safeParse(ConfigSchema, raw);
  if (!read.success) throw new ConfigInvalid(file, read.issues.map(problemOf));
  const problems = semanticProblems(read.output);
  if (problems.length > 0) throw new ConfigInvalid(file, problems);
  return withPaths(read.output, directory);
}

/** Reads the file; without one, the defaults with the data directory below `directory`. */
export async function loadConfig(file: string | undefined, directory: string): Promise<Config> {
  if (file === undefined) return parseConfig('', '(defaults)', directory);
  const path = resolve(directory, file);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new ConfigInvalid(path, [`cannot be read: ${(error as NodeJS.ErrnoException).code}`]);
  }
  return parseConfig(text, path, dirname(path));
}
