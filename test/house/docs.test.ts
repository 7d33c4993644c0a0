import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PRODUCTS } from '../../src/domain/products.ts';
import { OPERATIONS } from '../../src/operations/index.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** README.md and every page below docs, relative to the repository. */
const PAGES: readonly string[] = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file)),
];

const textOf = (page: string): string => readFileSync(join(ROOT, page), 'utf8');

/** The text without code, in which nothing is a link or a heading. */
function prose(text: string): string {
  return text.replaceAll(/^(```|~~~)[\s\S]*?^\1[^\n]*$/gm, '').replaceAll(/`[^`\n]*`/g, (code) => `\`${code.length}\``);
}

/** What a heading is reached by: as GitHub makes it, a number behind the second of the same name. */
function anchorsOf(text: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  const body = text.replaceAll(/^(```|~~~)[\s\S]*?^\1[^\n]*$/gm, '');
  for (const [, heading] of body.matchAll(/^#{1,6} +(.+?) *$/gm)) {
    const plain = heading!.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const anchor = plain.replaceAll(/[^\p{L}\p{N}_ -]/gu, '').replaceAll(' ', '-');
    let name = anchor;
    for (let count = 1; anchors.has(name); count += 1) name = `${anchor}-${count}`;
    anchors.add(name);
  }
  for (const [, id] of body.matchAll(/<a id="([^"]+)">/g)) anchors.add(id!);
  return anchors;
}

interface Link {
  readonly page: string;
  readonly target: string;
}

function linksOf(page: string): Link[] {
  return [...prose(textOf(page)).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => ({ page, target: match[1]! }));
}

/** What is wrong with a link; undefined when it leads somewhere. */
function fault({ page, target }: Link): string | undefined {
  if (/^[a-z]+:/.test(target)) return undefined;
  const [path, anchor] = target.split('#') as [string, string | undefined];
  const file = path === '' ? join(ROOT, page) : resolve(ROOT, dirname(page), path);
  if (relative(ROOT, file).startsWith('..')) return `${page}: ${target} leaves the repository`;
  if (!existsSync(file)) return `${page}: ${target} does not exist`;
  if (anchor === undefined) return undefined;
  if (!statSync(file).isFile() || !anchorsOf(readFileSync(file, 'utf8')).has(anchor))
    return `${page}: ${target} has no such heading`;
  return undefined;
}

describe('the test of links itself', () => {
  it('makes anchors as GitHub does', () => {
    const text = '# A `b` c: d!\n## Same\n## Same\n```sh\n# no heading\n```\n### [Linked](x.md)\n<a id="row.one"></a>';
    expect([...anchorsOf(text)]).toEqual(['a-b-c-d', 'same', 'same-1', 'linked', 'row.one']);
  });

  it('finds broken links', () => {
    const broken = ['docs/none.md', 'README.md#no-such-heading', '../outside.md', '#nowhere', 'docs#x'];
    for (const target of broken) expect(fault({ page: 'README.md', target }), target).toBeDefined();
    for (const target of ['https://example.com/x', 'README.md', '#where-to-read-on', 'docs'])
      expect(fault({ page: 'README.md', target }), target).toBeUndefined();
  });
});

it('has links in its pages that all lead somewhere', () => {
  const links = PAGES.flatMap(linksOf);
  expect(links.length).toBeGreaterThan(100);
  expect(links.map(fault).filter((found) => found !== undefined)).toEqual([]);
});

it('has no page that cannot be reached from the README', () => {
  const reached = new Set<string>(['README.md']);
  for (const page of reached) {
    // A link that leads nowhere is the test's above.
    if (!existsSync(join(ROOT, page))) continue;
    for (const { target } of linksOf(page)) {
      const path = target.split('#')[0]!;
      if (/^[a-z]+:/.test(target) || !path.endsWith('.md')) continue;
      reached.add(relative(ROOT, resolve(ROOT, dirname(page), path)));
    }
  }
  expect(PAGES.filter((page) => !reached.has(page))).toEqual([]);
});

it('names only scripts that package.json has', () => {
  const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
  const named = PAGES.flatMap((page) =>
    [...textOf(page).matchAll(/npm (?:run (?:-s |--silent )?([\w:-]+)|(test))\b/g)].map((match) => ({
      page,
      script: match[1] ?? match[2]!,
    })),
  );
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter(({ script }) => !Object.hasOwn(scripts, script))).toEqual([]);
});

it('names only source files that exist', () => {
  const missing = PAGES.filter((page) => !page.startsWith('docs/reference/')).flatMap((page) =>
    [...textOf(page).matchAll(/`((?:src|test|tools|bench|docs)\/[\w./-]+)`/g)]
      .map((match) => match[1]!)
      .filter((path) => !existsSync(join(ROOT, path)))
      .map((path) => `${page}: ${path}`),
  );
  expect(missing).toEqual([]);
});

it('shows no path of the machine it was written on', () => {
  const faults = PAGES.flatMap((page) =>
    [...textOf(page).matchAll(/(?<![\w.~-])\/(?:home|root|work|Users|tmp)\/[^\s`)"']*/g)].map(
      (match) => `${page}: ${match[0]}`,
    ),
  );
  expect(faults).toEqual([]);
});

/** What a pattern finds in a file, once each, sorted. */
function found(file: string, pattern: RegExp): string[] {
  return [...new Set([...textOf(file).matchAll(pattern)].map((match) => match[1]!))].sort();
}

it('calls only operations that exist in its examples', () => {
  const known = new Set(OPERATIONS.map(({ product, name }) => `${PRODUCTS[product].name.toLowerCase()} ${name}`));
  const called = PAGES.flatMap((page) =>
    [
      ...textOf(page).matchAll(
        /\b(?:call|aliyun[^\n]*?|ram) ?(kms|ram|sts|resourcemanager|hsm|vpc|ecs|actiontrail|coffer) ([A-Z]\w+)/g,
      ),
    ].map((match) => `${match[1]} ${match[2]}`),
  );
  expect(called.length).toBeGreaterThan(25);
  expect(called.filter((name) => !known.has(name))).toEqual([]);
});

it('tells a cure for each connection error code, and for no other', () => {
  const declared = /ConnectionErrorCode =\n([\s\S]*?);/.exec(textOf('src/domain/kms/key-store.ts'))![1]!;
  const codes = [...declared.matchAll(/'(\w+)'/g)].map((match) => match[1]!);
  const table = textOf('docs/guides/hsms.md').split('## Connection errors')[1]!;
  const told = [...table.matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1]!);
  expect(codes.length).toBeGreaterThan(10);
  expect(told.sort()).toEqual(codes.sort());
});

it('explains each metric and no other', () => {
  const metric = /['`](coffer_\w+)['`{]/g;
  const metrics = ['src/server/gauges.ts', 'src/server/metrics.ts'].flatMap((file) => found(file, metric)).sort();
  expect(metrics.length).toBeGreaterThan(6);
  expect(found('docs/guides/operation.md', metric)).toEqual(metrics);
});

it('explains each command and no other', () => {
  const commands = textOf('src/cli/main.ts').split('const COMMANDS')[1]!.split('\n}')[0]!;
  const names = [...commands.matchAll(/^ {2}(\w+): \{/gm)].map((match) => match[1]!);
  expect(names.length).toBeGreaterThan(3);
  expect(found('docs/start/run-a-server.md', /^\| `coffer (\w+)/gm)).toEqual(names.sort());
});

it('gives a reason for each dependency and for nothing else', () => {
  const manifest = JSON.parse(textOf('package.json')) as Record<string, Record<string, string>>;
  const kinds = ['dependencies', 'devDependencies', 'optionalDependencies'];
  const named = kinds.flatMap((kind) => Object.keys(manifest[kind] ?? {}));
  const rows = textOf('docs/inside/dependencies.md')
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  const told = rows.flatMap((row) => [...row.split('|')[1]!.matchAll(/`([^`]+)`/g)].map((match) => match[1]!));
  expect(told.sort()).toEqual(named.sort());
});

it('places each folder of src in the architecture', () => {
  const folders = readdirSync(join(ROOT, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const architecture = textOf('docs/inside/architecture.md');
  expect(folders.map(({ name }) => name).filter((name) => !architecture.includes(`\`src/${name}\``))).toEqual([]);
});
