import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, it } from 'vitest';

/**
 * Who may import whom, by folder. Anything not listed is a fault. `operations/*` stands for a product's folder, which
 * also may import itself, and never another product's.
 */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  core: [],
  errors: ['core'],
  schema: ['core'],
  wire: ['core', 'errors'],
  policy: ['core'],
  crypto: ['core', 'errors'],
  domain: ['core', 'errors', 'policy', 'crypto'],
  operation: ['core', 'errors', 'schema', 'domain'],
  pipeline: ['core', 'errors', 'schema', 'domain', 'operation'],
  storage: ['core', 'domain'],
  seal: ['core', 'domain'],
  tasks: ['core', 'domain'],
  access: ['core', 'errors', 'domain', 'policy', 'operation', 'pipeline', 'slr'],
  slr: ['core', 'errors', 'schema', 'domain', 'policy', 'operation'],
  keystore: ['core', 'errors', 'domain', 'crypto', 'operation'],
  network: ['core', 'domain'],
  'hsm-tasks': ['core', 'domain'],
  hsm: ['core', 'domain', 'hsm-worker'],
  'hsm-worker': ['core', 'domain'],
  'kms-tasks': ['core', 'errors', 'domain', 'crypto', 'operation', 'keystore'],
  operations: ['core', 'errors', 'schema', 'domain', 'crypto', 'policy', 'operation', 'slr', 'keystore'],
  server: ['*'],
  cli: ['*'],
};

/** Imported by nobody but themselves and the program's entry. */
const TOPS = ['server', 'cli'];

const SRC = join(import.meta.dirname, '..', '..', 'src');

interface Arrow {
  readonly from: string;
  readonly to: string;
}

function arrows(): Arrow[] {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
  );
  return files.flatMap((file) => {
    const text = readFileSync(join(SRC, file), 'utf8');
    const found = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) => match[1]!);
    return found.map((target) => ({ from: file, to: relative(SRC, resolve(SRC, dirname(file), target)) }));
  });
}

const top = (file: string): string => file.split('/')[0]!;

function wrong({ from, to }: Arrow): boolean {
  const [here, there] = [top(from), top(to)];
  if (to.startsWith('..')) return !(here === 'cli' || here === 'server');
  if (here === 'operations' && there === 'operations') {
    return from !== 'operations/index.ts' && dirname(from) !== dirname(to);
  }
  if (here === there) return false;
  if (TOPS.includes(there) && !(here === 'cli' && there === 'server')) return true;
  const allowed = ALLOWED[here] ?? [];
  return !(allowed.includes('*') || allowed.includes(there));
}

it('follows the import directions', () => {
  const all = arrows();
  expect(all.length).toBeGreaterThan(50);
  expect(all.filter(wrong).map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
});

it('knows every folder of src', () => {
  const folders = readdirSync(SRC, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.map((entry) => entry.name).filter((name) => !Object.hasOwn(ALLOWED, name))).toEqual([]);
});

it('has no import circles', () => {
  const graph = new Map<string, string[]>();
  for (const { from, to } of arrows()) graph.set(from, [...(graph.get(from) ?? []), to]);
  const state = new Map<string, 'open' | 'done'>();
  const circles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open') {
      circles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
      return;
    }
    state.set(file, 'open');
    for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
    state.set(file, 'done');
  };
  for (const file of graph.keys()) visit(file, []);
  expect(circles).toEqual([]);
});
