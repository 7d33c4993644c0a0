import { uuid } from '../core/random.ts';
import { roleArns } from '../domain/ram/resources.ts';
import { findRole, type RoleRecord } from '../domain/ram/role.ts';
import { ROLE_DELETIONS, type RoleDeletionRecord } from '../domain/ram/role-deletion.ts';
import { fail } from '../errors/fault.ts';
import type { Guard, Operation } from '../operation/operation.ts';
import { text } from '../schema/fields.ts';
import { out } from '../schema/output.ts';
import { serviceOfRoleName } from './catalogue.ts';
import { ROLE_DELETION } from './deletion-task.ts';
import { type LinkedRoleProduct, writes } from './ports.ts';

interface NamedRole {
  readonly role: RoleRecord | undefined;
}

const linkedRoleFound: Guard<NamedRole> = {
  errors: ['EntityNotExist.Role', 'EntityNotExist.ServiceLinkedRole'],
  doc: 'The role exists in this account and is a service-linked role.',
  check: ({ role }) => {
    if (role === undefined) throw fail('EntityNotExist.Role');
    if (role.linkedService === undefined) throw fail('EntityNotExist.ServiceLinkedRole');
  },
};

/** DeleteServiceLinkedRole of one of the products that publish it. */
export function deleteServiceLinkedRole(product: LinkedRoleProduct): Operation {
  return writes({
    product,
    name: 'DeleteServiceLinkedRole',
    origin: 'vendor',
    title: 'Starts the deletion of a service-linked role.',
    notes:
      'Ends with a task, whose outcome GetServiceLinkedRoleDeletionStatus tells: a role that the service still needs is kept, and what needs it is named. Asked again while a task runs, the answer is that task. Sessions of the role end with it.',
    input: {
      RoleName: text({
        doc: 'Name of the role, in any case.',
        required: true,
        max: 64,
        pattern: /^[A-Za-z0-9._-]+$/,
        form: 'letters, digits, `.`, `_`, `-`',
      }),
    },
    output: { DeletionTaskId: out.text('`task/acs-service-role/<service>/<RoleName>/<uuid>`.') },
    resolve: async (ctx, input): Promise<NamedRole> => ({
      role: await findRole(ctx.read, ctx.account, input.RoleName),
    }),
    permissions: [
      {
        action: 'ram:DeleteServiceLinkedRole',
        resource: 'acs:ram:*:{account}:role/{RoleName}',
        arns: ({ input, resolved, ctx }) => roleArns(ctx.account, input.RoleName, resolved.role),
        // By the name alone: an answer that hung on the record would tell whether there is one.
        conditions: { 'ram:ServiceName': ({ input }) => serviceOfRoleName(input.RoleName) },
      },
    ],
    guards: [linkedRoleFound],
    throttle: 'management',
    errors: [],
    references: ({ input, resolved }) => ({ 'ACS::RAM::Role': [resolved.role?.roleName ?? input.RoleName] }),
    handle: async (ctx, _input, { role }) => {
      if (role?.linkedService === undefined) throw new Error('the guard linkedRoleFound was passed over');
      const running = await ctx.tx.find(ROLE_DELETIONS, ctx.place, 'running', role.roleId);
      if (running !== undefined) return { DeletionTaskId: running.deletionTaskId };
      const deletion: RoleDeletionRecord = {
        deletionTaskId: `task/acs-service-role/${role.linkedService}/${role.roleName}/${uuid(ctx.ports.random)}`,
        roleId: role.roleId,
        roleName: role.roleName,
        serviceName: role.linkedService,
        status: 'NOT_STARTED',
        createdAt: ctx.now.getTime(),
        region: ctx.region,
      };
      const { deletionTaskId } = deletion;
      await ctx.tx.insert(ROLE_DELETIONS, ctx.place, deletion);
      await ctx.tx.enqueue({ type: ROLE_DELETION, place: ctx.place, payload: { deletionTaskId }, key: deletionTaskId });
      return { DeletionTaskId: deletionTaskId };
    },
  });
}
