import { callerFit, conditionHolds, type SetQuestion, takeReading } from './evaluate.ts';
import { compileGlob } from './glob.ts';
import {
  MAX_NEAR_MISSES,
  type Mismatch,
  type NearMiss,
  type PolicySet,
  type PolicyType,
  type SetStatement,
} from './types.ts';

function mismatchOf(statement: SetStatement, question: SetQuestion): Mismatch | undefined {
  const { source } = statement;
  const { resources, context } = question.request;
  const fit = callerFit(statement, question);
  const principals = source.principals?.map(({ text }) => text) ?? [];
  if (fit === undefined) return { part: 'principal', wanted: principals };
  const patterns = source.resources?.map(compileGlob);
  if (patterns !== undefined && !patterns.some((fits) => resources.some(fits))) {
    return { part: 'resource', wanted: source.resources! };
  }
  for (const condition of statement.conditions) {
    const { operator, key, values } = condition.source;
    if (conditionHolds(condition, takeReading({ key, read: condition.read }, context))) continue;
    const actual = context.get(key);
    return {
      part: 'condition',
      operator,
      key,
      wanted: values,
      actual: typeof actual === 'string' ? [actual] : actual?.length === 0 ? undefined : actual,
    };
  }
  return fit === 'account' && question.accountDelegates ? { part: 'delegation', wanted: principals } : undefined;
}

/** The Allow statements of a set that are about the action and do not apply, with the first reason of each. */
export function nearMissesOf(set: PolicySet, policyType: PolicyType, question: SetQuestion): readonly NearMiss[] {
  const found: NearMiss[] = [];
  for (const statement of set.statements) {
    if (found.length === MAX_NEAR_MISSES) break;
    if (statement.denies || !set.actionLists[statement.actionList]!(question.action)) continue;
    const mismatch = mismatchOf(statement, question);
    if (mismatch === undefined) continue;
    const { index, sid } = statement.source;
    found.push({ policy: statement.policy, statement: index, sid, policyType, mismatch });
  }
  return found;
}
