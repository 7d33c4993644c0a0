/**
 * The steps of a connect, in their order: hsm-clusters 15.2. `connect.ts` walks through them, one file each does the
 * work, and failures name the step.
 */
export const CONNECT_STEPS = [
  'AssumeRole',
  'FindCluster',
  'FindMembers',
  'FindVpc',
  'FindVSwitches',
  'FindParts',
  'SecurityGroup',
  'SecurityRules',
  'NetworkInterfaces',
  'InterfacePermissions',
  'Attach',
  'ReachMembers',
] as const;

export type ConnectStep = (typeof CONNECT_STEPS)[number];
