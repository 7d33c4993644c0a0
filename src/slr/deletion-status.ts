import { ROLE_DELETIONS, type RoleDeletionRecord } from '../domain/ram/role-deletion.ts';
import { found } from '../operation/found.ts';
import type { Operation } from '../operation/operation.ts';
import { text } from '../schema/fields.ts';
import { optional, out } from '../schema/output.ts';
import { type LinkedRoleProduct, reads } from './ports.ts';

interface NamedDeletion {
  readonly deletion: RoleDeletionRecord | undefined;
}

const deletionFound = found<NamedDeletion>(
  'EntityNotExist.ServiceLinkedRole.DeletionTask',
  'The task exists in this account.',
  ({ deletion }) => deletion,
);

function reasonOf({ status, message, usages }: RoleDeletionRecord) {
  if (status !== 'FAILED') return undefined;
  return {
    Message: message ?? '',
    RoleUsages: (usages ?? []).map(({ region, resources }) => ({ Region: region, Resources: resources })),
  };
}

/** GetServiceLinkedRoleDeletionStatus of one of the products that publish it. */
export function getServiceLinkedRoleDeletionStatus(product: LinkedRoleProduct): Operation {
  return reads({
    product,
    name: 'GetServiceLinkedRoleDeletionStatus',
    origin: 'vendor',
    title: 'Shows how the deletion of a service-linked role stands or ended.',
    notes:
      'Stays readable for 180 days after the task has ended, also when the role is gone. INTERNAL_ERROR: the linked service could not tell what uses the role, which is therefore kept.',
    input: {
      DeletionTaskId: text({
        doc: 'The task, as DeleteServiceLinkedRole named it.',
        required: true,
        min: 26,
        max: 255,
        pattern: /^task\/acs-service-role\/[^/]+\/[^/]+\/[0-9a-f-]+$/,
        form: 'a task id',
        breach: 'format',
      }),
    },
    output: {
      Status: out.text('`NOT_STARTED`, `IN_PROGRESS`, `SUCCEEDED`, `FAILED` or `INTERNAL_ERROR`.'),
      Reason: optional(
        out.object('Why it failed; only then.', {
          Message: out.text('In a sentence.'),
          RoleUsages: out.list('What still needs the role, by region.', 'RoleUsage', {
            Region: out.text('The region.'),
            Resources: out.textList('ARNs of the resources.', 'Resource'),
          }),
        }),
      ),
    },
    resolve: async (ctx, input): Promise<NamedDeletion> => ({
      deletion: await ctx.read.get(ROLE_DELETIONS, ctx.place, input.DeletionTaskId),
    }),
    permissions: [{ action: 'ram:GetServiceLinkedRoleDeletionStatus', resource: '*', arns: () => '*' }],
    guards: [deletionFound],
    throttle: 'query',
    errors: [],
    handle: async (_ctx, _input, { deletion }) => {
      if (deletion === undefined) throw new Error('the guard deletionFound was passed over');
      return { Status: deletion.status, Reason: reasonOf(deletion) };
    },
  });
}
