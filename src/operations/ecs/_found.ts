import { NETWORK_INTERFACES, type NetworkInterfaceRecord } from '../../domain/network/network-interface.ts';
import { SECURITY_GROUPS, type SecurityGroupRecord } from '../../domain/network/security-group.ts';
import type { LookupContext } from '../../operation/context.ts';
import { found } from '../../operation/found.ts';

export interface NamedGroup {
  readonly group: SecurityGroupRecord | undefined;
}

export interface NamedInterface {
  readonly networkInterface: NetworkInterfaceRecord | undefined;
}

export async function findGroup(ctx: LookupContext, input: { readonly SecurityGroupId: string }): Promise<NamedGroup> {
  return { group: await ctx.read.get(SECURITY_GROUPS, ctx.place, input.SecurityGroupId) };
}

export async function findInterface(
  ctx: LookupContext,
  input: { readonly NetworkInterfaceId: string },
): Promise<NamedInterface> {
  return { networkInterface: await ctx.read.get(NETWORK_INTERFACES, ctx.place, input.NetworkInterfaceId) };
}

export const groupFound = found<NamedGroup>(
  'InvalidSecurityGroupId.NotFound',
  'The security group exists.',
  ({ group }) => group,
);

export const interfaceFound = found<NamedInterface>(
  'InvalidEniId.NotFound',
  'The network interface exists.',
  ({ networkInterface }) => networkInterface,
);

export const groupReferences = ({ input }: { readonly input: { readonly SecurityGroupId: string } }) => ({
  'ACS::ECS::SecurityGroup': [input.SecurityGroupId],
});

export const interfaceReferences = ({ input }: { readonly input: { readonly NetworkInterfaceId: string } }) => ({
  'ACS::ECS::NetworkInterface': [input.NetworkInterfaceId],
});
