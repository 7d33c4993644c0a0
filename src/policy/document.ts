import type { Json, JsonObject } from '../core/json.ts';
import { quoted } from '../core/quoted.ts';
import { MalformedPolicy } from './malformed-policy.ts';
import { OPERATORS, type Operator, parseOperator } from './operators.ts';
import { parsePrincipal } from './principals.ts';
import { TRUST_POLICY_ACTIONS } from './resource-policy-actions.ts';
import { readStrictJson } from './strict-json.ts';
import type { Condition, Effect, PolicyDocument, PolicyKind, PrincipalPattern, Statement } from './types.ts';

export { MalformedPolicy } from './malformed-policy.ts';
export { principalsOf, type RamPrincipal } from './principals.ts';

/** Longest custom policy document, in characters of the text as sent. */
export const MAX_POLICY_CHARACTERS = 6144;
/** Longest trust policy document, in characters; the vendor publishes no figure. */
export const MAX_TRUST_POLICY_CHARACTERS = 6144;
/** Longest session policy, in characters. */
export const MAX_SESSION_POLICY_CHARACTERS = 2048;
/** Longest statement id. */
export const MAX_SID_CHARACTERS = 64;

export interface ParseOptions {
  /** Account the document belongs to. With it, a key policy that names anybody but users of other accounts is refused. */
  readonly account?: string;
}

const ACTION = /^[A-Za-z0-9*?_.-]+:[^\s:]\S*$/;
const MEMBERS = ['Sid', 'Effect', 'Action', 'Resource', 'Condition'];

function isResourceBased(kind: PolicyKind): boolean {
  return kind === 'trust' || kind === 'key';
}

function object(value: Json, path: string): JsonObject {
  if (value instanceof Map) return value;
  throw new MalformedPolicy(path, 'an object is expected here');
}

/** One text or a list of texts; at least one, none empty. */
function texts(value: Json, path: string): readonly string[] {
  const items = Array.isArray(value) ? (value as readonly Json[]) : [value as Json];
  if (items.length === 0) throw new MalformedPolicy(path, 'the list must not be empty');
  return items.map((item, i) => {
    const place = Array.isArray(value) ? `${path}[${i}]` : path;
    if (typeof item !== 'string') throw new MalformedPolicy(place, 'text is expected here');
    if (item === '') throw new MalformedPolicy(place, 'the text must not be empty');
    return item;
  });
}

function refuseUnknown(members: JsonObject, known: readonly string[], path: string): void {
  for (const name of members.keys()) {
    if (known.includes(name)) continue;
    const place = path === '' ? name : `${path}.${name}`;
    throw new MalformedPolicy(place, `no such member; allowed are ${known.join(', ')}`);
  }
}

function readEffect(members: JsonObject, path: string): Effect {
  const effect = members.get('Effect');
  if (effect === 'Allow' || effect === 'Deny') return effect;
  throw new MalformedPolicy(`${path}.Effect`, 'write exactly Allow or Deny');
}

function readActions(members: JsonObject, kind: PolicyKind, path: string): readonly string[] {
  const name = members.has('NotAction') ? 'NotAction' : 'Action';
  if (members.has('Action') === members.has('NotAction')) {
    throw new MalformedPolicy(path, `exactly one of Action and NotAction is required`);
  }
  const value = members.get(name)!;
  const actions = texts(value, `${path}.${name}`);
  actions.forEach((action, i) => {
    const place = Array.isArray(value) ? `${path}.${name}[${i}]` : `${path}.${name}`;
    if (kind === 'trust' && !TRUST_POLICY_ACTIONS.includes(action.toLowerCase())) {
      throw new MalformedPolicy(
        place,
        'a trust policy allows sts:AssumeRole (or its WithSAML and WithOIDC forms) only',
      );
    }
    if (action !== '*' && !ACTION.test(action)) {
      throw new MalformedPolicy(place, `${quoted(action)} is not an action such as kms:Decrypt or kms:*`);
    }
  });
  return actions;
}

function readResources(members: JsonObject, kind: PolicyKind, path: string): readonly string[] | undefined {
  const value = members.get('Resource');
  if (value === undefined) {
    if (isResourceBased(kind)) return undefined;
    throw new MalformedPolicy(path, 'Resource is required; write * for every resource');
  }
  const resources = texts(value, `${path}.Resource`);
  resources.forEach((resource, i) => {
    if (resource === '*' || /^acs:\S+$/.test(resource)) return;
    const place = Array.isArray(value) ? `${path}.Resource[${i}]` : `${path}.Resource`;
    throw new MalformedPolicy(place, `${quoted(resource)} is neither * nor an ARN beginning with acs:`);
  });
  return resources;
}

function readPrincipals(
  members: JsonObject,
  kind: PolicyKind,
  options: ParseOptions,
  path: string,
): readonly PrincipalPattern[] | undefined {
  const value = members.get('Principal');
  if (!isResourceBased(kind)) {
    if (value === undefined) return undefined;
    throw new MalformedPolicy(`${path}.Principal`, `this kind of policy (${kind}) has no Principal`);
  }
  if (value === undefined) throw new MalformedPolicy(path, 'Principal is required');
  const entities = object(value, `${path}.Principal`);
  if (entities.size === 0) throw new MalformedPolicy(`${path}.Principal`, 'at least one principal is required');
  return [...entities].flatMap(([entity, named]) => {
    const place = `${path}.Principal.${entity}`;
    return texts(named, place).map((text) => {
      const principal = parsePrincipal(entity, text, kind, place);
      const foreign =
        principal.entity === 'RAM' && kind === 'key' && principal.account !== (options.account ?? principal.account);
      if (foreign && principal.type !== 'user') {
        throw new MalformedPolicy(place, `of another account only users may be named, not ${quoted(text)}`);
      }
      return principal;
    });
  });
}

function scalar(value: Json, path: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (value !== null && !Array.isArray(value) && 'number' in value) return value.number;
  throw new MalformedPolicy(path, 'a text, number or boolean is expected here');
}

function readOperator(operator: string, path: string): Pick<Condition, 'operator' | 'prefix' | 'name'> {
  const parsed = parseOperator(operator);
  if (parsed !== undefined) return { operator, ...parsed };
  const meant = Object.keys(OPERATORS).find((name) => name.toLowerCase() === operator.toLowerCase());
  throw new MalformedPolicy(path, `no such operator${meant === undefined ? '' : `; did you mean ${meant}`}`);
}

function readValues(value: Json, accepted: Operator, path: string): readonly string[] {
  const items = Array.isArray(value) ? (value as readonly Json[]) : [value];
  if (items.length === 0) throw new MalformedPolicy(path, 'the list must not be empty');
  return items.map((item) => {
    const text = scalar(item, path);
    if (accepted.accepts(text)) return text;
    throw new MalformedPolicy(path, `${quoted(text)} is not ${accepted.expects}`);
  });
}

/** An empty block is no condition, as in the vendor's own samples; an empty operator is a fault. */
function readConditions(members: JsonObject, path: string): readonly Condition[] {
  const value = members.get('Condition');
  if (value === undefined) return [];
  return [...object(value, path)].flatMap(([written, keys]) => {
    const place = `${path}.${written}`;
    const operator = readOperator(written, place);
    const pairs = object(keys, place);
    if (pairs.size === 0) throw new MalformedPolicy(place, 'at least one condition key is required');
    return [...pairs].map(([key, wanted]) => {
      if (key === '') throw new MalformedPolicy(place, 'a condition key must not be empty');
      return { ...operator, key, values: readValues(wanted, OPERATORS[operator.name], `${place}.${key}`) };
    });
  });
}

function readSid(members: JsonObject, path: string): string | undefined {
  const sid = members.get('Sid');
  if (sid === undefined) return undefined;
  if (typeof sid === 'string' && sid.length <= MAX_SID_CHARACTERS) return sid;
  throw new MalformedPolicy(`${path}.Sid`, `a text of at most ${MAX_SID_CHARACTERS} characters is expected here`);
}

function readStatement(value: Json, index: number, kind: PolicyKind, options: ParseOptions): Statement {
  const path = `Statement[${index}]`;
  const members = object(value, path);
  if (members.has('NotResource')) throw new MalformedPolicy(`${path}.NotResource`, 'RAM policies have no NotResource');
  const principals = readPrincipals(members, kind, options, path);
  refuseUnknown(members, [...MEMBERS, isResourceBased(kind) ? 'Principal' : 'NotAction'], path);
  return {
    index,
    sid: readSid(members, path),
    effect: readEffect(members, path),
    exceptActions: members.has('NotAction'),
    actions: readActions(members, kind, path),
    resources: readResources(members, kind, path),
    principals,
    conditions: readConditions(members, `${path}.Condition`),
  };
}

/**
 * Reads and validates a policy document. Throws {@link MalformedPolicy} at the first fault. Lengths are the caller's to
 * check (the limits above), and so is whether named users exist ({@link principalsOf}).
 */
export function parsePolicy(text: string, kind: PolicyKind, options: ParseOptions = {}): PolicyDocument {
  const members = object(readStrictJson(text), '');
  refuseUnknown(members, ['Version', 'Statement'], '');
  if (members.get('Version') !== '1') throw new MalformedPolicy('Version', 'the text "1" is required');
  const statements = members.get('Statement');
  if (!Array.isArray(statements)) throw new MalformedPolicy('Statement', 'a list of statements is required');
  if (statements.length === 0) throw new MalformedPolicy('Statement', 'the list must not be empty');
  return {
    kind,
    statements: (statements as readonly Json[]).map((statement, i) => readStatement(statement, i, kind, options)),
  };
}
