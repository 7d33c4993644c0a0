import { isoSeconds } from '../../core/time.ts';
import type { RoleRecord } from '../../domain/ram/role.ts';
import { ROLE_DELETIONS } from '../../domain/ram/role-deletion.ts';
import type { LookupContext } from '../../operation/context.ts';
import { choice } from '../../schema/fields.ts';
import { optional, out } from '../../schema/output.ts';
import { linkedRoleAnswer, linkedRoleOutput } from '../../slr/role-answer.ts';

export const language = () =>
  choice(['en', 'zh-CN', 'ja'], {
    doc: 'Language of preset descriptions. They are in English here whatever is asked.',
  });

const { AssumeRolePolicyDocument, ...attributes } = linkedRoleOutput;

export const listedRoleOutput = {
  ...attributes,
  MaxSessionDuration: out.integer('Longest session, in seconds.'),
  UpdateDate: out.text('When the role was last changed.'),
  LatestDeletionTask: optional(
    out.object('The last attempt to delete the service-linked role.', {
      CreateDate: out.text('When it was asked for.'),
      DeletionTaskId: out.text('Its task.'),
    }),
  ),
};
export const roleOutput = { ...listedRoleOutput, AssumeRolePolicyDocument };

async function latestDeletion(ctx: LookupContext, role: RoleRecord) {
  if (role.linkedService === undefined) return undefined;
  const attempts = await ctx.read.list(ROLE_DELETIONS, ctx.place, { index: 'role', value: role.roleId });
  const [latest] = attempts.sort((a, b) => b.createdAt - a.createdAt);
  return latest && { CreateDate: isoSeconds(new Date(latest.createdAt)), DeletionTaskId: latest.deletionTaskId };
}

export async function roleAnswer(ctx: LookupContext, role: RoleRecord) {
  return {
    ...linkedRoleAnswer(ctx.account, role),
    MaxSessionDuration: role.maxSessionDuration,
    UpdateDate: isoSeconds(new Date(role.updatedAt)),
    LatestDeletionTask: await latestDeletion(ctx, role),
  };
}
