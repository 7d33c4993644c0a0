import { kmsArn } from '../../core/arn.ts';
import { isoSeconds } from '../../core/time.ts';
import type { KeyRecord } from '../../domain/kms/key.ts';
import { optional, out } from '../../schema/output.ts';

/** `KeyMetadata` as CreateKey returns it. */
export const keyMetadata = {
  KeyId: out.text('Id of the key.'),
  Arn: out.text('ARN of the key.'),
  CreationDate: out.text('When the key was made.'),
  Creator: out.text('Account id of whoever made the key.'),
  Description: out.text('Free text, may be empty.'),
  KeySpec: out.text('Kind of key.'),
  KeyState: out.text('`Enabled`, `Disabled`, `PendingDeletion`, `PendingImport`.'),
  KeyUsage: out.text('`ENCRYPT/DECRYPT` or `SIGN/VERIFY`.'),
  Origin: out.text('Where the material comes from: `Aliyun_KMS`, `EXTERNAL`.'),
  ProtectionLevel: out.text('`SOFTWARE`, or `HSM` for keys of private key stores.'),
  LastRotationDate: out.text('When the newest version was made.'),
  DeleteDate: out.text('When the key will be destroyed; empty unless its deletion is scheduled.'),
  MaterialExpireTime: out.text('When imported material expires; empty when it never does.'),
  AutomaticRotation: out.text('`Enabled`, `Disabled` or `Suspended`.'),
  PrimaryKeyVersion: out.text('Version that new messages are encrypted under.'),
  DKMSInstanceId: optional(out.text('Private key store of the key; absent for the default store.')),
};

/** The metadata of a record. */
export function metadataOf(ctx: { readonly region: string; readonly account: string }, key: KeyRecord) {
  return {
    KeyId: key.keyId,
    Arn: kmsArn(ctx.region, ctx.account, `key/${key.keyId}`),
    CreationDate: isoSeconds(new Date(key.createdAt)),
    Creator: key.creator,
    Description: key.description,
    KeySpec: key.keySpec,
    KeyState: key.state,
    KeyUsage: key.keyUsage,
    Origin: key.origin,
    ProtectionLevel: key.protectionLevel,
    LastRotationDate: isoSeconds(new Date(key.lastRotatedAt)),
    DeleteDate: key.deleteAt === undefined ? '' : isoSeconds(new Date(key.deleteAt)),
    MaterialExpireTime: '',
    AutomaticRotation: 'Disabled',
    PrimaryKeyVersion: key.primaryVersionId,
    DKMSInstanceId: key.keyStoreId,
  };
}
