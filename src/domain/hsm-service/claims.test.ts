import { expect, it } from 'vitest';
import { InstanceClaims } from './claims.ts';

it('gives an HSM to one at a time, and several only together', () => {
  const claims = new InstanceClaims();
  const free = claims.take(['a', 'b'])!;
  expect(claims.take(['b', 'c'])).toBeUndefined();
  expect(claims.take(['c']), 'a refusal claims nothing').toBeTypeOf('function');
  free();
  expect(claims.take(['a', 'b'])).toBeTypeOf('function');
  expect(claims.take(['a'])).toBeUndefined();
});
