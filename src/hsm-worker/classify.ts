/**
 * `fatal`: this process's connection to the HSM is of no use any more. `session`: a new session cures it. `pin`: the PIN
 * is refused, never to be tried again by itself. `request`: what was asked is wrong. `unclear`: the code is used for
 * both a wrong request and a sick device; a health check decides.
 */
export type Verdict = 'fatal' | 'session' | 'pin' | 'request' | 'unclear';

const STANDARD: Readonly<Record<string, Verdict>> = Object.freeze(
  Object.assign(Object.create(null) as Record<string, Verdict>, {
    CKR_HOST_MEMORY: 'fatal',
    CKR_DEVICE_ERROR: 'fatal',
    CKR_DEVICE_MEMORY: 'fatal',
    CKR_DEVICE_REMOVED: 'fatal',
    CKR_TOKEN_NOT_PRESENT: 'fatal',
    CKR_TOKEN_NOT_RECOGNIZED: 'fatal',
    CKR_CRYPTOKI_NOT_INITIALIZED: 'fatal',
    CKR_LIBRARY_LOAD_FAILED: 'fatal',
    CKR_MUTEX_BAD: 'fatal',
    CKR_SLOT_ID_INVALID: 'fatal',

    CKR_SESSION_CLOSED: 'session',
    CKR_SESSION_COUNT: 'session',
    CKR_SESSION_HANDLE_INVALID: 'session',
    CKR_OPERATION_ACTIVE: 'session',
    CKR_OPERATION_NOT_INITIALIZED: 'session',
    CKR_OBJECT_HANDLE_INVALID: 'session',
    CKR_KEY_HANDLE_INVALID: 'session',
    CKR_UNWRAPPING_KEY_HANDLE_INVALID: 'session',
    CKR_WRAPPING_KEY_HANDLE_INVALID: 'session',

    // A login that vanished under us (another process wiped the token) cannot be mended without a PIN, which this
    // process has dropped; a new generation logs in again.
    CKR_USER_NOT_LOGGED_IN: 'fatal',

    CKR_PIN_INCORRECT: 'pin',
    CKR_PIN_INVALID: 'pin',
    CKR_PIN_LEN_RANGE: 'pin',
    CKR_PIN_EXPIRED: 'pin',
    CKR_PIN_LOCKED: 'pin',
    CKR_USER_PIN_NOT_INITIALIZED: 'pin',

    CKR_GENERAL_ERROR: 'unclear',
    CKR_FUNCTION_FAILED: 'unclear',
    CKR_FUNCTION_CANCELED: 'unclear',
    CKR_VENDOR_DEFINED: 'unclear',
  } satisfies Record<string, Verdict>),
);

/**
 * What a PKCS#11 return code means: as the vendor's deviations say, else as the standard describes it. The one place
 * that knows. Codes in neither table speak about the request.
 */
export function classify(name: string, deviations: Readonly<Record<string, Verdict>> = {}): Verdict {
  if (Object.hasOwn(deviations, name)) return deviations[name]!;
  return STANDARD[name] ?? 'request';
}

/**
 * The return code of an error thrown by the binding. It comes as a typed error for most functions, and for some
 * (C_CreateObject, C_CopyObject, C_SetAttributeValue, C_FindObjects) as a plain one whose text is `CKR_NAME:number`.
 * Anything else is our own mistake and reads `CKR_NONE`.
 */
export function returnCode(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  const match = /^(CKR_[A-Z0-9_]+)/.exec(message);
  return match?.[1] ?? 'CKR_NONE';
}
