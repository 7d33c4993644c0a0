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

export function region() {
  return text({ doc: 'Region of the resource.', max: 64 });
}
