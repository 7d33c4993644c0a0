import { onInstance, region } from './_arn.ts';
import { findInstance, instanceId, instanceReferences, instanceTakes, outsideCluster } from './_instance.ts';
import { writes } from './_product.ts';
import { WIPE_ERRORS, wipesBy } from './_wipe.ts';

export const ResetPausedInstance = writes({
  product: 'Hsm',
  name: 'ResetPausedInstance',
  origin: 'vendor',
  title: 'Destroys everything in a paused HSM and puts it back into service.',
  notes: 'As ResetInstance.',
  input: { RegionId: region(), InstanceId: instanceId() },
  output: {},
  resolve: findInstance,
  permissions: [onInstance('yundun-hsm:ResetPausedInstance')],
  guards: [instanceTakes('reset-paused'), outsideCluster],
  throttle: 'management',
  errors: WIPE_ERRORS,
  references: instanceReferences,
  handle: wipesBy('reset-paused'),
});
