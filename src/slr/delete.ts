import { uuid } from '../core/random.ts';
import { ROLE_DELETIONS, type RoleDeletionRecord } from '../domain/ram/role-deletion.ts';
import { found } from '../operation/found.ts';
import type { Operation } from '../operation/operation.ts';
import { out } from '../schema/output.ts';
import { serviceOfRoleName } from './catalogue.ts';
import { ROLE_DELETION } from './deletion-task.ts';
import {
  type NamedRole,
  namedRole,
  roleFound,
  roleName,
  roleOf,
  rolePermission,
  roleReferences,
} from './named-role.ts';
import { type LinkedRoleProduct, writes } from './ports.ts';

const roleIsLinked = found<NamedRole>(
  'EntityNotExist.ServiceLinkedRole',
  'The role is a service-linked role.',
  (named) => roleOf(named).linkedService,
);

/** DeleteServiceLinkedRole of one of the products that publish it. */
export function deleteServiceLinkedRole(product: LinkedRoleProduct): Operation {
  return writes({
    product,
    name: 'DeleteServiceLinkedRole',
    origin: 'vendor',
    title: 'Starts the deletion of a service-linked role.',
    notes:
      'Ends with a task, whose outcome GetServiceLinkedRoleDeletionStatus tells: a role that the service still needs is kept, and what needs it is named. Asked again while a task runs, the answer is that task. Sessions of the role end with it.',
    input: { RoleName: roleName() },
    output: { DeletionTaskId: out.text('`task/acs-service-role/<service>/<RoleName>/<uuid>`.') },
    resolve: (ctx, input) => namedRole(ctx, input.RoleName),
    permissions: [
      {
        ...rolePermission('ram:DeleteServiceLinkedRole'),
        // By the name alone: an answer that hung on the record would tell whether there is one.
        conditions: { 'ram:ServiceName': ({ resolved }) => serviceOfRoleName(resolved.roleName) },
      },
    ],
    guards: [roleFound, roleIsLinked],
    throttle: 'management',
    errors: [],
    references: roleReferences,
    handle: async (ctx, _input, named) => {
      const role = roleOf(named);
      if (role.linkedService === undefined) throw new Error('the guard roleIsLinked was passed over');
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
