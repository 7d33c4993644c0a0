import { ours, vendor } from '../row.ts';

/** Errors of ECS 2014-05-26 and VPC 2016-04-28. */
export const NETWORK_ERRORS = {
  'Forbidden.RAM': vendor(
    403,
    'User not authorized to operate on the specified resource, or this API does not support RAM.{detail}',
    'Attach the statement that the diagnostic names.',
  ),
  'InvalidVpcID.NotFound': vendor(404, 'Specified VPC does not exist.', 'Check the VPC id and the region.'),
  'InvalidVSwitchId.NotFound': vendor(404, 'Specified VSwitch does not exist.', 'Check the vSwitch id and the region.'),
  'InvalidZoneId.NotFound': vendor(404, 'Specified zone does not exist.', 'DescribeZones lists the zones.'),
  'InvalidCidrBlock.Malformed': vendor(
    400,
    'Specified CIDR block is not valid.',
    'A VPC takes 8 to 28 bits of an ordinary range, a vSwitch 16 to 29 bits inside its VPC; no host bits.',
  ),
  'InvalidCidrBlock.Overlapped': vendor(
    400,
    'Specified CIDR block is overlapped with other subnet.',
    'Choose a block that no vSwitch of the VPC uses.',
  ),
  DependencyViolation: vendor(
    403,
    'There is still a resource that depends on the specified one: {what}.',
    'Remove what depends on it, then try again.',
  ),
  'InvalidSecurityGroupId.NotFound': vendor(
    404,
    'The specified SecurityGroupId does not exist.',
    'Check the security group id and the region.',
  ),
  'InvalidSecurityGroup.NotInSameVpc': vendor(
    403,
    'The specified security group and the vSwitch are not in the same VPC.',
    'Use a security group of the VPC.',
  ),
  'InvalidSecurityGroup.TypeMismatch': ours(
    403,
    'The security groups of an interface must be of one type.',
    'Name normal groups or enterprise groups, not both.',
  ),
  SecurityGroupInstanceLimitExceed: vendor(
    403,
    'An interface belongs to at most 5 security groups.',
    'Name fewer groups.',
  ),
  AuthorizationLimitExceed: vendor(
    403,
    'The limit of authorization records in the security group reaches.',
    'Revoke rules that are no longer needed, or use another group.',
  ),
  'InvalidIpProtocol.Malformed': vendor(
    400,
    'The specified parameter "IpProtocol" is not valid.',
    'TCP, UDP, ICMP, GRE or ALL.',
  ),
  'InvalidIpPortRange.Malformed': vendor(
    400,
    'The specified parameter "PortRange" is not valid.',
    '`first/last` within 1 to 65535 for TCP and UDP, `-1/-1` for the others.',
  ),
  'InvalidPolicy.Malformed': vendor(400, 'The specified parameter "Policy" is not valid.', 'accept or drop.'),
  'InvalidPriority.ValueNotSupported': vendor(
    400,
    'The specified parameter "Priority" is not valid.',
    'A whole number from 1 to 100.',
  ),
  'InvalidSourceCidrIp.Malformed': vendor(
    400,
    'The specified parameter "SourceCidrIp" is not valid.',
    'An IPv4 address, or a CIDR block without host bits.',
  ),
  'InvalidDestCidrIp.Malformed': vendor(
    400,
    'The specified parameter "DestCidrIp" is not valid.',
    'An IPv4 address, or a CIDR block without host bits.',
  ),
  'InvalidSourceGroupId.NotFound': vendor(
    404,
    'The specified parameter "SourceGroupId" does not exist.',
    'Name a security group of this account and VPC.',
  ),
  'InvalidDestGroupId.NotFound': vendor(
    404,
    'The specified parameter "DestGroupId" does not exist.',
    'Name a security group of this account and VPC.',
  ),
  'MissingParameter.Source': vendor(
    400,
    'One of the parameters SourceCidrIp, SourceGroupId must be specified.',
    'Say where the connections come from.',
  ),
  'MissingParameter.Dest': vendor(
    400,
    'One of the parameters DestCidrIp, DestGroupId must be specified.',
    'Say where the connections go.',
  ),
  MissingPermissions: ours(
    400,
    'No rule is given: Permissions.N, or its members without that prefix.',
    'Give the rules as Permissions.1, Permissions.2 and so on.',
  ),
  'InvalidEniId.NotFound': vendor(
    404,
    'The specified network interface does not exist.',
    'Check the interface id and the region.',
  ),
  'InvalidVSwitchId.IpNotEnough': vendor(
    400,
    'The specified vSwitch has not enough free IP addresses: {id}.',
    'Delete interfaces that are no longer needed, or use another vSwitch.',
  ),
  'InvalidIp.Address': vendor(
    400,
    'The IP address is not one that can be used in the vSwitch: {ip}.',
    'Take an address of the block; the first and the last three are reserved.',
  ),
  'InvalidIp.IpAssigned': vendor(400, 'The IP address is assigned already: {ip}.', 'Take another address.'),
  'InvalidOperation.InvalidEniState': vendor(
    403,
    'The state of the network interface does not allow the operation: {state}.',
    'Detach it first: delete its permissions with Force, or end what uses it.',
  ),
  'InvalidOperation.EniInUse': ours(
    403,
    'The account uses the network interface that the permission is for.',
    'Send Force=true to detach it.',
  ),
  'InvalidEniPermissionId.NotFound': ours(
    404,
    'The specified permission of a network interface does not exist.',
    'Check the permission id and the region.',
  ),
} as const;
