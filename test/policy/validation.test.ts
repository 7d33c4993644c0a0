import { expect, it } from 'vitest';
import { MAX_POLICY_CHARACTERS, MalformedPolicy, parsePolicy, principalsOf } from '../../src/policy/document.ts';
import { VALIDATION, type ValidationRow } from './vectors.ts';

it('holds all 30 cases', () => {
  expect(new Set(VALIDATION.map(({ id }) => id))).toEqual(new Set(Array.from({ length: 30 }, (_, i) => `V${i + 1}`)));
});

const textOf = ({ document, padTo }: ValidationRow): string => document.padEnd(padTo ?? 0);

it.each(VALIDATION.filter(({ accepted }) => accepted))('$id is accepted: $title', (row) => {
  const document = parsePolicy(textOf(row), row.kind);
  expect(document.statements.length).toBeGreaterThan(0);
  if (row.principals !== undefined) expect(principalsOf(document)).toMatchObject(row.principals);
  if (row.withinLimit !== undefined) expect(textOf(row).length <= MAX_POLICY_CHARACTERS).toBe(row.withinLimit);
});

it.each(VALIDATION.filter(({ accepted }) => !accepted))('$id is refused, at the right place: $title', (row) => {
  const attempt = (): unknown => parsePolicy(textOf(row), row.kind);
  expect(attempt).toThrow(MalformedPolicy);
  expect(attempt).toThrow(expect.objectContaining({ path: row.path }));
  expect(attempt).toThrow(/^[A-Z][^\n]*[a-z0-9)*:"`]\.$/);
});
