import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { KEY_STATE_AFTER, KEY_STATE_RULES, type KeyOperationClass, keyStateErrors } from './key-states.ts';

const GROUPS = Object.keys(KEY_STATE_RULES) as KeyOperationClass[];

it('has no state without a way out but destruction, and cancelling leaves a key Enabled', () => {
  expect(KEY_STATE_AFTER['cancel-deletion']).toBe('Enabled');
  expect(KEY_STATE_RULES['cancel-deletion'].PendingDeletion).toBe('ok');
  expect(KEY_STATE_RULES.switch.Disabled).toBe('ok');
});

it.each(GROUPS)('lists the errors of %s', (group) => {
  const codes = Object.values(KEY_STATE_RULES[group]).filter((rule) => rule !== 'ok');
  expect(new Set(keyStateErrors(group))).toEqual(new Set(codes));
});

it('is what the documentation shows', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/inside/key-states.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `([a-z-]+)` \| [^|]+ \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/gm)];
  const shown = rows.map(([, group, Enabled, Disabled, PendingDeletion, PendingImport]) => [
    group,
    { Enabled, Disabled, PendingDeletion, PendingImport },
  ]);
  expect(Object.fromEntries(shown)).toEqual(KEY_STATE_RULES);
});
