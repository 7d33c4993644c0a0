import { takeOver } from '../../domain/hsm-service/device-work.ts';
import { HSM_INSTANCES } from '../../domain/hsm-service/instance.ts';
import { fail } from '../../errors/fault.ts';
import { onInstance, region } from './_arn.ts';
import { claimed, DEVICE_ERRORS } from './_device.ts';
import { findInstance, hsmOf, instanceId, instanceReferences, instanceTakes } from './_instance.ts';
import { writes } from './_product.ts';

export const InitializeInstanceAdmin = writes({
  product: 'Hsm',
  name: 'InitializeInstanceAdmin',
  origin: 'extension',
  title: 'Takes an HSM over as its crypto officer.',
  notes:
    "What `loginHSM PRECO admin` and `changePswd PRECO admin` do in the vendor's management tool: the HSM's first officer (PRECO) becomes crypto officer (CO). The officer's PIN is random and sealed by Coffer; who may act as officer is decided by RAM. Needed before users can be made, and before InitializeCluster on the master. On an HSM that is initialised already it is refused and changes nothing.",
  input: { RegionId: region(), InstanceId: instanceId() },
  output: {},
  resolve: findInstance,
  permissions: [onInstance('yundun-hsm:InitializeInstanceAdmin')],
  guards: [
    instanceTakes('administer'),
    {
      errors: ['InstanceInitialized'],
      doc: 'The HSM is not initialised.',
      check: (named) => {
        const hsm = hsmOf(named);
        if (hsm.initialised) throw fail('InstanceInitialized', { id: hsm.instanceId });
      },
    },
  ],
  throttle: 'management',
  errors: DEVICE_ERRORS,
  references: instanceReferences,
  prepare: (ctx, _input, named) => {
    const hsm = hsmOf(named);
    return claimed(ctx, [hsm], () => takeOver(ctx.ports.devices.admin(hsm.deviceId), hsm.clusterId !== undefined));
  },
  handle: async (ctx, _input, named) => {
    const hsm = hsmOf(named);
    await ctx.tx.update(HSM_INSTANCES, ctx.place, { ...hsm, initialised: true });
    return {};
  },
});
