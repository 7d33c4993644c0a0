/**
 * The evaluation rules written down once more, slowly and plainly, for comparison with the engine. Shares nothing with
 * it but the parsed document: own wildcard matcher, own readers of numbers, dates and addresses, own order of layers.
 */
import type {
  Condition,
  PolicyDocument,
  PolicyMeta,
  PolicyType,
  Principal,
  PrincipalPattern,
  Statement,
} from '../../src/policy/types.ts';
import type { Scenario, ScenarioPolicy } from './scenario.ts';

export interface ReferenceVerdict {
  readonly allowed: boolean;
  readonly noPermissionType?: 'ImplicitDeny' | 'ExplicitDeny';
  readonly policyType?: PolicyType;
  readonly rootAssume?: true;
}

/** Plain recursion over the characters; exponential, for short texts only. */
export function naiveGlob(pattern: readonly string[], text: readonly string[]): boolean {
  const [wanted, ...rest] = pattern;
  if (wanted === undefined) return text.length === 0;
  if (wanted === '*') return naiveGlob(rest, text) || (text.length > 0 && naiveGlob(pattern, text.slice(1)));
  if (text.length === 0) return false;
  return (wanted === '?' || wanted === text[0]) && naiveGlob(rest, text.slice(1));
}

function globFits(pattern: string, text: string): boolean {
  return naiveGlob([...pattern], [...text]);
}

/** The number times ten to the thirtieth. */
export function scaled(text: string): bigint | undefined {
  if (!/^[+-]?\d+(\.\d+)?$/.test(text)) return undefined;
  const [whole = '', fraction = ''] = text.replace(/^[+-]/, '').split('.');
  const size = BigInt(whole + fraction.padEnd(30, '0').slice(0, 30));
  return text.startsWith('-') ? -size : size;
}

function instant(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}

interface Bits {
  readonly family: 4 | 6;
  readonly bits: string;
}

function binary(value: number, width: number): string {
  return value.toString(2).padStart(width, '0');
}

function addressBits(text: string): Bits | undefined {
  if (/^\d+(\.\d+){3}$/.test(text)) {
    const parts = text.split('.').map(Number);
    return parts.every((part) => part < 256)
      ? { family: 4, bits: parts.map((part) => binary(part, 8)).join('') }
      : undefined;
  }
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (dotted !== null) {
    const tail = addressBits(dotted[2]!);
    if (tail === undefined) return undefined;
    const high = Number.parseInt(tail.bits.slice(0, 16), 2).toString(16);
    return addressBits(`${dotted[1]}${high}:${Number.parseInt(tail.bits.slice(16), 2).toString(16)}`);
  }
  if (!/^[0-9a-fA-F:]+$/.test(text) || text.split('::').length > 2) return undefined;
  const [left = '', right] = text.split('::').map((side) => (side === '' ? [] : side.split(':'))) as [
    string[],
    string[]?,
  ];
  const zeros = right === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  const groups = [...left, ...zeros, ...(right ?? [])];
  if (groups.length !== 8 || groups.some((group) => !/^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return { family: 6, bits: groups.map((group) => binary(Number.parseInt(group, 16), 16)).join('') };
}

const MAPPED = '0'.repeat(80) + '1'.repeat(16);

function unmapped({ family, bits }: Bits): Bits {
  return family === 6 && bits.length >= 96 && bits.startsWith(MAPPED)
    ? { family: 4, bits: bits.slice(96) }
    : { family, bits };
}

function isAddressIn(given: string, range: string): boolean | undefined {
  const [base = '', prefix] = range.split('/');
  const address = addressBits(given);
  if (address === undefined) return undefined;
  const wanted = addressBits(base)!;
  const network = unmapped({ ...wanted, bits: wanted.bits.slice(0, Number(prefix ?? wanted.bits.length)) });
  const plain = unmapped(address);
  return plain.family === network.family && plain.bits.startsWith(network.bits);
}

function ordered<T extends number | bigint>(given: T | undefined, wanted: T, relation: string): boolean | undefined {
  if (given === undefined) return undefined;
  if (relation === 'Equals' || relation === 'NotEquals') return given === wanted;
  if (relation.startsWith('LessThan')) return given < wanted || (relation.endsWith('Equals') && given === wanted);
  return given > wanted || (relation.endsWith('Equals') && given === wanted);
}

/** Whether one value fits another, negation left aside; undefined when the request's value is not of the type. */
function fits(name: string, given: string, wanted: string): boolean | undefined {
  if (name.startsWith('Numeric')) return ordered(scaled(given), scaled(wanted)!, name.slice('Numeric'.length));
  if (name.startsWith('Date')) return ordered(instant(given), instant(wanted)!, name.slice('Date'.length));
  if (name === 'Bool') return given === 'true' || given === 'false' ? given === wanted : undefined;
  if (name.endsWith('IpAddress')) return isAddressIn(given, wanted);
  if (name.endsWith('IgnoreCase')) return given.toLowerCase() === wanted.toLowerCase();
  return name.endsWith('Like') ? globFits(wanted, given) : given === wanted;
}

function conditionHolds({ prefix, name, key, values }: Condition, context: Scenario['context']): boolean {
  const negated = name.includes('Not');
  const given = [context.get(key) ?? []].flat().filter((value) => fits(name, value, values[0]!) !== undefined);
  const passes = (value: string): boolean => values.some((wanted) => fits(name, value, wanted)) !== negated;
  if (prefix === 'ForAllValues') return given.every(passes);
  if (prefix === 'ForAnyValue') return given.some(passes);
  const matched = given.some((value) => values.some((wanted) => fits(name, value, wanted)));
  return negated ? !matched : matched;
}

function isMeant(pattern: PrincipalPattern, scenario: Scenario, accountsCount: boolean): boolean {
  const who: Principal = scenario.principal;
  if (pattern.entity === 'Service') {
    return who.kind === 'service' && who.service === pattern.text && who.account === scenario.resourceAccount;
  }
  if (pattern.entity === 'Federated') return who.kind === 'federated' && who.arn === pattern.text;
  if (who.kind !== 'user' && who.kind !== 'role') return false;
  if (pattern.type === 'root' || pattern.type === 'all') return accountsCount && who.account === pattern.account;
  const name = who.kind === 'user' ? who.name : who.roleName.toLowerCase();
  const wanted = pattern.type === 'user' ? pattern.name : pattern.name.toLowerCase();
  return who.kind === pattern.type && who.account === pattern.account && name === wanted;
}

function applies(statement: Statement, document: PolicyDocument, scenario: Scenario): boolean {
  const accountsCount = document.kind === 'trust' || statement.effect === 'Deny';
  if (statement.principals && !statement.principals.some((who) => isMeant(who, scenario, accountsCount))) return false;
  const provider = statement.principals?.some(({ entity }) => entity === 'Federated') ?? false;
  const names = [scenario.action.toLowerCase()];
  if (provider && /^sts:assumerolewith(saml|oidc)$/.test(names[0]!)) names.push('sts:assumerole');
  const listed = statement.actions.some((pattern) => names.some((name) => globFits(pattern.toLowerCase(), name)));
  if (listed === statement.exceptActions) return false;
  const reached = statement.resources?.some((pattern) =>
    scenario.resources.some((resource) => globFits(pattern, resource)),
  );
  return reached !== false && statement.conditions.every((condition) => conditionHolds(condition, scenario.context));
}

/** The statements of the policies that apply to the request, in their order. */
export function applying(
  policies: readonly ScenarioPolicy[],
  scenario: Scenario,
): readonly (readonly [PolicyMeta, Statement])[] {
  return policies.flatMap(({ document, meta }) =>
    document.statements
      .filter((statement) => applies(statement, document, scenario))
      .map((statement) => [meta, statement] as const),
  );
}

type Outcome = 'Allow' | 'ImplicitDeny' | 'ExplicitDeny';

function outcomeOf(documents: readonly PolicyDocument[], scenario: Scenario): Outcome {
  const effects = documents.flatMap((document) =>
    document.statements.filter((statement) => applies(statement, document, scenario)).map(({ effect }) => effect),
  );
  if (effects.includes('Deny')) return 'ExplicitDeny';
  return effects.includes('Allow') ? 'Allow' : 'ImplicitDeny';
}

const KEY_POLICY =
  /^kms:((list|describe|create|enable|disable|get|set|update|delete|cancel).*|tagresource|untagresource|importkeymaterial|schedulekeydeletion|encrypt|decrypt|generatedatakey|generateandexportdatakey|asymmetricencrypt|asymmetricdecrypt)$/;

function refusal(noPermissionType: 'ImplicitDeny' | 'ExplicitDeny', policyType: PolicyType): ReferenceVerdict {
  return { allowed: false, noPermissionType, policyType };
}

/** Section 5.2 of the rules, step by step. */
export function referenceVerdict(scenario: Scenario): ReferenceVerdict {
  const { principal: who } = scenario;
  const documents = (policies: readonly { document: PolicyDocument }[] = []) =>
    policies.map(({ document }) => document);
  const assuming = scenario.action.toLowerCase() === 'sts:assumerole';
  // 0. Root users.
  if (who.kind === 'root' && assuming) return { ...refusal('ImplicitDeny', 'AssumeRolePolicy'), rootAssume: true };
  if (who.kind === 'root' && who.account === scenario.resourceAccount) return { allowed: true };
  // 1. Control policies.
  const member = scenario.controlPoliciesApply ?? (scenario.control !== undefined && scenario.control.length > 0);
  if (member && (who.kind === 'user' || (who.kind === 'role' && !who.serviceLinked))) {
    const levels = scenario.control ?? [];
    if (levels.length === 0) return refusal('ImplicitDeny', 'ControlPolicy');
    for (const level of levels) {
      const outcome = outcomeOf(documents(level), scenario);
      if (outcome !== 'Allow') return refusal(outcome, 'ControlPolicy');
    }
  }
  // 2. The session policy.
  if (scenario.session !== undefined) {
    const outcome = outcomeOf(documents(scenario.session), scenario);
    if (outcome !== 'Allow') return refusal(outcome, 'SessionPolicy');
  }
  // 3. Identity policies: decision A.
  let identity = outcomeOf(documents(scenario.account), scenario);
  let identityType: PolicyType = 'AccountLevelIdentityBasedPolicy';
  if (identity === 'ImplicitDeny') {
    identity = outcomeOf(documents(scenario.resourceGroup), scenario);
    if (identity !== 'ImplicitDeny') identityType = 'ResourceGroupLevelIdentityBasedPolicy';
  }
  // 4. The policy on the resource: decision B.
  const { resource } = scenario;
  const mute = resource === undefined || (resource.kind === 'key' && !KEY_POLICY.test(scenario.action.toLowerCase()));
  const ofResource = mute ? 'ImplicitDeny' : outcomeOf([resource.policy.document], scenario);
  const isTrust = mute ? scenario.action.toLowerCase().startsWith('sts:assumerole') : resource.kind === 'trust';
  const resourceType: PolicyType = isTrust ? 'AssumeRolePolicy' : 'ResourceBasedPolicy';
  // 5. Combine.
  const resourceVerdict = ofResource === 'Allow' ? { allowed: true } : refusal(ofResource, resourceType);
  if (who.kind === 'service' || who.kind === 'federated') return resourceVerdict;
  if (identity === 'ExplicitDeny') return refusal(identity, identityType);
  if (ofResource === 'ExplicitDeny') return resourceVerdict;
  const both = assuming || who.account !== scenario.resourceAccount;
  if (!both && (identity === 'Allow' || ofResource === 'Allow')) return { allowed: true };
  if (identity !== 'Allow') return refusal(identity, identityType);
  return resourceVerdict;
}
