import type { LookupContext } from '../../operation/context.ts';
import type { Permission } from '../../operation/operation.ts';
import { text } from '../../schema/fields.ts';

function hsmArn(ctx: LookupContext, relative: string): string {
  return `acs:yundun-hsm:${ctx.region}:${ctx.account}:${relative}`;
}

/** The permission on HSMs, clusters or models of any id: for lists, and for what does not exist yet. */
export function onAny<I, R>(action: `yundun-hsm:${string}`, kind: 'instance' | 'cluster' | 'model'): Permission<I, R> {
  return {
    action,
    resource: `acs:yundun-hsm:{region}:{account}:${kind}/*`,
    arns: ({ ctx }) => hsmArn(ctx, `${kind}/*`),
  };
}

export function onInstance<R>(action: `yundun-hsm:${string}`): Permission<{ readonly InstanceId: string }, R> {
  return {
    action,
    resource: 'acs:yundun-hsm:{region}:{account}:instance/{InstanceId}',
    arns: ({ ctx, input }) => hsmArn(ctx, `instance/${input.InstanceId}`),
  };
}

export function onCluster<R>(action: `yundun-hsm:${string}`): Permission<{ readonly ClusterId: string }, R> {
  return {
    action,
    resource: 'acs:yundun-hsm:{region}:{account}:cluster/{ClusterId}',
    arns: ({ ctx, input }) => hsmArn(ctx, `cluster/${input.ClusterId}`),
  };
}

/** The permission on the HSM that becomes a cluster's first member. */
export function onMaster<R>(action: `yundun-hsm:${string}`): Permission<{ readonly MasterInstanceId: string }, R> {
  return {
    action,
    resource: 'acs:yundun-hsm:{region}:{account}:instance/{MasterInstanceId}',
    arns: ({ ctx, input }) => hsmArn(ctx, `instance/${input.MasterInstanceId}`),
  };
}

/** What a permission on each of several looks at, besides what was resolved. */
export interface OneOfThem {
  readonly one?: string;
}

/** The permission on every HSM named. */
export function onEachInstance(
  action: `yundun-hsm:${string}`,
): Permission<{ readonly HsmInstanceIds: readonly string[] }, OneOfThem> {
  return {
    action,
    resource: 'acs:yundun-hsm:{region}:{account}:instance/{HsmInstanceIds}',
    arns: ({ ctx, resolved }) => hsmArn(ctx, `instance/${resolved.one}`),
    each: ({ input }) => [...new Set(input.HsmInstanceIds)].map((one): OneOfThem => ({ one })),
  };
}

/** The permission on the vSwitch that the HSM takes an address of. */
export function onVSwitch<R>(action: `yundun-hsm:${string}`): Permission<{ readonly VSwitchId: string }, R> {
  return {
    action,
    resource: 'acs:vpc:{region}:{account}:vswitch/{VSwitchId}',
    arns: ({ ctx, input }) => `acs:vpc:${ctx.region}:${ctx.account}:vswitch/${input.VSwitchId}`,
  };
}

/** The permission on every vSwitch named: the cluster's HSMs may take addresses of them. */
export function onEachVSwitch(
  action: `yundun-hsm:${string}`,
): Permission<{ readonly VSwitchIds?: readonly string[] | undefined }, OneOfThem> {
  return {
    action,
    resource: 'acs:vpc:{region}:{account}:vswitch/{VSwitchIds}',
    arns: ({ ctx, resolved }) => `acs:vpc:${ctx.region}:${ctx.account}:vswitch/${resolved.one}`,
    each: ({ input }) => [...new Set(input.VSwitchIds)].map((one): OneOfThem => ({ one })),
  };
}

export function region() {
  return text({ doc: 'Region of the resource.', max: 64 });
}
