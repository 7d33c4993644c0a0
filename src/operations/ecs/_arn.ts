import { resourceTagConditions } from '../../domain/network/resource-tag.ts';
import type { LookupContext } from '../../operation/context.ts';
import type { Permission } from '../../operation/operation.ts';
import { text } from '../../schema/fields.ts';
import type { NamedGroup, NamedInterface } from './_found.ts';

export function ecsArn(ctx: LookupContext, relative: string): string {
  return `acs:ecs:${ctx.region}:${ctx.account}:${relative}`;
}

/** The permission on groups or interfaces of any id: for lists, and for what does not exist yet. */
export function onAny<I, R>(action: `ecs:${string}`, kind: 'securitygroup' | 'eni'): Permission<I, R> {
  return {
    action,
    resource: `acs:ecs:{region}:{account}:${kind}/*`,
    arns: ({ ctx }) => ecsArn(ctx, `${kind}/*`),
  };
}

export function onGroup(action: `ecs:${string}`): Permission<{ readonly SecurityGroupId: string }, NamedGroup> {
  return {
    action,
    resource: 'acs:ecs:{region}:{account}:securitygroup/{SecurityGroupId}',
    arns: ({ ctx, input }) => ecsArn(ctx, `securitygroup/${input.SecurityGroupId}`),
    tags: ({ resolved }) => resourceTagConditions(resolved.group?.tags),
  };
}

export function onInterface(
  action: `ecs:${string}`,
): Permission<{ readonly NetworkInterfaceId: string }, NamedInterface> {
  return {
    action,
    resource: 'acs:ecs:{region}:{account}:eni/{NetworkInterfaceId}',
    arns: ({ ctx, input }) => ecsArn(ctx, `eni/${input.NetworkInterfaceId}`),
    tags: ({ resolved }) => resourceTagConditions(resolved.networkInterface?.tags),
  };
}

/** `RegionId`: every ECS operation requires it; where a request goes is decided before. */
export function region() {
  return text({ doc: 'Region of the resource.', required: true, max: 64 });
}
