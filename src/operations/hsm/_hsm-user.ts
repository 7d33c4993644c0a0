import { HSM_INSTANCES, type HsmInstanceRecord } from '../../domain/hsm-service/instance.ts';
import type { Place, Transaction } from '../../domain/storage.ts';
import { fail } from '../../errors/fault.ts';
import { secretText, text } from '../../schema/fields.ts';

export function userName() {
  return text({
    doc: 'Name of the user. KMS uses `kmsuser`.',
    required: true,
    max: 32,
    pattern: /^[A-Za-z0-9][A-Za-z0-9_.-]*$/,
    form: 'letters, digits, `_`, `.`, `-`',
  });
}

export function userPassword() {
  return secretText({
    doc: 'Password of the user.',
    required: true,
    min: 7,
    max: 32,
    pattern: /^[\x21-\x7e]*$/,
    form: 'printable ASCII without spaces',
  });
}

/** The user is one of those the service made on this HSM; throws `InvalidHsmUser.NotFound`. */
export function requireUser(hsm: HsmInstanceRecord, name: string): void {
  if (!hsm.users.includes(name)) throw fail('InvalidHsmUser.NotFound');
}

export function saveUsers(tx: Transaction, place: Place, hsm: HsmInstanceRecord, users: readonly string[]) {
  return tx.update(HSM_INSTANCES, place, { ...hsm, users: [...new Set(users)].sort() });
}
