import { ours, vendor } from '../row.ts';

/** Errors of KMS 2016-01-20, the key store operations included. */
export const KMS_ERRORS = {
  InternalFailure: vendor(500, 'Internal Failure.', 'Look for the request id in the server log.'),
  ServiceUnavailableTemporary: vendor(503, 'Service Unavailable Temporary.', 'Try again; see the key store health.'),
  MissingParameter: vendor(400, 'The parameter "{name}" is needed but not provided.', 'Send the parameter.'),
  InvalidParameter: vendor(
    400,
    'The specified parameter "{name}" is not valid.',
    'See the limits of the parameter in the reference.',
  ),
  ParseRequestParameterException: vendor(400, 'The specified parameter "{name}" cannot be parsed.', 'Send valid JSON.'),
  'Forbidden.NoPermission': vendor(
    403,
    'This operation for {resource} is forbidden by permission system.',
    'Attach the statement that the diagnostic names.',
  ),
  'Forbidden.KeyNotFound': vendor(404, 'The specified Key is not found.', 'Check the key id, region and account.'),
  'Forbidden.KeyVersionNotFound': vendor(404, 'The specified Key version is not found.', 'List the key versions.'),
  'Forbidden.AliasNotFound': vendor(404, 'The specified Alias is not found.', 'List the aliases.'),
  'Forbidden.ResourceNotFound': vendor(404, 'Resource not found.', 'Check the name.'),
  'Rejected.LimitExceeded': vendor(
    400,
    'The quota of {what} is used up.',
    'Delete what is not needed, or raise the quota in the configuration.',
  ),
  AliasAlreadyExists: vendor(400, 'AliasName Already Exists.', 'Choose another name or update the alias.'),
  'Unsupported.ProtectionLevel': vendor(400, 'This protection level is not valid for this region', ''),
  UnsupportedOperation: vendor(
    400,
    'Rejected.UnsupportedOperation',
    'The key or store does not support this operation.',
  ),
  'Rejected.StateModifiedFailed': vendor(409, 'Keystate modified failed.', 'See the table of key states.'),
  'Rejected.Disabled': vendor(409, 'The request was rejected because the key state is Disabled.', 'Enable the key.'),
  'Rejected.PendingDeletion': vendor(
    409,
    'The request was rejected because the key state is PendingDeletion.',
    'Cancel the deletion.',
  ),
  'Rejected.PendingImport': vendor(
    409,
    'The request was rejected because the key state is PendingImport.',
    'Import key material.',
  ),
  'Rejected.ResourceExist': vendor(409, 'The resource already exists.', 'Choose another name.'),
  'Rejected.Throttling': vendor(429, 'QPS Limit Exceeded', 'Slow down, then try again.'),
  DryRunOperationError: vendor(
    400,
    'The request would have succeeded, but DryRun is set.',
    'Leave DryRun out to do it.',
  ),
  ValidationError: vendor(400, 'The parameters of the dry run are not valid: {detail}', ''),
  AccessDeniedError: vendor(403, 'The dry run is not permitted: {detail}', ''),
  'Forbidden.DKMSInstanceNotFound': vendor(404, 'The specified KMS instance is not found.', 'Check the key store id.'),
  'Forbidden.KeyStoreNotFound': ours(
    404,
    'The specified key store is not found.',
    'Check the key store id and region.',
  ),
  'Forbidden.HsmClusterNotFound': ours(
    404,
    'The specified HSM cluster is not found.',
    'Check the cluster id and region.',
  ),
  'Forbidden.RamRoleNotFound': vendor(
    403,
    'The service-linked role {role} is missing, so KMS cannot act in the account.',
    'Create the role again with CreateServiceLinkedRole.',
  ),
  InvalidSecurityDomainCertificate: ours(
    400,
    'The security domain certificate is not that of the HSM cluster: {detail}',
    'Send the owner certificate (issuer) that initialised the cluster, as one PEM block.',
  ),
  'Rejected.HsmClusterNotInitialized': ours(
    409,
    'The request was rejected because the HSM cluster "{cluster}" is {state}.',
    'Initialise the cluster first.',
  ),
  'Rejected.HsmClusterInUse': ours(
    409,
    'The request was rejected because the HSM cluster "{cluster}" is bound to another key store.',
    'Use another cluster.',
  ),
  'Rejected.HsmClusterInvalidConfiguration': ours(
    409,
    'The request was rejected because the HSM cluster "{cluster}" cannot serve a key store: {detail}',
    'Repair the cluster.',
  ),
  'Rejected.HsmClusterNotRelated': ours(
    409,
    'The request was rejected because the HSM cluster "{cluster}" is not related to the key store.',
    'Use a cluster with the same owner certificate.',
  ),
  'Rejected.KeyStoreStateInvalid': ours(
    409,
    'The request was rejected because the key store "{store}" is {state}.',
    'See the table of key store states.',
  ),
  'Rejected.KeyStoreDisconnected': ours(
    409,
    'The request was rejected because the key store "{store}" is {state}.',
    'Connect the key store.',
  ),
  'Rejected.KeyStoreNotEmpty': ours(
    409,
    'The request was rejected because the key store "{store}" still holds {count} keys.',
    'Schedule the deletion of its keys and wait for it.',
  ),
  'Rejected.InsufficientHsms': ours(
    409,
    'The request was rejected because {available} of {needed} HSMs needed are available.',
    'Bring the other HSMs back.',
  ),
  'Forbidden.Opened': vendor(400, 'Your kms service has been opened.', 'Nothing to do: KMS is open for the account.'),
} as const;
