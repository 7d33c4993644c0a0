import { onInstance, region } from './_arn.ts';
import { findInstance, instanceId, instanceReferences, instanceTakes, outsideCluster } from './_instance.ts';
import { writes } from './_product.ts';
import { WIPE_ERRORS, wipesBy } from './_wipe.ts';

export const ReleaseInstance = writes({
  product: 'Hsm',
  name: 'ReleaseInstance',
  origin: 'vendor',
  title: 'Gives an HSM back, wiped.',
  notes:
    'The HSM is `INVALID` while it is wiped, then gone; its address and its place in the stock are free again. Not for members of a cluster. One that is still being wiped can be given back too.',
  input: { RegionId: region(), InstanceId: instanceId() },
  output: {},
  resolve: findInstance,
  permissions: [onInstance('yundun-hsm:ReleaseInstance')],
  guards: [instanceTakes('release'), outsideCluster],
  throttle: 'management',
  errors: WIPE_ERRORS,
  references: instanceReferences,
  handle: wipesBy('release'),
});
