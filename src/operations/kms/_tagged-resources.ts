import { kmsArn } from '../../core/arn.ts';
import type { KeyRecord } from '../../domain/kms/key.ts';
import { fail } from '../../errors/fault.ts';
import type { LookupContext } from '../../operation/context.ts';
import type { Guard, Permission } from '../../operation/operation.ts';
import { choice, text } from '../../schema/fields.ts';
import { textList } from '../../schema/list-fields.ts';
import { keyState } from './_key-guards.ts';
import { findKey, keyFound, keyPermission, type NamedKey } from './_key-reference.ts';
import { findStore, storeName } from './_key-store.ts';
import { instanceFound } from './_kms-instance.ts';

/** Most resources in one call. */
export const MAX_RESOURCES = 50;

/** Parameters that the operations on many resources share. */
export const resourcesInput = {
  RegionId: text({ doc: 'Region of the resources: the one the request goes to.', required: true, max: 64 }),
  ResourceType: choice(['key', 'secret', 'instance'], {
    doc: 'Kind of resource. Only keys carry tags so far.',
    required: true,
  }),
};

/** `ResourceId.N`: keys in any form. */
export function resourceIds<const R extends boolean>(required: R) {
  return textList({ doc: 'The keys, in any form.', required, maxItems: MAX_RESOURCES, min: 1, max: 512 });
}

/** The resources of a call. `one` is set while a permission is decided for that one. */
export interface TaggedResources {
  readonly type: 'key' | 'secret' | 'instance';
  readonly sent: readonly string[];
  readonly keys: readonly NamedKey[];
  readonly one?: NamedKey;
}

interface Sent {
  readonly RegionId: string;
  readonly ResourceType: 'key' | 'secret' | 'instance';
  readonly ResourceId: readonly string[] | undefined;
}

/** What stands for a resource of another kind while its permission is decided: no key, at an ARN of its own. */
function nothing(ctx: LookupContext, type: 'secret' | 'instance', id: string): NamedKey {
  const sentArn = type === 'secret' ? kmsArn(ctx.region, ctx.account, `secret/${id}`) : storeName(ctx, id).arn;
  return { by: 'id', sentArn, record: undefined };
}

export async function findResources(ctx: LookupContext, input: Sent): Promise<TaggedResources> {
  if (input.RegionId !== ctx.region) throw fail('InvalidParameter', { name: 'RegionId' });
  const { ResourceType: type, ResourceId: sent = [] } = input;
  const keys: NamedKey[] = [];
  for (const id of new Set(sent)) keys.push(type === 'key' ? await findKey(ctx, id) : nothing(ctx, type, id));
  return { type, sent, keys };
}

const theOne = ({ one }: TaggedResources): NamedKey => {
  if (one === undefined) throw new Error('decided without a resource');
  return one;
};

/** The permission on every resource named. */
export function resourcesPermission<I>(action: `kms:${string}`): Permission<I, TaggedResources> {
  return {
    ...keyPermission<I, TaggedResources>(action, theOne),
    each: ({ resolved }): readonly TaggedResources[] => resolved.keys.map((one) => ({ ...resolved, one })),
  };
}

/** Every resource named is there. */
export const resourcesFound: Guard<TaggedResources> = {
  errors: [
    'Forbidden.KeyNotFound',
    'Forbidden.AliasNotFound',
    'Forbidden.ResourceNotFound',
    'Forbidden.DKMSInstanceNotFound',
  ],
  doc: 'Every resource named exists.',
  check: async ({ type, keys, sent }, ctx) => {
    if (keys.length > 0 && type === 'secret') throw fail('Forbidden.ResourceNotFound');
    if (type === 'instance') for (const id of sent) await instanceFound.check(await findStore(ctx, id), ctx);
    else for (const key of keys) await keyFound((named: NamedKey) => named).check(key, ctx);
  },
};

const describe = keyState('describe', (named: NamedKey) => named);

/** Every key's state lets its tags be changed; other things carry none. */
export const resourcesChangeable: Guard<TaggedResources> = {
  errors: [...describe.errors, 'UnsupportedOperation'],
  doc: `${describe.doc} Other resources carry no tags.`,
  check: async ({ type, keys }, ctx) => {
    if (type !== 'key') throw fail('UnsupportedOperation');
    for (const key of keys) await describe.check(key, ctx);
  },
};

/** The keys that the guards have found, each once however often it was named. */
export function keysOf({ keys }: TaggedResources): readonly KeyRecord[] {
  const found = new Map<string, KeyRecord>();
  for (const { record } of keys) if (record !== undefined) found.set(record.keyId, record);
  return [...found.values()];
}

/** The keys for the audit event. */
export function resourcesReferences({ resolved }: { readonly resolved: TaggedResources }) {
  const ids = keysOf(resolved).map(({ keyId }) => keyId);
  return { ...(ids.length === 0 ? {} : { 'ACS::KMS::Key': ids }) } as Readonly<Record<string, readonly string[]>>;
}
