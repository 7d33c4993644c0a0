import { onInstance, region } from './_arn.ts';
import { findInstance, instanceId, instanceReferences, instanceTakes, outsideCluster } from './_instance.ts';
import { writes } from './_product.ts';
import { WIPE_ERRORS, wipesBy } from './_wipe.ts';

export const ResetInstance = writes({
  product: 'Hsm',
  name: 'ResetInstance',
  origin: 'vendor',
  title: 'Destroys everything in an HSM: keys, users, certificates.',
  notes:
    'There is no way back. The HSM is `RESET` while it is wiped, then `ACTIVE` with the same address, not initialised. Not for members of a cluster: they leave it first, which wipes them.',
  input: { RegionId: region(), InstanceId: instanceId() },
  output: {},
  resolve: findInstance,
  permissions: [onInstance('yundun-hsm:ResetInstance')],
  guards: [instanceTakes('reset'), outsideCluster],
  throttle: 'management',
  errors: WIPE_ERRORS,
  references: instanceReferences,
  handle: wipesBy('reset'),
});
