import { plainId } from '../../core/ids.ts';
import { HSM_INSTANCES } from '../../domain/hsm-service/instance.ts';
import { fail, missingInCode } from '../../errors/fault.ts';
import { clientToken, integer, text } from '../../schema/fields.ts';
import { out } from '../../schema/output.ts';
import { onAny, region } from './_arn.ts';
import { DEVICE_ERRORS, onDevice } from './_device.ts';
import { writes } from './_product.ts';

const withoutEffect = (why: string) => text({ doc: `Without effect: ${why}.`, max: 64 });

interface Order {
  readonly Model: string | undefined;
  readonly HsmDeviceType: string | undefined;
}

function modelOf({ Model, HsmDeviceType }: Order): string {
  const model = Model ?? HsmDeviceType;
  if (model === undefined) throw missingInCode('Model');
  if (model !== (HsmDeviceType ?? model)) throw fail('InvalidHsmModel.NotFound');
  return model;
}

export const CreateInstance = writes({
  product: 'Hsm',
  name: 'CreateInstance',
  origin: 'vendor',
  title: 'Takes an HSM of a configured model.',
  notes:
    "The vendor's operation buys an HSM; here Model names what operators have configured (DescribeHsmModels). The HSM is `PENDING` until ConfigNetwork gives it an address.",
  input: {
    RegionId: region(),
    Model: text({ doc: 'Name of a configured model.', max: 32 }),
    HsmDeviceType: text({ doc: "The vendor's name for Model; give one of them.", max: 32 }),
    Quantity: integer({ doc: 'How many: one.', fallback: 1, min: 1, max: 1 }),
    HsmOem: withoutEffect('the model says whose it is'),
    ZoneId: withoutEffect('the vSwitch of ConfigNetwork says where it stands'),
    Period: withoutEffect('an HSM is not let for a time'),
    PeriodUnit: withoutEffect('an HSM is not let for a time'),
    Remark: text({ doc: 'Free text.', max: 255 }),
    ClientToken: clientToken(),
  },
  output: {
    InstanceId: out.text('Id of the HSM.'),
    InstanceIds: out.plainTextList('The same as a list.', 'InstanceId'),
  },
  permissions: [onAny('yundun-hsm:CreateInstance', 'instance')],
  throttle: 'management',
  errors: DEVICE_ERRORS,
  prepare: async (ctx, input) => {
    const { devices } = ctx.ports;
    const device = await onDevice(() => devices.provision(modelOf(input)));
    ctx.onEnd((end) => (end === 'undone' ? devices.release(device.deviceId) : undefined));
    return device;
  },
  handle: async (ctx, input, _resolved, device) => {
    const instanceId = plainId('hsm', ctx.ports.random);
    await ctx.tx.insert(HSM_INSTANCES, ctx.place, {
      instanceId,
      model: modelOf(input),
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
    return { InstanceId: instanceId, InstanceIds: [instanceId] };
  },
});
