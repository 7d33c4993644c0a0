import type { VpcRecord, VSwitchRecord } from '../../domain/network/vpc.ts';
import { V_SWITCHES, VPCS } from '../../domain/network/vpc.ts';
import { fail } from '../../errors/fault.ts';
import type { LookupContext } from '../../operation/context.ts';
import type { Guard } from '../../operation/operation.ts';

export interface NamedVpc {
  readonly vpc: VpcRecord | undefined;
}

export interface NamedVSwitch {
  readonly vSwitch: VSwitchRecord | undefined;
}

export async function findVpc(ctx: LookupContext, input: { readonly VpcId: string }): Promise<NamedVpc> {
  return { vpc: await ctx.read.get(VPCS, ctx.place, input.VpcId) };
}

export async function findVSwitch(ctx: LookupContext, input: { readonly VSwitchId: string }): Promise<NamedVSwitch> {
  return { vSwitch: await ctx.read.get(V_SWITCHES, ctx.place, input.VSwitchId) };
}

export const vpcFound: Guard<NamedVpc> = {
  errors: ['InvalidVpcID.NotFound'],
  doc: 'The VPC exists.',
  check: ({ vpc }) => {
    if (vpc === undefined) throw fail('InvalidVpcID.NotFound');
  },
};

export const vSwitchFound: Guard<NamedVSwitch> = {
  errors: ['InvalidVSwitchId.NotFound'],
  doc: 'The vSwitch exists.',
  check: ({ vSwitch }) => {
    if (vSwitch === undefined) throw fail('InvalidVSwitchId.NotFound');
  },
};
