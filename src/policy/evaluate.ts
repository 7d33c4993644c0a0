import { collect } from './anchor-index.ts';
import { principalFit } from './principals.ts';
import type { CompiledCondition, DecisionRequest, PolicySet, Reading, RequestContext, SetStatement } from './types.ts';

/** What one set says: the statements that apply. Any Deny is an explicit deny, else any Allow allows. */
export interface SetOutcome {
  readonly allows: readonly SetStatement[];
  readonly denies: readonly SetStatement[];
}

/** The question as a set is asked it. */
export interface SetQuestion {
  /** In lower case. */
  readonly action: string;
  readonly request: DecisionRequest;
  /** Allows that name a whole account leave the matter to identity policies: key policies only. */
  readonly accountDelegates: boolean;
}

/** The request's values of a key as an operator reads them; null when it is absent or nothing in it can be read. */
export function takeReading({ key, read }: Reading, context: RequestContext): readonly unknown[] | null {
  const given = context.get(key);
  if (given === undefined) return null;
  if (typeof given === 'string') {
    const value = read(given);
    return value === undefined ? null : [value];
  }
  const values = given.map(read).filter((value) => value !== undefined);
  return values.length === 0 ? null : values;
}

/** Whether a condition holds for what {@link takeReading} gave. */
export function conditionHolds(condition: CompiledCondition, given: readonly unknown[] | null): boolean {
  if (given === null) return condition.whenAbsent;
  const { matches, negated } = condition;
  // With one value the set prefixes make no difference.
  if (given.length === 1) return matches(given[0]) !== negated;
  switch (condition.source.prefix) {
    case undefined:
      return given.some(matches) !== negated;
    case 'ForAllValues':
      return given.every((value) => matches(value) !== negated);
    case 'ForAnyValue':
      return given.some((value) => matches(value) !== negated);
  }
}

/** The conditions of a set during one decision: each read and judged when first asked for, and only once. */
interface Judge {
  readonly set: PolicySet;
  readonly context: RequestContext;
  readonly readings: (readonly unknown[] | null | undefined)[];
  readonly verdicts: (boolean | undefined)[];
}

function judge(judging: Judge, slot: number): boolean {
  const { condition, reading } = judging.set.conditions[slot]!;
  let given = judging.readings[reading];
  if (given === undefined) {
    given = takeReading(judging.set.readings[reading]!, judging.context);
    judging.readings[reading] = given;
  }
  const verdict = conditionHolds(condition, given);
  judging.verdicts[slot] = verdict;
  return verdict;
}

function allHold(judging: Judge, slots: readonly number[]): boolean {
  for (let i = 0; i < slots.length; i += 1) {
    const slot = slots[i]!;
    if (!(judging.verdicts[slot] ?? judge(judging, slot))) return false;
  }
  return true;
}

/** How the statement's principals take the caller in; `named` where the policy has no principals. */
export function callerFit(statement: SetStatement, question: SetQuestion): 'named' | 'account' | undefined {
  const { principals } = statement.source;
  if (principals === undefined) return 'named';
  const { principal, resourceAccount } = question.request;
  let best: 'account' | undefined;
  for (const pattern of principals) {
    const fit = principalFit(pattern, principal, resourceAccount);
    if (fit === 'named') return fit;
    best ??= fit;
  }
  return best;
}

/** Groups of statements whose action and resource fit; a statement may be in several. */
function candidates(set: PolicySet, { action, request }: SetQuestion): readonly (readonly SetStatement[])[] {
  let groups: (readonly SetStatement[])[] = [];
  for (const resource of request.resources) collect(set.byResource, resource, groups);
  if (set.byException.length > 0) groups.push(set.byException);
  if (groups.length > 0) {
    const verdicts: (boolean | undefined)[] = [];
    const isAbout = ({ actionList }: SetStatement): boolean => {
      verdicts[actionList] ??= set.actionLists[actionList]!(action);
      return verdicts[actionList];
    };
    groups = groups.map((group) => (group.length === 1 && isAbout(group[0]!) ? group : group.filter(isAbout)));
  }
  collect(set.byAction, action, groups);
  return groups;
}

/** Collects the statements of a set that apply to the question. */
export function evaluateSet(set: PolicySet, question: SetQuestion): SetOutcome {
  const allows: SetStatement[] = [];
  const denies: SetStatement[] = [];
  const groups = candidates(set, question);
  const judging: Judge = {
    set,
    context: question.request.context,
    readings: [],
    verdicts: new Array(set.conditions.length),
  };
  const spelledTwice = question.request.resources.length > 1;
  let seen: Set<SetStatement> | undefined;
  for (const group of groups) {
    for (const statement of group) {
      if (statement.mayRepeat || spelledTwice) {
        seen ??= new Set();
        if (seen.has(statement)) continue;
        seen.add(statement);
      }
      const fit = callerFit(statement, question);
      if (fit === undefined || (fit === 'account' && question.accountDelegates && !statement.denies)) continue;
      if (allHold(judging, statement.slots)) (statement.denies ? denies : allows).push(statement);
    }
  }
  return { allows, denies };
}
