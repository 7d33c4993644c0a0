import { ours } from '../row.ts';

/** Errors of ActionTrail 2020-07-06 and of Coffer's own operations. */
export const TRAIL_ERRORS = {
  InvalidLookupAttribute: ours(
    400,
    'What is looked up cannot be asked so: {detail}',
    'Send StartTime and EndTime together, in order, and attributes in one of the allowed pairs.',
  ),
  InvalidNextToken: ours(
    400,
    'The NextToken is not one of ours.',
    'Send the token of the previous answer, with the other parameters unchanged.',
  ),
  ClockNotMovable: ours(
    403,
    'This server was not started for development, so its clock cannot be moved.',
    'Start it with mode: development.',
  ),
} as const;
