import { collect } from './anchor-index.ts';
import { principalFit } from './principals.ts';
import type {
  ActionBucket,
  CompiledCondition,
  DecisionRequest,
  PolicySet,
  RequestContext,
  SetStatement,
  Slot,
} from './types.ts';

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

/** The values a slot reads; null when the key is absent or nothing in it can be read. */
export function readSlot(slot: Slot, context: RequestContext): readonly unknown[] | null {
  const given = context.get(slot.key);
  if (given === undefined) return null;
  if (typeof given === 'string') {
    const value = slot.read(given);
    return value === undefined ? null : [value];
  }
  const values = given.map(slot.read).filter((value) => value !== undefined);
  return values.length === 0 ? null : values;
}

/** Whether a condition holds for what {@link readSlot} gave. */
export function conditionHolds(condition: CompiledCondition, given: readonly unknown[] | null): boolean {
  if (given === null) return condition.whenAbsent;
  const { matches, negated } = condition;
  switch (condition.source.prefix) {
    case undefined:
      return given.some(matches) !== negated;
    case 'ForAllValues':
      return given.every((value) => matches(value) !== negated);
    case 'ForAnyValue':
      return given.some((value) => matches(value) !== negated);
  }
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

function bucketsFor(set: PolicySet, action: string): readonly ActionBucket[] {
  const found: ActionBucket[] = [];
  collect(set.byAction, action, found);
  for (const { exceptions, bucket } of set.byException) {
    if (!exceptions.some((excepted) => excepted(action))) found.push(bucket);
  }
  return found.length > 1 ? [...new Set(found)] : found;
}

/** Statements whose action and resource fit, each once. */
function candidates(set: PolicySet, question: SetQuestion): Iterable<SetStatement> {
  const buckets = bucketsFor(set, question.action);
  const [only] = buckets;
  if (buckets.length === 0) return [];
  const found: SetStatement[] = [];
  for (const bucket of buckets) {
    for (const resource of question.request.resources) collect(bucket.byResource, resource, found);
  }
  const distinct = found.length > 1 ? [...new Set(found)] : found;
  if (buckets.length === 1 && distinct.length === 0) return only!.anyResource;
  for (const bucket of buckets) for (const statement of bucket.anyResource) distinct.push(statement);
  return distinct;
}

/** Collects the statements of a set that apply to the question. */
export function evaluateSet(set: PolicySet, question: SetQuestion): SetOutcome {
  const allows: SetStatement[] = [];
  const denies: SetStatement[] = [];
  // One reading per key and type in a decision, however many statements ask for it.
  const readings: (readonly unknown[] | null | undefined)[] = [];
  const holds = (statement: SetStatement): boolean => {
    for (let i = 0; i < statement.conditions.length; i += 1) {
      const slot = statement.slots[i]!;
      let given = readings[slot];
      if (given === undefined) {
        given = readSlot(set.slots[slot]!, question.request.context);
        readings[slot] = given;
      }
      if (!conditionHolds(statement.conditions[i]!, given)) return false;
    }
    return true;
  };
  for (const statement of candidates(set, question)) {
    const denying = statement.source.effect === 'Deny';
    const fit = callerFit(statement, question);
    if (fit === undefined || (fit === 'account' && question.accountDelegates && !denying)) continue;
    if (holds(statement)) (denying ? denies : allows).push(statement);
  }
  return { allows, denies };
}
