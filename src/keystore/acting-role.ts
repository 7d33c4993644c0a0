import { roleArn } from '../core/arn.ts';
import { KEY_STORE_ROLE, KEY_STORE_SERVICE } from '../domain/kms/key-store-role.ts';
import type { ProductName } from '../domain/products.ts';
import type { Place } from '../domain/storage.ts';
import { Fault } from '../errors/fault.ts';
import type { ServiceClient } from '../operation/service-client.ts';

/** An answer as on the wire: lists wrapped. */
export type WireAnswer = Readonly<Record<string, unknown>>;

/** KMS in an account, with the rights of the account's service-linked role and no others. */
export interface ActingRole {
  /** Calls an operation in the store's region. Throws the operation's fault, {@link RoleMissing} when the role went. */
  call(product: ProductName, operation: string, parameters: Readonly<Record<string, string>>): Promise<WireAnswer>;
}

/** The service-linked role does not exist, or no longer lets KMS in. */
export class RoleMissing extends Error {
  constructor(cause: Fault) {
    super(`KMS cannot act as ${KEY_STORE_ROLE}: ${cause.code}`, { cause });
    this.name = 'RoleMissing';
  }
}

const SESSION_NAME = 'kms-keystore';

/** A session's key id or token that is no longer taken: it has expired, or its role is gone. */
const DEAD_SESSION = /^(InvalidSecurityToken|InvalidAccessKeyId|EntityNotExist\.Role)/;

function isDeadSession(error: unknown): error is Fault {
  return error instanceof Fault && DEAD_SESSION.test(error.code);
}

/** Assumes the account's service-linked role; anew when the session dies. Throws {@link RoleMissing}. */
export async function actAsRole(services: ServiceClient, place: Place): Promise<ActingRole> {
  const arn = roleArn(place.account, KEY_STORE_ROLE);
  const assume = () =>
    services.assume(KEY_STORE_SERVICE, place.account, arn, SESSION_NAME).catch((error: unknown) => {
      throw error instanceof Fault && error.status < 500 ? new RoleMissing(error) : error;
    });
  let session = await assume();
  return {
    call: async (product, operation, parameters) => {
      const call = () => services.call(session, place.region, product, operation, parameters);
      try {
        return await call();
      } catch (error) {
        if (!isDeadSession(error)) throw error;
      }
      // The clock was moved past the session's end, perhaps. Nothing has happened, so the call may be made again.
      session = await assume();
      try {
        return await call();
      } catch (error) {
        throw isDeadSession(error) ? new RoleMissing(error) : error;
      }
    },
  };
}
