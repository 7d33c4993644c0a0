import { INTERFACE_PERMISSIONS } from '../../domain/network/network-interface.ts';
import { text } from '../../schema/fields.ts';
import { textList } from '../../schema/list-fields.ts';
import { out } from '../../schema/output.ts';
import { pageAnswer, pageNumberInput, pageNumberOutput, pageOf } from '../../schema/page-number.ts';
import { onAny, region } from './_arn.ts';
import { permissionAnswer, permissionMembers } from './_permission-answer.ts';
import { reads } from './_product.ts';

export const DescribeNetworkInterfacePermissions = reads({
  product: 'Ecs',
  name: 'DescribeNetworkInterfacePermissions',
  origin: 'vendor',
  title: 'Lists who may attach interfaces.',
  input: {
    RegionId: region(),
    NetworkInterfaceId: text({ doc: 'Only permissions on this interface.', max: 64 }),
    NetworkInterfacePermissionId: textList({ doc: 'Only these.', maxItems: 100, max: 64 }),
    ...pageNumberInput(100),
  },
  output: {
    NetworkInterfacePermissions: out.list(
      'The permissions on the page.',
      'NetworkInterfacePermission',
      permissionMembers,
    ),
    ...pageNumberOutput,
  },
  permissions: [onAny('ecs:DescribeNetworkInterfacePermissions', 'eni')],
  throttle: 'query',
  errors: [],
  handle: async (ctx, input) => {
    const { NetworkInterfaceId: eni, NetworkInterfacePermissionId: ids } = input;
    const all = await ctx.read.list(
      INTERFACE_PERMISSIONS,
      ctx.place,
      eni === undefined ? {} : { index: 'interface', value: eni },
    );
    const found = all.filter((permission) => ids === undefined || ids.includes(permission.permissionId));
    return {
      NetworkInterfacePermissions: pageOf(found, input.PageNumber, input.PageSize).map(permissionAnswer),
      ...pageAnswer(input, found.length),
    };
  },
});
