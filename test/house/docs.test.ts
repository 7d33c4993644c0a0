import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

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
