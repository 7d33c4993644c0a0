import { buildAnchorIndex } from './anchor-index.ts';
import { compileGlob } from './glob.ts';
import { OPERATORS } from './operators.ts';
import type {
  ActionBucket,
  CompiledCondition,
  CompiledPolicy,
  CompiledStatement,
  Condition,
  PolicyDocument,
  PolicyMeta,
  PolicySet,
  SetStatement,
  Slot,
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

function isForAnyResource(statement: SetStatement): boolean {
  return statement.source.resources === undefined || statement.source.resources.includes('*');
}

function bucketOf(statements: readonly SetStatement[]): ActionBucket {
  const rows = statements
    .filter((statement) => !isForAnyResource(statement))
    .flatMap((statement) => (statement.source.resources ?? []).map((pattern) => [pattern, statement] as const));
  return { anyResource: statements.filter(isForAnyResource), byResource: buildAnchorIndex(rows) };
}

/** Statements by their action patterns; few distinct lists serve many statements. */
function groupByActions(statements: readonly SetStatement[]): readonly (readonly SetStatement[])[] {
  const groups = new Map<string, SetStatement[]>();
  for (const statement of statements) {
    const name = statement.actionPatterns.join(' ');
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [statement]);
    else group.push(statement);
  }
  return [...groups.values()];
}

function slotAllocator(): { readonly slots: readonly Slot[]; readonly of: (condition: CompiledCondition) => number } {
  const slots: Slot[] = [];
  const known = new Map<string, Map<Slot['read'], number>>();
  return {
    slots,
    of: ({ source, read }) => {
      const ofKey = known.get(source.key) ?? new Map<Slot['read'], number>();
      known.set(source.key, ofKey);
      const slot = ofKey.get(read) ?? slots.push({ key: source.key, read }) - 1;
      ofKey.set(read, slot);
      return slot;
    },
  };
}

/**
 * Merges policies into one set, indexed by action and resource so that a decision looks at the statements that may
 * apply and not at all of them. Memory grows with the documents' size, not with products of their lists.
 */
export function compileSet(policies: readonly CompiledPolicy[]): PolicySet {
  const allocator = slotAllocator();
  const statements = policies.flatMap((policy) =>
    policy.statements.map(
      (statement): SetStatement => ({ ...statement, slots: statement.conditions.map(allocator.of) }),
    ),
  );
  const listed = groupByActions(statements.filter((statement) => !statement.source.exceptActions));
  const excepted = groupByActions(statements.filter((statement) => statement.source.exceptActions));
  return {
    policies,
    statements,
    byAction: buildAnchorIndex(
      listed.flatMap((group) => {
        const bucket = bucketOf(group);
        return group[0]!.actionPatterns.map((pattern) => [pattern, bucket] as const);
      }),
    ),
    byException: excepted.map((group) => ({
      exceptions: group[0]!.actionPatterns.map(compileGlob),
      bucket: bucketOf(group),
    })),
    slots: allocator.slots,
  };
}
