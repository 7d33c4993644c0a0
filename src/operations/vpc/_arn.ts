import { resourceTagConditions } from '../../domain/network/resource-tag.ts';
import type { LookupContext } from '../../operation/context.ts';
import type { Permission } from '../../operation/operation.ts';
import { text } from '../../schema/fields.ts';
import type { NamedVpc, NamedVSwitch } from './_vpc-found.ts';

function vpcArn(ctx: LookupContext, relative: string): string {
  return `acs:vpc:${ctx.region}:${ctx.account}:${relative}`;
}

/** The permission on VPCs or vSwitches of any id: for lists, and for what does not exist yet. */
export function onAny<I, R>(action: `vpc:${string}`, kind: 'vpc' | 'vswitch'): Permission<I, R> {
  return {
    action,
    resource: `acs:vpc:{region}:{account}:${kind}/*`,
    arns: ({ ctx }) => vpcArn(ctx, `${kind}/*`),
  };
}

export function onVpc(action: `vpc:${string}`): Permission<{ readonly VpcId: string }, NamedVpc> {
  return {
    action,
    resource: 'acs:vpc:{region}:{account}:vpc/{VpcId}',
    arns: ({ ctx, input }) => vpcArn(ctx, `vpc/${input.VpcId}`),
    tags: ({ resolved }) => resourceTagConditions(resolved.vpc?.tags),
  };
}

export function onVSwitch(action: `vpc:${string}`): Permission<{ readonly VSwitchId: string }, NamedVSwitch> {
  return {
    action,
    resource: 'acs:vpc:{region}:{account}:vswitch/{VSwitchId}',
    arns: ({ ctx, input }) => vpcArn(ctx, `vswitch/${input.VSwitchId}`),
    tags: ({ resolved }) => resourceTagConditions(resolved.vSwitch?.tags),
  };
}

/** `RegionId` where the vendor requires it; where a request goes is decided before. */
export function requiredRegion() {
  return text({ doc: 'Region of the resource.', required: true, max: 64 });
}

export function optionalRegion() {
  return text({ doc: 'Region of the resource.', max: 64 });
}
