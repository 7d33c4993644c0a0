import { HSM_INSTANCES } from '../../domain/hsm-service/instance.ts';
import { V_SWITCHES, VPCS } from '../../domain/network/vpc.ts';
import { text } from '../../schema/fields.ts';
import { ADDRESS_ERRORS, placeHsm } from './_address.ts';
import { onInstance, onVSwitch, region } from './_arn.ts';
import {
  findInstance,
  hsmOf,
  instanceId,
  instanceReferences,
  instanceTakes,
  outsideCluster,
  stateAfter,
} from './_instance.ts';
import { writes } from './_product.ts';

/** The vendor takes no address that ends so, whatever the size of the vSwitch. */
const UNUSED_ENDING = /\.25[345]$/;

export const ConfigNetwork = writes({
  product: 'Hsm',
  name: 'ConfigNetwork',
  origin: 'vendor',
  title: 'Enables an HSM: gives it an address in a VPC.',
  notes: 'Also moves an HSM that has an address, as long as it is in no cluster.',
  input: {
    RegionId: region(),
    InstanceId: instanceId(),
    VpcId: text({ doc: 'The VPC.', required: true, max: 64 }),
    VSwitchId: text({ doc: 'The vSwitch.', required: true, max: 64 }),
    Ip: text({
      doc: 'The address, free and not ending in .253, .254 or .255; the lowest free one when left out.',
      max: 15,
    }),
  },
  output: {},
  resolve: findInstance,
  permissions: [onInstance('yundun-hsm:ConfigNetwork'), onVSwitch('yundun-hsm:ConfigNetwork')],
  guards: [instanceTakes('configure-network'), outsideCluster],
  throttle: 'management',
  errors: [...ADDRESS_ERRORS, 'InvalidVpcID.NotFound', 'InvalidVSwitchId.NotFound'],
  references: instanceReferences,
  handle: async (ctx, input, named) => {
    const hsm = hsmOf(named);
    if ((await ctx.tx.get(VPCS, ctx.place, input.VpcId)) === undefined) throw ctx.fail('InvalidVpcID.NotFound');
    const vSwitch = await ctx.tx.get(V_SWITCHES, ctx.place, input.VSwitchId);
    if (vSwitch?.vpcId !== input.VpcId) throw ctx.fail('InvalidVSwitchId.NotFound');
    if (input.Ip !== undefined && UNUSED_ENDING.test(input.Ip)) throw ctx.fail('InvalidIp.Address', { ip: input.Ip });
    const network = await placeHsm(ctx.tx, ctx.place, hsm, vSwitch, input.Ip);
    await ctx.tx.update(HSM_INSTANCES, ctx.place, { ...hsm, state: stateAfter(hsm, 'configure-network'), network });
    return {};
  },
});
