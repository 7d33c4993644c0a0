import { isoSeconds } from '../../core/time.ts';
import { integer } from '../../schema/fields.ts';
import { out } from '../../schema/output.ts';
import { serverArn, writes } from './_product.ts';

const YEAR_SECONDS = 366 * 24 * 60 * 60;
/** All moves together: times stay far from years that have five digits. */
const MOST_MS = 100 * YEAR_SECONDS * 1000;

export const AdvanceClock = writes({
  product: 'Coffer',
  name: 'AdvanceClock',
  origin: 'extension',
  title: 'Moves the clock of a development server forward',
  notes:
    'Only a server started with `mode: development` accepts this. Windows and schedules then fall due at once. Request signatures are still judged by the wall clock. All moves together reach 100 years at most. The move survives restarts and is shown in status and in every later audit event.',
  input: { Seconds: integer({ doc: 'How far to move, in seconds.', required: true, min: 1, max: 10 * YEAR_SECONDS }) },
  output: {
    Now: out.text('The service time after the move.'),
    OffsetSeconds: out.integer('How far the service time is now ahead of the wall clock.'),
  },
  permissions: [
    {
      action: 'coffer:AdvanceClock',
      resource: 'acs:coffer:{region}:{account}:server',
      arns: ({ ctx }) => serverArn(ctx.place, ctx.region),
    },
  ],
  throttle: 'management',
  errors: ['ClockNotMovable', 'InvalidParameter'],
  handle: async (ctx, input) => {
    const { clock } = ctx.ports;
    if (clock === undefined) throw ctx.fail('ClockNotMovable');
    const offsetMs = await clock.advance(ctx.tx, input.Seconds * 1000);
    if (offsetMs > MOST_MS) throw ctx.fail('InvalidParameter', { name: 'Seconds' });
    return {
      Now: isoSeconds(new Date(ctx.now.getTime() + input.Seconds * 1000)),
      OffsetSeconds: Math.round(offsetMs / 1000),
    };
  },
});
