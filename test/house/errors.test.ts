import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PRODUCTS } from '../../src/domain/products.ts';
import { GATEWAY_ERRORS } from '../../src/errors/codes/gateway.ts';
import { HSM_ERRORS } from '../../src/errors/codes/hsm.ts';
import { KMS_ERRORS } from '../../src/errors/codes/kms.ts';
import { NETWORK_ERRORS } from '../../src/errors/codes/network.ts';
import { RAM_ERRORS } from '../../src/errors/codes/ram.ts';
import { TRAIL_ERRORS } from '../../src/errors/codes/trail.ts';
import { type FaultParams, fail, missingInCode } from '../../src/errors/fault.ts';
import type { ErrorRow } from '../../src/errors/row.ts';
import { ERRORS, type ErrorCode, errorRow } from '../../src/errors/table.ts';
import { OPERATIONS } from '../../src/operations/index.ts';

const TABLES = [GATEWAY_ERRORS, KMS_ERRORS, RAM_ERRORS, NETWORK_ERRORS, HSM_ERRORS, TRAIL_ERRORS];
const ROWS = Object.entries(ERRORS) as [ErrorCode, ErrorRow][];
const CODES = ROWS.map(([code]) => code);

/** What stands behind a code that other codes begin with; all of them the vendor's, and none told apart by prefix. */
const PREFIXES_OF_THE_VENDOR = new Set<string>([
  'ServiceUnavailable',
  'MissingParameter',
  'InvalidParameter',
  'InvalidParameter.DeletionTaskId',
  'DeleteConflict.Policy.Version',
  'EntityNotExist.Service',
  'EntityNotExist.ServiceLinkedRole',
  'EntityNotExist.Policy',
  'LimitExceeded.Policy',
  ...['EntityNotExist', 'EntityAlreadyExists', 'LimitExceeded'].flatMap((family) =>
    ['User', 'Group', 'Role'].map((kind) => `${family}.${kind}`),
  ),
]);

const SRC = join(import.meta.dirname, '..', '..', 'src');
const SOURCES = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.startsWith('errors/'))
  .map((file) => readFileSync(join(SRC, file), 'utf8'));

/** What follows each mention of a code in the sources. */
function mentions(code: string): string[] {
  return SOURCES.flatMap((text) => text.split(`'${code}'`).slice(1)).map((after) => after.slice(0, 300));
}

describe('the table of errors', () => {
  it('has each code once', () => {
    expect(CODES.length).toBe(TABLES.reduce((sum, rows) => sum + Object.keys(rows).length, 0));
  });

  it('has no code that begins with another, but for pairs of the vendor', () => {
    const pairs = CODES.flatMap((short) =>
      CODES.filter((long) => long !== short && long.startsWith(short)).map((long) => [short, long] as const),
    );
    const ours = pairs.filter(
      ([short, long]) =>
        !PREFIXES_OF_THE_VENDOR.has(short) || ERRORS[short].origin !== 'vendor' || ERRORS[long].origin !== 'vendor',
    );
    expect(ours).toEqual([]);
    expect([...PREFIXES_OF_THE_VENDOR].filter((short) => !pairs.some(([found]) => found === short))).toEqual([]);
  });

  it.each(ROWS)('%s names no other error in its text', (code, row) => {
    expect(row.message).not.toMatch(/NotFound|Throttling/);
    // The vendor's text of this one is its code.
    const others = CODES.filter((other) => row.message.includes(other) && code !== 'UnsupportedOperation');
    expect(others).toEqual([]);
  });

  it('has statuses that fit the names', () => {
    const wrong = ROWS.filter(([code, { status }]) => {
      if (status < 400 || status > 599) return true;
      if (/Throttling/.test(code)) return status !== 429;
      if (/^(EntityNotExist|Invalid\w+\.NotFound|Forbidden\.\w+NotFound)/.test(code))
        return status !== 404 && code !== 'Forbidden.RamRoleNotFound';
      return /^(Internal|ServiceUnavailable)/.test(code) ? status < 500 : false;
    });
    expect(wrong.map(([code]) => code)).toEqual([]);
  });

  it('says of every error of ours what to do next', () => {
    const silent = ROWS.filter(([, row]) => row.origin === 'coffer' && row.advice.trim() === '');
    expect(silent.map(([code]) => code)).toEqual([]);
  });

  it('fills every place in a text from somewhere', () => {
    const empty = ROWS.flatMap(([code, row]) =>
      [...row.message.matchAll(/\{(\w+)\}/g)]
        .map((match) => match[1]!)
        .filter((name) => !mentions(code).some((after) => new RegExp(`\\b${name}\\b`).test(after)))
        // Refusals by policy are made for all products in one place.
        .filter((name) => !(['resource', 'detail'].includes(name) && DENIED.has(code)))
        .map((name) => `${code}: ${name}`),
    );
    expect(empty).toEqual([]);
  });
});

const DENIED = new Set<string>(Object.values(PRODUCTS).map((product) => product.denied));
const DECLARED = new Set<string>(OPERATIONS.flatMap((operation) => operation.errors));

/** Rows of parameter errors, found by the parameter's name when it is refused. */
function isOfParameter(code: string): boolean {
  const [family, parameter] = code.split('.');
  return (
    family === 'InvalidParameter' &&
    OPERATIONS.some(
      ({ product, input }) =>
        PRODUCTS[product].parameterErrors === 'in-code' && Object.hasOwn(input, parameter as string),
    )
  );
}

it.each(CODES)('%s is declared by an operation, or raised before or for all of them', (code) => {
  const raised = DECLARED.has(code) || DENIED.has(code) || isOfParameter(code) || mentions(code).length > 0;
  expect(raised).toBe(true);
});

it('is where all codes come from that operations declare', () => {
  expect([...DECLARED].filter((code) => errorRow(code) === undefined)).toEqual([]);
  expect(errorRow('constructor')).toBeUndefined();
  expect(errorRow('__proto__')).toBeUndefined();
});

describe('a fault', () => {
  it('has the text with its values, each once, whatever they hold', () => {
    const params: FaultParams = { name: '{name} $& $1' };
    expect(fail('MissingParameter', params)).toMatchObject({
      code: 'MissingParameter',
      status: 400,
      message: 'The parameter "{name} $& $1" is needed but not provided.',
    });
    expect(fail('NoPermission').message).toBe('You are not authorized to do this action.');
    expect(fail('InternalError', {}, { cause: 'why' })).toMatchObject({ status: 500, cause: 'why' });
  });

  it('of a parameter left out carries its name in the code', () => {
    expect(missingInCode('Tag.2.Key')).toMatchObject({
      code: 'MissingTag2Key',
      status: 400,
      message: 'Tag.2.Key is mandatory for this action.',
    });
  });
});
