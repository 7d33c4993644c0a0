import { MAX_USERS } from '../../domain/hsm-devices.ts';
import { choice } from '../../schema/fields.ts';
import { onInstance, region } from './_arn.ts';
import { claimed, DEVICE_ERRORS } from './_device.ts';
import { saveUsers, userName, userPassword } from './_hsm-user.ts';
import { findInstance, hsmOf, instanceId, instanceReferences, instanceTakes, officerInCharge } from './_instance.ts';
import { writes } from './_product.ts';

export const CreateHsmUser = writes({
  product: 'Hsm',
  name: 'CreateHsmUser',
  origin: 'extension',
  postOnly: true,
  title: 'Makes a user on one HSM.',
  notes:
    "What `createUser CU` does in the vendor's management tool. Users are not synchronised: a user made before a second HSM joins the cluster is copied with everything else, one made afterwards exists on this HSM only. Five wrong passwords in a row lock a user.",
  input: {
    RegionId: region(),
    InstanceId: instanceId(),
    UserType: choice(['CU'], { doc: 'Crypto user: makes and uses keys.', fallback: 'CU' }),
    UserName: userName(),
    Password: userPassword(),
  },
  output: {},
  resolve: findInstance,
  permissions: [onInstance('yundun-hsm:CreateHsmUser')],
  guards: [instanceTakes('administer'), officerInCharge],
  throttle: 'management',
  errors: [...DEVICE_ERRORS, 'HsmUserExists', 'HsmUserRefused'],
  references: instanceReferences,
  prepare: async (ctx, input, named) => {
    const hsm = hsmOf(named);
    if (hsm.users.includes(input.UserName)) throw ctx.fail('HsmUserExists');
    if (hsm.users.length >= MAX_USERS) throw ctx.fail('HsmUserRefused', { why: `it has ${MAX_USERS} users` });
    await claimed(ctx, [hsm], () =>
      ctx.ports.devices.admin(hsm.deviceId).setUserPassword(input.UserName, input.Password),
    );
  },
  handle: async (ctx, input, named) => {
    const hsm = hsmOf(named);
    await saveUsers(ctx.tx, ctx.place, hsm, [...hsm.users, input.UserName]);
    return {};
  },
});
