/** Attaching, detaching and listing policies: once for users, groups and roles. */
import { isoSeconds } from '../../core/time.ts';
import {
  ATTACHMENTS,
  type AttachmentRecord,
  attachedEntity,
  attachmentId,
  type EntityKind,
} from '../../domain/ram/attachment.ts';
import { policyArns } from '../../domain/ram/resources.ts';
import { fail } from '../../errors/fault.ts';
import type { LookupContext } from '../../operation/context.ts';
import type { Guard, Operation, Permission } from '../../operation/operation.ts';
import { out } from '../../schema/output.ts';
import { linkedRoleOfPolicy } from '../../slr/catalogue.ts';
import {
  ENTITIES,
  entityFound,
  entityIdOf,
  entityPermission,
  entityReferences,
  findEntity,
  type WithEntity,
} from './_entity.ts';
import {
  attachedPolicyOutput,
  findPolicy,
  type NamedPolicy,
  policyAttributes,
  policyFound,
  policyType,
} from './_policy.ts';
import { reads, writes } from './_product.ts';
import { roleMutable, trustConditions } from './_role.ts';
import { policyName } from './_text.ts';

interface Pair extends WithEntity {
  readonly named: NamedPolicy;
}

interface PolicyInput {
  readonly PolicyType: 'System' | 'Custom';
  readonly PolicyName: string;
}

async function findPair(ctx: LookupContext, kind: EntityKind, input: PolicyInput): Promise<Pair> {
  const [entity, named] = await Promise.all([
    findEntity(ctx, kind, input),
    findPolicy(ctx, input.PolicyType, input.PolicyName),
  ]);
  return { entity, named };
}

/** The policy side of the pair; both sides must be allowed. */
function pairPolicyPermission<I>(action: `ram:${string}`): Permission<I, Pair> {
  return {
    action,
    resource: 'acs:ram:*:{account|system}:policy/{PolicyName}',
    arns: ({ resolved: { named }, ctx }) => policyArns(ctx.account, named.policyType, named.policyName),
  };
}

const pairPolicyFound: Guard<Pair> = { ...policyFound, check: ({ named }, ctx) => policyFound.check(named, ctx) };

const pairRoleMutable: Guard<Pair> = { ...roleMutable, check: ({ entity }, ctx) => roleMutable.check(entity, ctx) };

const policyIsFree: Guard<Pair> = {
  errors: ['ReservedPolicy.ServiceLinkedRole'],
  doc: 'The policy is not that of a service-linked role.',
  check: ({ named }) => {
    const linked = named.policyType === 'System' ? linkedRoleOfPolicy(named.policyName) : undefined;
    if (linked === undefined) return;
    throw fail('ReservedPolicy.ServiceLinkedRole', { policy: named.policyName, service: linked.serviceName });
  },
};

function keyOf(pair: Pair) {
  const { policyType: type, policyName: name } = pair.named;
  return { entity: pair.entity.kind, entityId: entityIdOf(pair), policyType: type, policyName: name };
}

function pairInput(kind: EntityKind) {
  const { parameter, field } = ENTITIES[kind];
  return { PolicyType: policyType(), PolicyName: policyName(), [parameter]: field };
}

function pairReferences({ resolved }: { readonly resolved: Pair }) {
  return { ...entityReferences(resolved), 'ACS::RAM::Policy': [resolved.named.policyName] };
}

/** AttachPolicyToUser, AttachPolicyToGroup, AttachPolicyToRole. */
export function attachPolicyTo(kind: EntityKind): Operation {
  const { word, attached, tooMany, customQuota } = ENTITIES[kind];
  const action = `ram:AttachPolicyTo${word}` as const;
  const stored =
    kind === 'role'
      ? { storedConditions: trustConditions<PolicyInput, Pair>(({ resolved }) => resolved.entity.role?.trustPolicy) }
      : {};
  return writes({
    product: 'Ram',
    name: `AttachPolicyTo${word}`,
    origin: 'vendor',
    title: `Attaches a policy to a ${kind}.`,
    notes: 'It decides from the next call on.',
    input: pairInput(kind),
    output: {},
    resolve: (ctx, input) => findPair(ctx, kind, input as PolicyInput),
    permissions: [{ ...entityPermission(action, kind), ...stored }, pairPolicyPermission(action)],
    guards: [entityFound(kind), pairPolicyFound, ...(kind === 'role' ? [pairRoleMutable] : []), policyIsFree],
    throttle: 'management',
    errors: [attached, tooMany],
    references: pairReferences,
    handle: async (ctx, _input, pair) => {
      const key = keyOf(pair);
      if ((await ctx.tx.get(ATTACHMENTS, ctx.place, attachmentId(key))) !== undefined) throw ctx.fail(attached);
      const value = attachedEntity(key);
      const others = await ctx.tx.list(ATTACHMENTS, ctx.place, { index: 'entity', value });
      const { quotas } = ctx.ports;
      const quota = key.policyType === 'System' ? quotas.systemPoliciesPerEntity : quotas[customQuota];
      if (others.filter((other) => other.policyType === key.policyType).length >= quota) throw ctx.fail(tooMany);
      const attachment: AttachmentRecord = { ...key, attachedAt: ctx.now.getTime() };
      await ctx.tx.insert(ATTACHMENTS, ctx.place, attachment);
      return {};
    },
  });
}

/** DetachPolicyFromUser, DetachPolicyFromGroup, DetachPolicyFromRole. */
export function detachPolicyFrom(kind: EntityKind): Operation {
  const { word, notAttached } = ENTITIES[kind];
  const action = `ram:DetachPolicyFrom${word}` as const;
  return writes({
    product: 'Ram',
    name: `DetachPolicyFrom${word}`,
    origin: 'vendor',
    title: `Detaches a policy from a ${kind}.`,
    notes: 'What it allowed is refused from the next call on.',
    input: pairInput(kind),
    output: {},
    resolve: (ctx, input) => findPair(ctx, kind, input as PolicyInput),
    permissions: [entityPermission(action, kind), pairPolicyPermission(action)],
    guards: [entityFound(kind), pairPolicyFound, ...(kind === 'role' ? [pairRoleMutable] : [])],
    throttle: 'management',
    errors: [notAttached],
    references: pairReferences,
    handle: async (ctx, _input, pair) => {
      if (!(await ctx.tx.remove(ATTACHMENTS, ctx.place, attachmentId(keyOf(pair))))) throw ctx.fail(notAttached);
      return {};
    },
  });
}

/** ListPoliciesForUser, ListPoliciesForGroup, ListPoliciesForRole. */
export function listPoliciesFor(kind: EntityKind): Operation {
  const { word, parameter, field } = ENTITIES[kind];
  return reads({
    product: 'Ram',
    name: `ListPoliciesFor${word}`,
    origin: 'vendor',
    title: `Lists the policies attached to a ${kind}.`,
    ...(kind === 'user' ? { notes: 'Policies of the groups the user is in are not listed.' } : {}),
    input: { [parameter]: field },
    output: { Policies: out.list('The policies.', 'Policy', attachedPolicyOutput) },
    resolve: async (ctx, input): Promise<WithEntity> => ({ entity: await findEntity(ctx, kind, input) }),
    permissions: [entityPermission(`ram:ListPoliciesFor${word}`, kind)],
    guards: [entityFound(kind)],
    throttle: 'query',
    errors: [],
    references: ({ resolved }) => entityReferences(resolved),
    handle: async (ctx, _input, resolved) => {
      const value = attachedEntity({ entity: kind, entityId: entityIdOf(resolved) });
      const attachments = await ctx.read.list(ATTACHMENTS, ctx.place, { index: 'entity', value });
      const answers = await Promise.all(
        attachments.map(async ({ policyType: type, policyName: name, attachedAt }) => {
          const { policy } = await findPolicy(ctx, type, name);
          return policy && { ...policyAttributes(type, policy), AttachDate: isoSeconds(new Date(attachedAt)) };
        }),
      );
      return { Policies: answers.filter((answer) => answer !== undefined) };
    },
  });
}
