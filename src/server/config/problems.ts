import type { BaseIssue } from 'valibot';
import { placeText } from './place-text.ts';

const TYPES: Readonly<Record<string, string>> = {
  number: 'integer',
  integer: 'integer',
  string: 'string',
  boolean: 'boolean',
  array: 'list',
  object: 'object',
  record: 'object',
};

function said({ type, expected, received, requirement }: BaseIssue<unknown>): string {
  switch (type) {
    case 'variant':
      if (expected === 'Object') return 'must be object';
      return `must be one of ${words(expected)}`;
    case 'picklist':
    case 'literal':
      return `must be one of ${words(expected)}`;
    case 'regex':
      return `must match pattern ${(requirement as RegExp).source}`;
    case 'min_value':
      return `must be >= ${requirement}`;
    case 'max_value':
      return `must be <= ${requirement}`;
    case 'min_length':
      return `must have at least ${entries(requirement)}`;
    case 'max_length':
      return `must have at most ${entries(requirement)}`;
    default:
      return received === 'undefined' ? 'is missing' : `must be ${TYPES[type] ?? type}`;
  }
}

const entries = (count: unknown): string => (count === 1 ? '1 entry' : `${count} entries`);

/** The values in what the validator expected: `("a" | "b")`. */
function words(expected: string | null): string {
  return (expected ?? '').replaceAll(/[()"]/g, '').replaceAll(' | ', ', ');
}

/** What is wrong at one place of the file. The value is not repeated: it may be a secret. */
export function problemOf(issue: BaseIssue<unknown>): string {
  const path = (issue.path ?? []).map(({ key }) => key as string | number);
  return `${placeText(path)}: ${said(issue)}`;
}
