import { onInstance, region } from './_arn.ts';
import { claimed, DEVICE_ERRORS } from './_device.ts';
import { requireUser, userName, userPassword } from './_hsm-user.ts';
import { findInstance, hsmOf, instanceId, instanceReferences, instanceTakes, officerInCharge } from './_instance.ts';
import { writes } from './_product.ts';

export const ChangeHsmUserPassword = writes({
  product: 'Hsm',
  name: 'ChangeHsmUserPassword',
  origin: 'extension',
  postOnly: true,
  title: "Sets a user's password anew on one HSM, and unlocks the user.",
  notes:
    "What `changePswd CU` does in the vendor's management tool. On this HSM only: repeat it on every member of a cluster.",
  input: { RegionId: region(), InstanceId: instanceId(), UserName: userName(), Password: userPassword() },
  output: {},
  resolve: findInstance,
  permissions: [onInstance('yundun-hsm:ChangeHsmUserPassword')],
  guards: [instanceTakes('administer'), officerInCharge],
  throttle: 'management',
  errors: [...DEVICE_ERRORS, 'InvalidHsmUser.NotFound'],
  references: instanceReferences,
  prepare: async (ctx, input, named) => {
    const hsm = hsmOf(named);
    requireUser(hsm, input.UserName);
    await claimed(ctx, [hsm], () =>
      ctx.ports.devices.admin(hsm.deviceId).setUserPassword(input.UserName, input.Password),
    );
  },
  handle: async () => ({}),
});
