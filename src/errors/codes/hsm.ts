import { vendor } from '../row.ts';

/** Errors of the HSM service 2018-01-11. */
export const HSM_ERRORS = {
  'InvalidInstance.NotFound': vendor(
    404,
    'The specified HSM instance is not found.',
    'Check the instance id and region.',
  ),
} as const;
