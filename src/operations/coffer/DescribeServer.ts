import { isoSeconds } from '../../core/time.ts';
import { optional, out } from '../../schema/output.ts';
import { reads, serverArn } from './_product.ts';

export const DescribeServer = reads({
  product: 'Coffer',
  name: 'DescribeServer',
  origin: 'extension',
  title: 'Describes the server that answers: version, mode, clock, storage, HSMs',
  input: {},
  output: {
    Version: out.text('Version of Coffer.'),
    Mode: out.text('`production` or `development`.'),
    RegionId: out.text('The region served.'),
    StartTime: out.text('When this process started (service time).'),
    Now: out.text('The service time.'),
    ClockOffsetSeconds: out.integer(
      'How far the service time is ahead of the wall clock; 0 unless a development server was moved.',
    ),
    Storage: out.text('Kind of database.'),
    Hsms: out.list('HSMs this process supervises.', 'Hsm', {
      DeviceId: out.text('Id of the device.'),
      State: out.text('`idle`, `up`, `suspect` or `down`.'),
      ProcessId: optional(out.integer('Process that holds the PKCS#11 module.')),
    }),
  },
  permissions: [
    {
      action: 'coffer:DescribeServer',
      resource: 'acs:coffer:{region}:{account}:server',
      arns: ({ ctx }) => serverArn(ctx.place, ctx.region),
    },
  ],
  throttle: 'query',
  errors: [],
  handle: async (ctx) => {
    const status = await ctx.ports.status();
    return {
      Version: status.version,
      Mode: status.mode,
      RegionId: status.region,
      StartTime: isoSeconds(status.startedAt),
      Now: isoSeconds(ctx.now),
      ClockOffsetSeconds: Math.round((ctx.ports.clock?.offsetMs() ?? 0) / 1000),
      Storage: status.storage,
      Hsms: status.hsms.map((hsm) => ({ DeviceId: hsm.deviceId, State: hsm.state, ProcessId: hsm.pid })),
    };
  },
});
