import { describe, expect, it } from 'vitest';
import { decide } from '../../src/policy/decide.ts';
import type { Decision } from '../../src/policy/types.ts';
import { referenceVerdict } from './reference-evaluator.ts';
import { toRequest } from './scenario.ts';
import { DECISIONS, scenarioOf } from './vectors.ts';

function verdict({ allowed, noPermissionType, policyType, rootAssume }: Decision): object {
  return JSON.parse(JSON.stringify({ allowed, noPermissionType, policyType, rootAssume }));
}

it('holds all 130 examples, numbered without gaps', () => {
  expect(DECISIONS.cases.map(({ id }) => id)).toEqual(Array.from({ length: 130 }, (_, i) => i + 1));
});

describe.each(DECISIONS.cases)('example $id: $title', ({ allowed, calls }) => {
  it(`is ${allowed ? 'allowed' : 'refused'}`, () => {
    const decisions = calls.map((call) => decide(toRequest(scenarioOf(call))));
    expect(decisions.map(verdict)).toEqual(calls.map((call) => call.expect));
    expect(decisions.every((decision) => decision.allowed)).toBe(allowed);
  });
});

it.each(DECISIONS.cases.filter(({ calls }) => calls.length > 0))(
  'the reference evaluator agrees on example $id',
  ({ calls }) => {
    expect(calls.map((call) => referenceVerdict(scenarioOf(call)))).toEqual(calls.map((call) => call.expect));
  },
);
