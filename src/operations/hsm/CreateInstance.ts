import { plainId } from '../../core/ids.ts';
import { HSM_INSTANCES } from '../../domain/hsm-service/instance.ts';
import { clientToken, text } from '../../schema/fields.ts';
import { out } from '../../schema/output.ts';
import { onAny, region } from './_arn.ts';
import { DEVICE_ERRORS, onDevice } from './_device.ts';
import { writes } from './_product.ts';

export const CreateInstance = writes({
  product: 'Hsm',
  name: 'CreateInstance',
  origin: 'vendor',
  title: 'Takes an HSM of a configured model.',
  notes:
    "The vendor's operation buys an HSM; here Model names what operators have configured (DescribeHsmModels). The HSM is `PENDING` until ConfigNetwork gives it an address.",
  input: {
    RegionId: region(),
    Model: text({ doc: 'Name of a configured model.', required: true, max: 32 }),
    Remark: text({ doc: 'Free text.', max: 255 }),
    ClientToken: clientToken(),
  },
  output: { InstanceId: out.text('Id of the HSM.') },
  permissions: [onAny('yundun-hsm:CreateInstance', 'instance')],
  throttle: 'management',
  errors: DEVICE_ERRORS,
  prepare: async (ctx, input) => {
    const { devices } = ctx.ports;
    const device = await onDevice(() => devices.provision(input.Model));
    ctx.onEnd((end) => (end === 'undone' ? devices.release(device.deviceId) : undefined));
    return device;
  },
  handle: async (ctx, input, _resolved, device) => {
    const instanceId = plainId('hsm', ctx.ports.random);
    await ctx.tx.insert(HSM_INSTANCES, ctx.place, {
      instanceId,
      model: input.Model,
      vendor: device.vendor,
      deviceId: device.deviceId,
      serial: device.serial,
      state: 'PENDING',
      initialised: false,
      users: [],
      remark: input.Remark ?? '',
      whitelist: [],
      createdAt: ctx.now.getTime(),
    });
    ctx.refer('ACS::HSM::Instance', instanceId);
    return { InstanceId: instanceId };
  },
});
