import { buildAnchorIndex } from './anchor-index.ts';
import { compileGlob, hasWildcard } from './glob.ts';
import { OPERATORS } from './operators.ts';
import type {
  ActionList,
  CompiledCondition,
  CompiledPolicy,
  CompiledStatement,
  Condition,
  PolicyDocument,
  PolicyMeta,
  PolicySet,
  Reading,
  SetCondition,
  SetStatement,
  Statement,
} from './types.ts';

function compileCondition(source: Condition): CompiledCondition {
  const { negated, read, compile } = OPERATORS[source.name];
  const whenAbsent = source.prefix === undefined ? negated : source.prefix === 'ForAllValues';
  return { source, read, negated, whenAbsent, matches: compile(source.values) };
}

/**
 * The vendor's samples write sts:AssumeRole where a provider's tokens are meant; the anonymous forms are then covered
 * too.
 */
function actionsOf(statement: Statement): readonly string[] {
  const actions = statement.actions.map((action) => action.toLowerCase());
  const federated = statement.principals?.some((principal) => principal.entity === 'Federated') ?? false;
  if (federated && actions.includes('sts:assumerole')) {
    actions.push('sts:assumerolewithsaml', 'sts:assumerolewithoidc');
  }
  return [...new Set(actions)].sort();
}

/** Prepares a document for evaluation. Patterns and condition values are compiled once; keep the result. */
export function compilePolicy(document: PolicyDocument, meta: PolicyMeta): CompiledPolicy {
  const statements = document.statements.map(
    (source): CompiledStatement => ({
      policy: meta,
      source,
      actionPatterns: actionsOf(source),
      conditions: source.conditions.map(compileCondition),
    }),
  );
  return { kind: document.kind, meta, statements };
}

/** Numbers things from 0 in order of appearance; things of one kind and name are the same thing. */
function numberer<T>(): {
  readonly items: readonly T[];
  readonly of: (kind: unknown, name: string, item: T) => number;
} {
  const items: T[] = [];
  const known = new Map<unknown, Map<string, number>>();
  return {
    items,
    of: (kind, name, item) => {
      const names = known.get(kind) ?? new Map<string, number>();
      known.set(kind, names);
      const number = names.get(name) ?? items.push(item) - 1;
      names.set(name, number);
      return number;
    },
  };
}

function compileActionList(patterns: readonly string[], except: boolean): ActionList {
  const names = new Set(patterns.filter((pattern) => !hasWildcard(pattern)));
  const globs = patterns.filter(hasWildcard).map(compileGlob);
  return (action) => (names.has(action) || globs.some((fits) => fits(action))) !== except;
}

function isForAnyResource({ source }: CompiledStatement): boolean {
  return source.resources === undefined || source.resources.includes('*');
}

/**
 * Merges policies into one set, indexed so that a decision looks at the statements that may apply and not at all of
 * them. Memory grows with the documents' size, not with products of their lists.
 */
export function compileSet(policies: readonly CompiledPolicy[]): PolicySet {
  const readings = numberer<Reading>();
  const conditions = numberer<SetCondition>();
  const actionLists = numberer<ActionList>();
  const slotOf = (condition: CompiledCondition): number => {
    const { operator, key, values } = condition.source;
    const reading = readings.of(condition.read, key, { key, read: condition.read });
    return conditions.of(operator, JSON.stringify([key, values]), { condition, reading });
  };
  const inSet = (statement: CompiledStatement): SetStatement => {
    const { exceptActions, effect, resources } = statement.source;
    const list = compileActionList(statement.actionPatterns, exceptActions);
    const patterns = isForAnyResource(statement) ? statement.actionPatterns : resources!;
    return {
      ...statement,
      mayRepeat: patterns.length > 1,
      denies: effect === 'Deny',
      actionList: actionLists.of(exceptActions, statement.actionPatterns.join(' '), list),
      slots: statement.conditions.map(slotOf),
    };
  };
  const statements = policies.flatMap((policy) => policy.statements.map(inSet));
  const anywhere = statements.filter(isForAnyResource);
  const somewhere = statements.filter((statement) => !isForAnyResource(statement));
  return {
    policies,
    statements,
    byResource: buildAnchorIndex(rowsOf(somewhere, ({ source }) => source.resources!)),
    byAction: buildAnchorIndex(
      rowsOf(
        anywhere.filter(({ source }) => !source.exceptActions),
        ({ actionPatterns }) => actionPatterns,
      ),
    ),
    byException: anywhere.filter(({ source }) => source.exceptActions),
    actionLists: actionLists.items,
    conditions: conditions.items,
    readings: readings.items,
  };
}

function rowsOf(
  statements: readonly SetStatement[],
  patterns: (statement: SetStatement) => readonly string[],
): readonly (readonly [string, SetStatement])[] {
  return statements.flatMap((statement) => patterns(statement).map((pattern) => [pattern, statement] as const));
}
