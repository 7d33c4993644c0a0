import { onInstance, region } from './_arn.ts';
import { claimed, DEVICE_ERRORS } from './_device.ts';
import { requireUser, saveUsers, userName } from './_hsm-user.ts';
import { findInstance, hsmOf, instanceId, instanceReferences, instanceTakes, officerInCharge } from './_instance.ts';
import { writes } from './_product.ts';

export const DeleteHsmUser = writes({
  product: 'Hsm',
  name: 'DeleteHsmUser',
  origin: 'extension',
  title: 'Deletes a user from one HSM.',
  notes:
    "What `deleteUser` does in the vendor's management tool. On this HSM only. Logins that are open go on until they end.",
  input: { RegionId: region(), InstanceId: instanceId(), UserName: userName() },
  output: {},
  resolve: findInstance,
  permissions: [onInstance('yundun-hsm:DeleteHsmUser')],
  guards: [instanceTakes('administer'), officerInCharge],
  throttle: 'management',
  errors: [...DEVICE_ERRORS, 'InvalidHsmUser.NotFound'],
  references: instanceReferences,
  prepare: async (ctx, input, named) => {
    const hsm = hsmOf(named);
    requireUser(hsm, input.UserName);
    await claimed(ctx, [hsm], () => ctx.ports.devices.admin(hsm.deviceId).deleteUser(input.UserName));
  },
  handle: async (ctx, input, named) => {
    const hsm = hsmOf(named);
    await saveUsers(
      ctx.tx,
      ctx.place,
      hsm,
      hsm.users.filter((name) => name !== input.UserName),
    );
    return {};
  },
});
