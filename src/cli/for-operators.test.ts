import { expect, it } from 'vitest';
import { isForOperators } from '../core/for-operators.ts';
import { RootLocked } from '../seal/root.ts';
import { ConfigInvalid } from '../server/config/load.ts';
import { StartRefused } from '../server/start-refused.ts';
import * as storageErrors from '../storage/errors.ts';
import { UsageError } from './options.ts';

it.each([
  new UsageError('x'),
  new ConfigInvalid('f', []),
  new StartRefused('x'),
  new RootLocked([]),
  new storageErrors.DatabaseLocked('d'),
  new storageErrors.DatabaseNewer('d', 2, 1),
  new storageErrors.DatabaseOlder('d', 1, 2),
  new storageErrors.DatabaseDamaged('d', 'x'),
  new storageErrors.DatabaseUnreachable('d', 'x'),
])('$name ends the program with a sentence', (error) => {
  expect(isForOperators(error)).toBe(true);
});

it.each([new TypeError('x'), 'text', undefined, { forOperators: true, message: 'x' }])('%s is a defect', (error) => {
  expect(isForOperators(error)).toBe(false);
});
