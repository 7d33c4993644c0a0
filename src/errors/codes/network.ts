import { vendor } from '../row.ts';

/** Errors of ECS 2014-05-26 and VPC 2016-04-28. */
export const NETWORK_ERRORS = {
  'Forbidden.RAM': vendor(
    403,
    'User not authorized to operate on the specified resource, or this API does not support RAM.{detail}',
    'Attach the statement that the diagnostic names.',
  ),
} as const;
