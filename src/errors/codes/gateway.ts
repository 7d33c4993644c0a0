import { ours, vendor } from '../row.ts';

/** Errors any call can meet before its operation runs. */
export const GATEWAY_ERRORS = {
  'InvalidAccessKeyId.NotFound': vendor(404, 'Specified access key is not found.', 'Check the AccessKey id.'),
  'InvalidAccessKeyId.Inactive': vendor(
    400,
    'Specified access key is disabled.',
    'Enable the AccessKey or use another.',
  ),
  SignatureDoesNotMatch: vendor(
    400,
    'Specified signature is not matched with our calculation. server string to sign is:{stringToSign}',
    'Check the AccessKey secret; compare the string to sign with your own.',
  ),
  IncompleteSignature: vendor(
    400,
    'The request signature does not conform to Alibaba Cloud standards. {detail}',
    'Sign with an official SDK, or see the signature page.',
  ),
  InvalidSignatureMethod: vendor(
    400,
    'The specified signature method is not supported. {detail}',
    'Use HMAC-SHA1, ACS3-HMAC-SHA256 or ACS3-HMAC-SM3.',
  ),
  'InvalidTimeStamp.Expired': vendor(
    400,
    'Specified time stamp or date value is expired.',
    'Set the client clock; at most 15 minutes may pass.',
  ),
  'InvalidTimeStamp.Format': vendor(
    400,
    'Specified time stamp or date value is not well formatted.',
    'Write it as 2026-03-01T08:00:00Z.',
  ),
  IllegalTimestamp: vendor(
    400,
    'The input parameter "Timestamp" that is mandatory for processing this request is not supplied.',
    'Send Timestamp or x-acs-date.',
  ),
  SignatureNonceUsed: vendor(
    400,
    'Specified signature nonce was used already.',
    'Make a new nonce for every request, retries included.',
  ),
  'InvalidSecurityToken.Expired': vendor(400, 'Specified SecurityToken is expired.', 'Assume the role again.'),
  'InvalidSecurityToken.Malformed': vendor(
    400,
    'Specified SecurityToken is malformed.',
    'Send the token as AssumeRole returned it.',
  ),
  'InvalidSecurityToken.MismatchWithAccessKey': vendor(
    400,
    'Specified SecurityToken mismatch with the AccessKey.',
    'Use key id, secret and token of one AssumeRole answer.',
  ),
  MissingSecurityToken: vendor(
    400,
    'SecurityToken is mandatory for this action.',
    'Send the token that came with the temporary AccessKey.',
  ),
  MissingAction: vendor(400, 'Action is mandatory for this action.', 'Name the operation in Action or x-acs-action.'),
  MissingVersion: vendor(400, 'Version is mandatory for this action.', 'Send the API version of the product.'),
  MissingAccessKeyId: vendor(400, 'AccessKeyId is mandatory for this action.', 'Sign the request.'),
  'InvalidAction.NotFound': vendor(
    404,
    'Specified api is not found, please check your url and method.',
    'Check the operation name; names are case-sensitive. The coverage page lists what exists.',
  ),
  InvalidVersion: vendor(
    400,
    'Specified parameter Version is not valid.',
    'The coverage page lists products and versions.',
  ),
  UnsupportedHTTPMethod: vendor(
    403,
    'This http method is not supported. {detail}',
    'Use GET or POST; POST for what carries a password.',
  ),
  AnswerNotInXml: ours(
    400,
    'The answer holds characters that XML cannot carry.',
    'Ask for Format=JSON. The call itself has succeeded.',
  ),
  InvalidPath: ours(404, 'The path of an RPC request is "/".', 'Send the request to the root path of the endpoint.'),
  NotThisMachine: ours(
    403,
    'This page is for requests that name this machine.',
    'Ask for it at 127.0.0.1, [::1] or localhost, on the machine itself.',
  ),
  RequestTooLarge: ours(413, 'The request is larger than {limit} bytes.', 'Send less in one call.'),
  RequestHeaderTooLarge: ours(
    431,
    'The request line and headers are larger than the server accepts.',
    'Send large parameters in the form body.',
  ),
  MalformedRequest: ours(400, 'The request cannot be read: {detail}', 'Check the encoding of query, form and headers.'),
  DuplicateParameter: ours(
    400,
    'The parameter "{name}" is given twice with different values.',
    'Send each parameter once.',
  ),
  IdempotentParameterMismatch: vendor(
    400,
    'The request uses the same client token as a previous, but non-identical request. ({name})',
    'Use a new token for a different call.',
  ),
  'Throttling.User': vendor(429, 'Request was denied due to user flow control.', 'Slow down, then try again.'),
  RequestTimeout: ours(408, 'The request did not arrive in time.', 'Try again.'),
  ServiceUnavailable: vendor(503, 'The request has failed due to a temporary failure of the server.', 'Try again.'),
  InternalError: vendor(500, 'An internal error occurred.', 'Look for the request id in the server log.'),
} as const;
