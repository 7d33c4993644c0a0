import { ramPlace } from '../domain/ram/account.ts';
import { ATTACHMENTS, type AttachmentRecord, attachedEntity, type EntityKind } from '../domain/ram/attachment.ts';
import { GROUPS, MEMBERSHIPS } from '../domain/ram/group.ts';
import { defaultVersionOf, POLICIES } from '../domain/ram/policy.ts';
import type { Reader } from '../domain/storage.ts';
import type { Principal } from '../operation/context.ts';
import type { CompiledPolicy, PolicyMeta, PolicySet } from '../policy/types.ts';
import { systemPolicy } from '../slr/system-policy.ts';
import type { CompiledPolicies } from './compiled-policies.ts';

/** A user, group or role whose attachments count. */
interface Holder {
  readonly kind: EntityKind;
  readonly id: string;
  readonly name: string;
}

const HOLDER_KINDS = { user: 'RamUser', group: 'RamGroup', role: 'RamRole' } as const satisfies Record<
  EntityKind,
  NonNullable<PolicyMeta['attachedTo']>['kind']
>;

async function groupsOf(read: Reader, account: string, userId: string): Promise<Holder[]> {
  const place = ramPlace(account);
  const memberships = await read.list(MEMBERSHIPS, place, { index: 'user', value: userId });
  const groups = await Promise.all(memberships.map(({ groupId }) => read.get(GROUPS, place, groupId)));
  return groups
    .filter((group) => group !== undefined)
    .map((group) => ({ kind: 'group', id: group.groupId, name: group.groupName }));
}

async function documentOf(
  read: Reader,
  account: string,
  { policyType, policyName }: AttachmentRecord,
): Promise<{ readonly versionId: string; readonly document: string } | undefined> {
  if (policyType === 'System') return systemPolicy(policyName);
  const policy = await read.get(POLICIES, ramPlace(account), policyName);
  return policy === undefined ? undefined : defaultVersionOf(policy);
}

async function policiesOf(
  read: Reader,
  account: string,
  holder: Holder,
  compiled: CompiledPolicies,
): Promise<CompiledPolicy[]> {
  const attachments = await read.list(ATTACHMENTS, ramPlace(account), {
    index: 'entity',
    value: attachedEntity({ entity: holder.kind, entityId: holder.id }),
  });
  const policies = await Promise.all(
    attachments.map(async (attachment) => {
      const version = await documentOf(read, account, attachment);
      if (version === undefined) return undefined;
      return compiled.one('identity', version.document, {
        identifier: attachment.policyName,
        type: attachment.policyType,
        version: version.versionId,
        attachedTo: { kind: HOLDER_KINDS[holder.kind], name: holder.name },
      });
    }),
  );
  return policies.filter((policy) => policy !== undefined);
}

function selfOf(principal: Principal): Holder | undefined {
  if (principal.kind === 'user') return { kind: 'user', id: principal.userId, name: principal.userName };
  if (principal.kind === 'session') return { kind: 'role', id: principal.roleId, name: principal.roleName };
  return undefined;
}

/**
 * The identity policies of a principal as one set: a user's own and its groups', a role's; undefined for root users and
 * services, which have none. Kept by the reader until anything of the account's identities changes.
 */
export async function identityPolicies(
  read: Reader,
  principal: Principal,
  compiled: CompiledPolicies,
): Promise<PolicySet | undefined> {
  const self = selfOf(principal);
  if (self === undefined) return undefined;
  const { account } = principal;
  const owner = `${self.kind}/${self.id}`;
  return read.memo('ram', account, `policies/${owner}`, async (reader) => {
    const groups = self.kind === 'user' ? await groupsOf(reader, account, self.id) : [];
    const policies = await Promise.all(
      [self, ...groups].map((holder) => policiesOf(reader, account, holder, compiled)),
    );
    return compiled.merged(`${account}/${owner}`, policies.flat());
  });
}
