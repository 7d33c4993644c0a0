/** Writes everything that is derived from declarations: the operation index and docs/reference. `--check` only compares. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { indexText } from './generate-index.ts';

const ROOT = join(import.meta.dirname, '..');

async function files(): Promise<Map<string, string>> {
  const { OPERATIONS } = await import('../src/operations/index.ts');
  const { PRODUCTS } = await import('../src/domain/products.ts');
  const { operationPage } = await import('./reference/operation-page.ts');
  const { configurationPage } = await import('./reference/configuration-page.ts');
  const { coveragePage, errorPage, permissionPage } = await import('./reference/pages.ts');
  const pages = new Map<string, string>();
  for (const name of Object.keys(PRODUCTS) as (keyof typeof PRODUCTS)[])
    pages.set(`docs/reference/${name.toLowerCase()}.md`, operationPage(name, OPERATIONS));
  pages.set('docs/reference/errors.md', errorPage(OPERATIONS));
  pages.set('docs/reference/permissions.md', permissionPage(OPERATIONS));
  pages.set('docs/reference/configuration.md', configurationPage());
  pages.set('docs/reference/coverage.md', coveragePage(OPERATIONS, join(ROOT, 'test/vectors/openapi-meta')));
  return pages;
}

function formatted(text: string): string {
  return execFileSync(
    'sh',
    [join(ROOT, 'tools/biome'), 'check', '--write', '--stdin-file-path=src/operations/index.ts'],
    {
      input: text,
      encoding: 'utf8',
    },
  );
}

const stale: string[] = [];
function put(path: string, text: string, check: boolean): void {
  const file = join(ROOT, path);
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return;
  stale.push(path);
  if (check) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

const check = process.argv.includes('--check');
// The pages import the index, so it is written first.
put('src/operations/index.ts', formatted(indexText()), check);
for (const [path, text] of await files()) put(path, text, check);
if (check && stale.length > 0) {
  console.error(`stale: ${stale.join(', ')}; run: npm run generate`);
  process.exit(1);
}
