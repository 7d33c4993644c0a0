import { accessKeyId, accessKeySecret } from '../../core/ids.ts';
import type { Random } from '../../core/random.ts';
import { Secret } from '../../core/secret.ts';
import type { Sealer } from '../seal.ts';
import { type AccessKeyRecord, accessKeyBinding } from './access-key.ts';

/** Whose key, and when it is made. */
export interface NewAccessKey {
  readonly account: string;
  /** Undefined for the account's root user. */
  readonly userId: string | undefined;
  /** Service time. */
  readonly now: Date;
}

/** A new active AccessKey: the record to keep, with its secret sealed, and the secret to show once. */
export function newAccessKey(
  { account, userId, now }: NewAccessKey,
  random: Random,
  sealer: Sealer,
): { readonly record: AccessKeyRecord; readonly secret: Secret } {
  const id = accessKeyId(random);
  const secret = Secret.ofText(accessKeySecret(random));
  const record: AccessKeyRecord = {
    accessKeyId: id,
    account,
    ...(userId === undefined ? {} : { userId }),
    sealedSecret: sealer.seal(accessKeyBinding(account, id), secret),
    status: 'Active',
    createdAt: now.getTime(),
  };
  return { record, secret };
}
