import { ours, vendor } from '../row.ts';

/** Errors of the HSM service 2018-01-11. What the vendor publishes of them is next to nothing. */
export const HSM_ERRORS = {
  'InvalidInstance.NotFound': vendor(
    404,
    'The specified HSM instance is not found.',
    'Check the instance id and region.',
  ),
  'InvalidCluster.NotFound': ours(404, 'The specified HSM cluster is not found.', 'Check the cluster id and region.'),
  'InvalidHsmModel.NotFound': ours(
    404,
    'No HSM model of this name is configured.',
    'DescribeHsmModels lists the models; operators configure them.',
  ),
  'InvalidHsmUser.NotFound': ours(404, 'The HSM has no user of this name.', 'DescribeHsmUsers lists the users.'),
  HsmCapacityExceeded: ours(
    409,
    'Every HSM of the model is taken.',
    'Release an HSM, or have the operator configure more.',
  ),
  IncorrectInstanceStatus: ours(
    409,
    'The status of the HSM does not allow this: {id} is {state}.',
    'See the table of HSM states.',
  ),
  IncorrectClusterStatus: ours(
    409,
    'The status of the cluster does not allow this: {id} is {state}.',
    'See the table of cluster states.',
  ),
  InstanceInCluster: ours(
    409,
    '{id} belongs to the cluster {cluster}.',
    'Remove it from the cluster first, or change the cluster instead.',
  ),
  InstanceNotInCluster: ours(409, '{id} does not belong to the cluster.', 'Name a member of the cluster.'),
  InstanceInitialized: ours(
    409,
    '{id} is initialised already: it has keys or users of its own.',
    'Reset it first. All keys and users in it are then gone for good.',
  ),
  InstanceNotInitialized: ours(
    409,
    '{id} is not initialised.',
    'Take it over as officer first: InitializeInstanceAdmin.',
  ),
  HsmModelMismatch: ours(
    409,
    'HSMs of different vendors cannot be in one cluster.',
    'Take all HSMs of a cluster from models of one vendor.',
  ),
  'OperationConflict.Hsm': ours(409, 'Another call is working on the HSM.', 'Try again in a moment.'),
  InsufficientClusterVSwitches: ours(
    409,
    'The cluster has one vSwitch; two are needed.',
    'Add a second vSwitch with ConfigureCluster.',
  ),
  InvalidClusterVSwitches: ours(
    400,
    'The vSwitches do not fit the cluster: {why}.',
    'Name all vSwitches the cluster has, then new ones, all of its VPC.',
  ),
  InvalidWhiteList: ours(
    400,
    'The whitelist is not valid.',
    'At most 10 IPv4 addresses and CIDR blocks, separated by commas; 0.0.0.0/0 is not accepted.',
  ),
  InvalidIssuerCertificate: ours(
    400,
    'The issuer certificate does not fit: {why}.',
    'Send the self-signed RSA certificate that issued the cluster certificate.',
  ),
  InvalidSignedCertificate: ours(
    400,
    'The cluster certificate does not fit: {why}.',
    "Sign the cluster's request (ClusterCsr) with the issuer's key.",
  ),
  MasterNotLast: ours(
    409,
    'The master can leave only as the last member.',
    'Remove the other members first, or choose another master.',
  ),
  ClusterInUse: ours(
    409,
    'A private key store is connected to {cluster}, whose last HSM this is.',
    'Disconnect the key store first. Without the last HSM its keys are lost for good.',
  ),
  ClusterNotEmpty: ours(409, 'There are HSMs in the cluster.', 'Remove them first; the master last.'),
  HsmUserExists: ours(
    409,
    'The HSM has a user of this name.',
    'Set its password with ChangeHsmUserPassword, or delete it first.',
  ),
  HsmUserRefused: ours(400, 'The HSM does not take this user: {why}.', 'See the limits of name and password.'),
  HsmUnreachable: ours(
    503,
    'The HSM does not answer or is not fit for use: {reason}.',
    'Try again; the operator finds the reason in the server log and with `coffer doctor`.',
  ),
} as const;
