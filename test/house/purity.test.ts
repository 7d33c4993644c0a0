import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

/** Folders that take clocks, randomness and settings as values. */
const PURE = [
  'core',
  'errors',
  'schema',
  'wire',
  'policy',
  'crypto',
  'domain',
  'operation',
  'operations',
  'pipeline',
  'slr',
];

const BANNED: readonly (readonly [RegExp, string])[] = [
  [/\bDate\.now\(/, 'the clock'],
  [/new Date\(\)/, 'the clock'],
  [/\bMath\.random\(/, 'randomness'],
  [/\brandom(Bytes|UUID|Int)\(/, 'randomness'],
  [/\bprocess\.(env|cwd|argv|pid)\b/, 'the process'],
  [/from 'node:(fs|net|http|https|child_process|worker_threads|os|dns|tls)/, 'input and output'],
  [/\bset(Timeout|Interval|Immediate)\(/, 'timers'],
  [/\bconsole\./, 'the console'],
];

const SRC = join(import.meta.dirname, '..', '..', 'src');

function sources(folder: string): string[] {
  return readdirSync(join(SRC, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => join(folder, file));
}

it.each(PURE)('%s asks neither clock, chance nor machine', (folder) => {
  const faults = sources(folder).flatMap((file) => {
    const text = readFileSync(join(SRC, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
    return BANNED.filter(([pattern]) => pattern.test(text)).map(([, what]) => `${file}: ${what}`);
  });
  expect(faults).toEqual([]);
});

it('keeps source files short', () => {
  const long = sources('.')
    .map((file) => ({ file, text: readFileSync(join(SRC, file), 'utf8') }))
    .filter(({ text }) => text.split('\n').length > 400 && !/^\/\*\*[\s\S]{0,600}(long|length|one table)/.test(text));
  expect(long.map(({ file }) => file)).toEqual([]);
});
