import { DAY_MS } from '../../core/time.ts';
import { keyDeletionTask } from '../../domain/kms/key-deletion.ts';
import { integer } from '../../schema/fields.ts';
import { moveKey } from './_key-change.ts';
import { keyState } from './_key-guards.ts';
import { findKey, itself, keyFound, keyId, keyOf, keyPermission, keyReferences } from './_key-reference.ts';
import { writes } from './_product.ts';

export const ScheduleKeyDeletion = writes({
  product: 'Kms',
  name: 'ScheduleKeyDeletion',
  origin: 'vendor',
  title: 'Makes a key unusable now and destroys it after a waiting time.',
  notes:
    'When the time has passed the key, its versions with their material, its aliases and its tags are gone, and an event DeleteKey tells how. What was encrypted under it is lost for good. It works while the private key store of the key is disconnected.',
  input: {
    KeyId: keyId(),
    PendingWindowInDays: integer({
      doc: 'Days until the key is destroyed; until then CancelKeyDeletion brings it back.',
      required: true,
      min: 7,
      max: 366,
    }),
  },
  output: {},
  resolve: (ctx, input) => findKey(ctx, input.KeyId),
  permissions: [keyPermission('kms:ScheduleKeyDeletion', itself)],
  guards: [keyFound(itself), keyState('schedule-deletion', itself)],
  throttle: 'management',
  errors: [],
  references: keyReferences(itself),
  handle: async (ctx, input, named) => {
    const key = keyOf(named);
    const deleteAt = ctx.now.getTime() + input.PendingWindowInDays * DAY_MS;
    await moveKey(ctx.tx, ctx.place, key, 'schedule-deletion', deleteAt);
    await ctx.tx.enqueue(keyDeletionTask(ctx.place, { keyId: key.keyId, deleteAt }));
    return {};
  },
});
