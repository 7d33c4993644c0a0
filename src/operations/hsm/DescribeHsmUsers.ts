import { out } from '../../schema/output.ts';
import { onInstance, region } from './_arn.ts';
import { DEVICE_ERRORS, onDevice } from './_device.ts';
import { findInstance, hsmOf, instanceFound, instanceId, officerInCharge } from './_instance.ts';
import { reads } from './_product.ts';

export const DescribeHsmUsers = reads({
  product: 'Hsm',
  name: 'DescribeHsmUsers',
  origin: 'extension',
  title: 'Lists the users of one HSM.',
  notes: "What `listUsers` does in the vendor's management tool.",
  input: { RegionId: region(), InstanceId: instanceId() },
  output: {
    Users: out.plainList('The users, by name.', 'User', {
      UserName: out.text('Name of the user.'),
      UserType: out.text('Always `CU`.'),
      FailedLogins: out.integer('Wrong passwords in a row since the last right one.'),
      Locked: out.flag('Five wrong passwords in a row; ChangeHsmUserPassword unlocks.'),
    }),
  },
  resolve: findInstance,
  permissions: [onInstance('yundun-hsm:DescribeHsmUsers')],
  guards: [instanceFound, officerInCharge],
  throttle: 'query',
  errors: DEVICE_ERRORS,
  handle: async (ctx, _input, named) => {
    const users = await onDevice(() => ctx.ports.devices.admin(hsmOf(named).deviceId).users());
    const sorted = [...users].sort((a, b) => (a.name < b.name ? -1 : 1));
    return {
      Users: sorted.map(({ name, locked, failedLogins }) => ({
        UserName: name,
        UserType: 'CU',
        FailedLogins: failedLogins,
        Locked: locked,
      })),
    };
  },
});
