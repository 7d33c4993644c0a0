import { kmsArn } from '../../core/arn.ts';
import { timedId } from '../../core/ids.ts';
import { uuid } from '../../core/random.ts';
import { lookup } from '../../core/table.ts';
import { DEFAULT_KEY_SPEC, KEY_SPECS, type KeySpec } from '../../crypto/key-specs.ts';
import { KEY_VERSIONS, KEYS, type KeyMaterial } from '../../domain/kms/key.ts';
import type { KeyStoreRecord } from '../../domain/kms/key-store.ts';
import type { Place, Reader } from '../../domain/storage.ts';
import { fail } from '../../errors/fault.ts';
import { flag, text } from '../../schema/fields.ts';
import { out } from '../../schema/output.ts';
import { MATERIAL_ERRORS, withBackend } from './_key-material.ts';
import { keyMetadata, metadataOf } from './_key-metadata.ts';
import { findStore, type StoreName } from './_key-store.ts';
import { type KmsPorts, writes } from './_product.ts';
import { tagsJson } from './_tags.ts';

interface Home {
  /** What the caller named as the key's store. */
  readonly named: StoreName | undefined;
  readonly store: KeyStoreRecord | undefined;
}

interface Prepared {
  readonly keyId: string;
  readonly versionId: string;
  readonly material: KeyMaterial;
  /** The store's, when the material was made. */
  readonly epoch: number | undefined;
}

interface Order {
  readonly KeySpec: string;
  readonly KeyUsage: string | undefined;
  readonly Origin: string;
  readonly ProtectionLevel: string | undefined;
  readonly EnableAutomaticRotation: boolean | undefined;
  readonly RotationInterval: string | undefined;
  readonly KeyStorageMechanism: string | undefined;
  readonly Policy: string | undefined;
  readonly DKMSInstanceId: string | undefined;
  readonly KeyStoreId: string | undefined;
}

const badly = (name: string) => fail('InvalidParameter', { name });

/** The spec asked for; refuses what cannot be done yet rather than leave it out in silence. */
function specOf(order: Order, inStore: boolean): KeySpec {
  if (order.KeyStoreId !== undefined && order.KeyStoreId !== (order.DKMSInstanceId ?? order.KeyStoreId)) {
    throw badly('KeyStoreId');
  }
  const spec = lookup(KEY_SPECS, order.KeySpec);
  if (spec === undefined) throw badly('KeySpec');
  if (order.KeyUsage !== undefined && !spec.usages.some((usage) => usage === order.KeyUsage)) throw badly('KeyUsage');
  if (order.Origin !== 'Aliyun_KMS') throw inStore ? fail('UnsupportedOperation') : badly('Origin');
  if (order.EnableAutomaticRotation === true) {
    throw inStore ? fail('UnsupportedOperation') : badly('EnableAutomaticRotation');
  }
  if (order.RotationInterval !== undefined) throw badly('RotationInterval');
  if (order.Policy !== undefined) throw badly('Policy');
  if (order.KeyStorageMechanism !== undefined && !(inStore && order.KeyStorageMechanism === 'HsmEncryptedDatabase')) {
    throw badly('KeyStorageMechanism');
  }
  if (order.ProtectionLevel !== undefined && !['SOFTWARE', 'HSM'].includes(order.ProtectionLevel)) {
    throw badly('ProtectionLevel');
  }
  if (!inStore && order.ProtectionLevel === 'HSM') throw fail('Unsupported.ProtectionLevel');
  return spec;
}

async function withinQuota(read: Reader, place: Place, ports: KmsPorts): Promise<void> {
  if ((await read.count(KEYS, place)) >= ports.quotas.keys) throw fail('Rejected.LimitExceeded', { what: 'keys' });
}

export const CreateKey = writes({
  product: 'Kms',
  name: 'CreateKey',
  origin: 'vendor',
  title: 'Makes a key, in the default store or in a private key store.',
  notes:
    'Of the key specs of the vendor, the AES ones exist. Imported material, automatic rotation, key policies and `HsmInternal` are refused, not ignored. Keys of a private key store are born in an HSM and have the protection level HSM whatever was sent; the default store has SOFTWARE only.',
  input: {
    Description: text({ doc: 'Free text.', max: 8192 }),
    KeySpec: text({
      doc: 'Kind of key: `Aliyun_AES_256`, `Aliyun_AES_192`, `Aliyun_AES_128`.',
      fallback: DEFAULT_KEY_SPEC,
      max: 64,
    }),
    KeyUsage: text({ doc: 'What the key is for: `ENCRYPT/DECRYPT`. Default: what the spec can do.', max: 64 }),
    Origin: text({ doc: 'Where the material comes from: `Aliyun_KMS`.', fallback: 'Aliyun_KMS', max: 64 }),
    ProtectionLevel: text({ doc: '`SOFTWARE` or `HSM`; follows from the store, so leave it out.', max: 64 }),
    EnableAutomaticRotation: flag({ doc: 'Must be false.' }),
    RotationInterval: text({ doc: 'Not supported.', max: 64 }),
    DKMSInstanceId: text({ doc: 'Private key store that shall hold the key: its id or its ARN.', max: 128 }),
    KeyStoreId: text({ doc: 'Another name for DKMSInstanceId.', max: 128 }),
    KeyStorageMechanism: text({
      doc: '`HsmEncryptedDatabase`, in a private key store only: keys are kept wrapped.',
      max: 64,
    }),
    Tags: tagsJson(false),
    Policy: text({ doc: 'Not supported.', max: 32_768 }),
  },
  output: { KeyMetadata: out.object('The new key.', keyMetadata) },
  resolve: async (ctx, input): Promise<Home> => {
    const sent = input.DKMSInstanceId ?? input.KeyStoreId;
    const named = sent === undefined ? undefined : await findStore(ctx, sent);
    return { named, store: named?.record };
  },
  permissions: [
    {
      action: 'kms:CreateKey',
      resource: 'acs:kms:{region}:{account}:key',
      arns: ({ ctx }) => kmsArn(ctx.region, ctx.account, 'key'),
    },
    {
      action: 'kms:CreateKey',
      resource: 'acs:kms:{region}:{account}:keystore/{DKMSInstanceId}',
      arns: ({ resolved }) => resolved.named?.arn ?? [],
      when: ({ resolved }) => resolved.named !== undefined,
    },
  ],
  guards: [
    {
      errors: ['Forbidden.DKMSInstanceNotFound', 'Rejected.KeyStoreDisconnected'],
      doc: 'The private key store named exists and is Connected.',
      check: ({ named, store }) => {
        if (named === undefined) return;
        if (store === undefined) throw fail('Forbidden.DKMSInstanceNotFound');
        if (store.connection !== 'Connected') {
          throw fail('Rejected.KeyStoreDisconnected', { store: store.keyStoreId, state: store.connection });
        }
      },
    },
  ],
  throttle: 'management',
  errors: [
    ...MATERIAL_ERRORS,
    'InvalidParameter',
    'UnsupportedOperation',
    'Unsupported.ProtectionLevel',
    'Rejected.LimitExceeded',
    'Rejected.InsufficientHsms',
  ],
  prepare: async (ctx, input, { store }): Promise<Prepared> => {
    const spec = specOf(input, store !== undefined);
    await withinQuota(ctx.read, ctx.place, ctx.ports);
    const { random, backends } = ctx.ports;
    const keyId = timedId('key', ctx.region, ctx.now, random);
    const versionId = uuid(random);
    const backend = store === undefined ? backends.software : backends.store(ctx.place, store);
    const material = await withBackend(() => backend.generate(spec.bits, { place: ctx.place, keyId, versionId }));
    return { keyId, versionId, material, epoch: store?.epoch };
  },
  handle: async (ctx, input, { store }, { keyId, versionId, material, epoch }) => {
    const spec = specOf(input, store !== undefined);
    // Disconnected and connected again since: by now it may be bound to another cluster, where the material is worthless.
    if (store?.epoch !== epoch) throw ctx.fail('ServiceUnavailableTemporary');
    await withinQuota(ctx.tx, ctx.place, ctx.ports);
    const createdAt = ctx.now.getTime();
    const key = {
      keyId,
      keySpec: spec.name,
      keyUsage: spec.usages[0],
      origin: 'Aliyun_KMS',
      protectionLevel: store === undefined ? 'SOFTWARE' : 'HSM',
      creator: ctx.account,
      createdAt,
      description: input.Description ?? '',
      state: 'Enabled',
      primaryVersionId: versionId,
      lastRotatedAt: createdAt,
      tags: input.Tags ?? [],
      ...(store === undefined ? {} : { keyStoreId: store.keyStoreId }),
    } as const;
    await ctx.tx.insert(KEYS, ctx.place, key);
    await ctx.tx.insert(KEY_VERSIONS, ctx.place, { versionId, keyId, createdAt, material });
    ctx.refer('ACS::KMS::Key', keyId);
    return { KeyMetadata: metadataOf(ctx, key) };
  },
});
