import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { PRODUCTS } from '../../src/domain/products.ts';
import { OPERATIONS } from '../../src/operations/index.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const run = (...args: string[]) => promisify(execFile)(process.execPath, args, { cwd: ROOT });

it('is what the declarations say: the list of operations and docs/reference', async () => {
  await expect(run('tools/generate.ts', '--check')).resolves.toMatchObject({ stderr: '' });
});

interface Parameter {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly members?: readonly Parameter[];
}

interface Line {
  readonly product: string;
  readonly version: string;
  readonly name: string;
  readonly origin: string;
  readonly parameters: readonly Parameter[];
  readonly errors: readonly string[];
  readonly actions: readonly string[];
}

function isParameter({ name, type, required, members }: Parameter): boolean {
  return (
    /^[A-Za-z]\w*$/.test(name) &&
    ['String', 'Integer', 'Long', 'Boolean', 'Array', 'Json', 'Struct'].includes(type) &&
    typeof required === 'boolean' &&
    (members === undefined || members.every(isParameter))
  );
}

it('prints one JSON object a line for every operation', async () => {
  const { stdout, stderr } = await run('tools/operations.ts');
  expect(stderr).toBe('');
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  const nameOf = ({ version, name }: Pick<Line, 'version' | 'name'>) => `${version} ${name}`;
  expect(lines.map(nameOf)).toEqual(
    OPERATIONS.map(({ product, name }) => nameOf({ version: PRODUCTS[product].version, name })),
  );
  expect(new Set(lines.map(nameOf)).size).toBe(lines.length);
  for (const line of lines) {
    const { parameters, errors, actions, ...rest } = line;
    expect(Object.keys(rest).sort(), line.name).toEqual(['name', 'origin', 'product', 'version']);
    expect(['vendor', 'extension'], line.name).toContain(line.origin);
    expect(parameters.every(isParameter), line.name).toBe(true);
    expect(
      errors.every((code) => /^[A-Z][\w.]*$/.test(code)),
      line.name,
    ).toBe(true);
    expect(
      actions.every((action) => /^[a-z-]+:\w+$/.test(action)),
      line.name,
    ).toBe(true);
  }
  expect(lines.find(({ name }) => name === 'Encrypt')).toMatchObject({
    product: 'Kms',
    version: '2016-01-20',
    origin: 'vendor',
    parameters: expect.arrayContaining([{ name: 'KeyId', type: 'String', required: true }]),
    errors: expect.arrayContaining(['Rejected.Disabled']),
    actions: ['kms:Encrypt'],
  });
});
