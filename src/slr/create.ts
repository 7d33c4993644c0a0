import { roleArn } from '../core/arn.ts';
import { numericId } from '../core/ids.ts';
import { ATTACHMENTS, type AttachmentRecord } from '../domain/ram/attachment.ts';
import { findRole, ROLES, type RoleRecord } from '../domain/ram/role.ts';
import { found } from '../operation/found.ts';
import type { Operation } from '../operation/operation.ts';
import { text } from '../schema/fields.ts';
import { out } from '../schema/output.ts';
import { type LinkedRole, linkedRole } from './catalogue.ts';
import { rolesPermission } from './named-role.ts';
import { type LinkedRoleProduct, writes } from './ports.ts';
import { linkedRoleAnswer, linkedRoleOutput } from './role-answer.ts';

/** Service-linked roles report the default, and it cannot be changed. */
const SESSION_SECONDS = 3600;
const MAX_ROLE_NAME = 64;

interface NamedService {
  readonly linked: LinkedRole | undefined;
}

const serviceFound = found<NamedService>(
  'EntityNotExist.Service',
  'The service has a service-linked role in the catalogue.',
  ({ linked }) => linked,
);

/** The trust policy of a linked role: the service and nobody else, written as the vendor's samples do. */
function trustPolicy(serviceName: string): string {
  const statement = { Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: [serviceName] } };
  return JSON.stringify({ Statement: [statement], Version: '1' });
}

/** CreateServiceLinkedRole of one of the products that publish it. */
export function createServiceLinkedRole(product: LinkedRoleProduct): Operation {
  return writes({
    product,
    name: 'CreateServiceLinkedRole',
    origin: 'vendor',
    title: 'Makes the role through which a service acts in the account.',
    notes:
      'Products that need the role make it by themselves, with the rights of whoever calls them. Not idempotent: of a role that exists, the refusal names the ARN. The quota of roles does not hold it up.',
    input: {
      ServiceName: text({ doc: 'The service: `keystore.kms.aliyuncs.com`.', required: true, max: 128 }),
      CustomSuffix: text({
        doc: 'Makes a further role of the service, where its role allows that.',
        max: MAX_ROLE_NAME,
        pattern: /^[A-Za-z0-9.-]+$/,
        form: 'letters, digits, `.`, `-`',
      }),
      Description: text({ doc: 'Description, where a suffix is allowed; else it is preset.', max: 1024 }),
    },
    output: { Role: out.object('The new role.', linkedRoleOutput) },
    resolve: async (_ctx, input): Promise<NamedService> => ({ linked: linkedRole(input.ServiceName) }),
    permissions: [
      {
        ...rolesPermission('ram:CreateServiceLinkedRole'),
        conditions: { 'ram:ServiceName': ({ input }) => input.ServiceName },
      },
    ],
    guards: [serviceFound],
    throttle: 'management',
    errors: [
      'InvalidParameter.CustomSuffix.NotAllowed',
      'InvalidParameter.CustomSuffix.Length',
      'InvalidParameter.Description.NotAllowed',
      'EntityAlreadyExists.Role',
    ],
    handle: async (ctx, input, { linked }) => {
      if (linked === undefined) throw new Error('the guard serviceFound was passed over');
      if (!linked.suffixAllowed) {
        if (input.CustomSuffix !== undefined) throw ctx.fail('InvalidParameter.CustomSuffix.NotAllowed');
        if (input.Description !== undefined) throw ctx.fail('InvalidParameter.Description.NotAllowed');
      }
      const roleName = linked.roleName + (input.CustomSuffix === undefined ? '' : `_${input.CustomSuffix}`);
      if (roleName.length > MAX_ROLE_NAME) throw ctx.fail('InvalidParameter.CustomSuffix.Length');
      if ((await findRole(ctx.tx, ctx.account, roleName)) !== undefined) {
        throw ctx.fail('EntityAlreadyExists.Role', { detail: ` It is ${roleArn(ctx.account, roleName)}.` });
      }
      const now = ctx.now.getTime();
      const role: RoleRecord = {
        roleId: numericId('3', 18, ctx.ports.random),
        roleName,
        description: input.Description ?? linked.description,
        trustPolicy: trustPolicy(linked.serviceName),
        maxSessionDuration: SESSION_SECONDS,
        createdAt: now,
        updatedAt: now,
        linkedService: linked.serviceName,
      };
      await ctx.tx.insert(ROLES, ctx.place, role);
      await ctx.tx.insert<AttachmentRecord>(ATTACHMENTS, ctx.place, {
        entity: 'role',
        entityId: role.roleId,
        policyType: 'System',
        policyName: linked.policy.policyName,
        attachedAt: now,
      });
      ctx.refer('ACS::RAM::Role', roleName);
      return { Role: linkedRoleAnswer(ctx.account, role) };
    },
  });
}
