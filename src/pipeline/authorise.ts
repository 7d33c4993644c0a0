import { PRODUCTS } from '../domain/products.ts';
import { type AccessDeniedDetail, type Fault, fail } from '../errors/fault.ts';
import type { LookupContext } from '../operation/context.ts';
import type { ConditionTable, Operation, Permission, Subject } from '../operation/operation.ts';
import type { AccessControl, Question, Refused } from './ports.ts';

function refusal(operation: Operation, resource: string, detail: AccessDeniedDetail): Fault {
  const explanation = detail.Explanation === undefined ? '' : ` ${detail.Explanation}`;
  return fail(PRODUCTS[operation.product].denied, { resource, detail: explanation }, { detail });
}

const WIDER =
  'The missing statement is shown for every resource of the kind, since this one was not named by its id: narrow it before you attach it.';

/**
 * The explanation with every spelling of the resource replaced. What is shown in its place covers more, and so does a
 * statement about it.
 */
function concealed(detail: AccessDeniedDetail, arns: readonly string[], shown: string): AccessDeniedDetail {
  const replaced = Object.entries(detail).map(([name, text]) => [
    name,
    arns.reduce((done: string, arn) => done.replaceAll(arn, shown), text),
  ]);
  const told = Object.fromEntries(replaced) as AccessDeniedDetail;
  if (told.MissingStatement === undefined) return told;
  return { ...told, Explanation: [told.Explanation, WIDER].filter((text) => text !== undefined).join(' ') };
}

type Conditions = Question['conditions'];

const NONE: ReadonlyMap<string, string> = new Map();

/** The tags that the call puts on a resource, as `acs:RequestTag/<key>`, whatever permission is decided. */
function requestTags({ parameterRoles, input: fields }: Operation, input: unknown): Conditions {
  if (parameterRoles.tags.length === 0) return NONE;
  const sent = input as Readonly<Record<string, unknown>>;
  const tags = parameterRoles.tags.flatMap((name) =>
    sent[name] === undefined ? [] : fields[name]!.tagsOf!(sent[name] as never),
  );
  return new Map(tags.map(({ key, value }) => [`acs:RequestTag/${key}`, value]));
}

function valuesOf(
  table: ConditionTable<unknown, unknown>,
  subject: Subject<unknown, unknown>,
  more: Conditions = NONE,
): Conditions {
  const conditions = new Map<string, string | readonly string[]>(more);
  for (const key in table) {
    const value = table[key]!(subject);
    if (value !== undefined) conditions.set(key, value);
  }
  return conditions;
}

/** Of a refusal that only stored values explain: what was asked and which layer refused, not why. */
function unexplained({ detail, diagnostic }: Refused): Refused {
  const { MissingStatement: _missing, Explanation: _explanation, ...rest } = detail;
  return { allowed: false, detail: rest, diagnostic: { ...diagnostic, matched: [] } };
}

function question(
  permission: Permission<unknown, unknown>,
  subject: Subject<unknown, unknown>,
  sentTags: Conditions,
): Question {
  const arns = permission.arns(subject);
  const declared = permission.conditions ?? {};
  return {
    caller: subject.ctx.caller,
    source: subject.ctx.source,
    now: subject.ctx.now,
    action: permission.action,
    resources: typeof arns === 'string' ? [arns] : arns,
    shown: permission.shown?.(subject),
    owner: permission.owner?.(subject) ?? subject.ctx.account,
    conditions: valuesOf(declared, subject, sentTags),
    stored: undefined,
    conditionKeys: Object.keys(declared),
    resourcePolicy: permission.resourcePolicy?.(subject),
  };
}

/** The question with what the records say among its condition keys. */
function withStored(
  asked: Question,
  permission: Permission<unknown, unknown>,
  subject: Subject<unknown, unknown>,
): Question {
  const tags = permission.tags?.(subject) ?? NONE;
  const { storedConditions } = permission;
  if (storedConditions === undefined && tags.size === 0) return asked;
  const stored = valuesOf(storedConditions ?? {}, subject);
  return { ...asked, stored: new Map([...stored, ...tags]) };
}

async function decide(
  operation: Operation,
  access: AccessControl,
  permission: Permission<unknown, unknown>,
  subject: Subject<unknown, unknown>,
  sentTags: Conditions,
): Promise<void> {
  if (permission.when !== undefined && !permission.when(subject)) return;
  const plain = question(permission, subject, sentTags);
  const asked = withStored(plain, permission, subject);
  const verdict = await access.decide(asked, subject.ctx.read);
  if (verdict.allowed) return;
  const explained = asked === plain ? verdict : await access.decide(plain, subject.ctx.read);
  const told = explained.allowed ? unexplained(verdict) : explained;
  const { shown } = plain;
  const detail = shown === undefined ? told.detail : concealed(told.detail, plain.resources, shown);
  throw refusal(operation, shown ?? plain.resources[0] ?? '*', {
    ...detail,
    EncodedDiagnosticMessage: access.encode(told.diagnostic),
  });
}

/** Asks for every permission the operation declares; throws the product's refusal at the first that is not given. */
export async function authorise(
  operation: Operation,
  access: AccessControl,
  ctx: LookupContext,
  input: unknown,
  resolved: unknown,
): Promise<void> {
  if (operation.permissions === 'none') return;
  const subject = { input, resolved, ctx };
  const sentTags = requestTags(operation, input);
  for (const permission of operation.permissions as readonly Permission<unknown, unknown>[]) {
    for (const one of permission.each?.(subject) ?? [resolved]) {
      await decide(operation, access, permission, { input, resolved: one, ctx }, sentTags);
    }
  }
}
