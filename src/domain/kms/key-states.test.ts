import { expect, it } from 'vitest';
import { KEY_STATE_AFTER, KEY_STATE_RULES, type KeyOperationClass, keyStateErrors } from './key-states.ts';

it('has no state without a way out but destruction, and cancelling leaves a key Enabled', () => {
  expect(KEY_STATE_AFTER['cancel-deletion']).toBe('Enabled');
  expect(KEY_STATE_RULES['cancel-deletion'].PendingDeletion).toBe('ok');
  expect(KEY_STATE_RULES.switch.Disabled).toBe('ok');
});

it.each(Object.keys(KEY_STATE_RULES) as KeyOperationClass[])('lists the errors of %s', (group) => {
  const codes = Object.values(KEY_STATE_RULES[group]).filter((rule) => rule !== 'ok');
  expect(new Set(keyStateErrors(group))).toEqual(new Set(codes));
});
