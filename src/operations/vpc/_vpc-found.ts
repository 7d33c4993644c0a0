import type { VpcRecord, VSwitchRecord } from '../../domain/network/vpc.ts';
import { V_SWITCHES, VPCS } from '../../domain/network/vpc.ts';
import type { LookupContext } from '../../operation/context.ts';
import { found } from '../../operation/found.ts';

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

export const vpcFound = found<NamedVpc>('InvalidVpcID.NotFound', 'The VPC exists.', ({ vpc }) => vpc);

export const vSwitchFound = found<NamedVSwitch>(
  'InvalidVSwitchId.NotFound',
  'The vSwitch exists.',
  ({ vSwitch }) => vSwitch,
);
