import { HSM_INSTANCES, type HsmInstanceRecord } from '../../domain/hsm-service/instance.ts';
import { type InstanceEvent, type InstanceState, instanceAfter } from '../../domain/hsm-service/instance-states.ts';
import { fail } from '../../errors/fault.ts';
import type { LookupContext } from '../../operation/context.ts';
import { found, sure } from '../../operation/found.ts';
import type { Guard } from '../../operation/operation.ts';
import { text } from '../../schema/fields.ts';

export interface NamedInstance {
  readonly hsm: HsmInstanceRecord | undefined;
}

export const instanceId = () => text({ doc: 'The HSM.', required: true, max: 64 });

export async function findInstance(ctx: LookupContext, input: { readonly InstanceId: string }): Promise<NamedInstance> {
  return { hsm: await ctx.read.get(HSM_INSTANCES, ctx.place, input.InstanceId) };
}

export const instanceReferences = ({ input }: { readonly input: { readonly InstanceId: string } }) => ({
  'ACS::HSM::Instance': [input.InstanceId],
});

/** The state an event leads to; throws `IncorrectInstanceStatus`. */
export function stateAfter(hsm: HsmInstanceRecord, event: InstanceEvent): InstanceState {
  const after = instanceAfter(hsm.state, event);
  if (after === undefined || after === 'gone') {
    throw fail('IncorrectInstanceStatus', { id: hsm.instanceId, state: hsm.state });
  }
  return after;
}

/** The HSM exists, and its state takes the event. */
export function instanceTakes(event: InstanceEvent): Guard<NamedInstance> {
  return {
    errors: ['InvalidInstance.NotFound', 'IncorrectInstanceStatus'],
    doc: `The HSM exists and its state allows \`${event}\` in the table of HSM states.`,
    check: ({ hsm }) => {
      if (hsm === undefined) throw fail('InvalidInstance.NotFound');
      stateAfter(hsm, event);
    },
  };
}

export const instanceFound = found<NamedInstance>('InvalidInstance.NotFound', 'The HSM exists.', ({ hsm }) => hsm);

export const outsideCluster: Guard<NamedInstance> = {
  errors: ['InstanceInCluster'],
  doc: 'The HSM belongs to no cluster.',
  check: ({ hsm }) => {
    if (hsm?.clusterId !== undefined) throw fail('InstanceInCluster', { id: hsm.instanceId, cluster: hsm.clusterId });
  },
};

export const officerInCharge: Guard<NamedInstance> = {
  errors: ['InstanceNotInitialized'],
  doc: 'The HSM is initialised.',
  check: ({ hsm }) => {
    if (hsm?.initialised !== true) throw fail('InstanceNotInitialized', { id: hsm?.instanceId ?? '' });
  },
};

/** The HSM that a guard has made sure of. */
export function hsmOf({ hsm }: NamedInstance): HsmInstanceRecord {
  return sure(hsm, 'instanceFound or instanceTakes');
}
