/**
 * What can go wrong with an HSM, as one closed list. KMS and the HSM service translate these into API errors and
 * connection error codes; nothing of a PKCS#11 return code reaches a client.
 */
const CODES = {
  /** Wrong password. Counted by the HSM; never to be tried again by itself. */
  InvalidCredentials: { retryOnOtherMember: false },
  /** Five wrong passwords in a row; a crypto officer must set the password anew. */
  UserLockedOut: { retryOnOtherMember: false },
  /** This HSM has no such user. Users are not synchronised, so another member may have it. */
  UserNotFound: { retryOnOtherMember: true },
  /** A key operation on a link whose user has not logged in. */
  NotLoggedIn: { retryOnOtherMember: false },
  /** No connection to the HSM: its process is gone or not up yet, or the link was closed. The call may be repeated. */
  Unreachable: { retryOnOtherMember: true },
  /** The HSM did not answer in time; its process has been killed and is being replaced. */
  Timeout: { retryOnOtherMember: true },
  /** The HSM answered, and is not fit for use. */
  DeviceFailed: { retryOnOtherMember: true },
  /** The wrapped key is damaged, or belongs to another cluster than this HSM does: another member may open it. */
  KeyNotUsable: { retryOnOtherMember: true },
  /** Ciphertext, tag, IV or additional data do not belong together, said by a healthy HSM. */
  BadCiphertext: { retryOnOtherMember: false },
  /** The HSM holds no token or no cluster key yet. */
  NotInitialised: { retryOnOtherMember: true },
  /** The HSM already holds what the call would make; zeroise it first. */
  AlreadyInitialised: { retryOnOtherMember: false },
  /** Too many calls are waiting for this HSM. */
  Busy: { retryOnOtherMember: true },
  /** A parameter this HSM cannot take: IV length, size, key specification. */
  InvalidRequest: { retryOnOtherMember: false },
  /** A certificate does not fit the cluster's key, or is not signed by its owner. */
  CertificateMismatch: { retryOnOtherMember: false },
  /** No device, or no model, of that name. */
  DeviceNotFound: { retryOnOtherMember: false },
  /** Every HSM of that model is taken. */
  NoCapacity: { retryOnOtherMember: false },
} as const satisfies Record<string, { readonly retryOnOtherMember: boolean }>;

export type HsmErrorCode = keyof typeof CODES;

/** Every code; for tests and tables that must cover all. */
export const HSM_ERROR_CODES = Object.keys(CODES) as readonly HsmErrorCode[];

/** Whether `text` is one of the codes. */
export function isHsmErrorCode(text: string): text is HsmErrorCode {
  return Object.hasOwn(CODES, text);
}

/**
 * A failure of one HSM. The message is for logs and operators: it names the device, the operation and at most a
 * PKCS#11 return code, never a secret.
 */
export class HsmError extends Error {
  readonly code: HsmErrorCode;
  /** The device, or the empty string where none is concerned. */
  readonly deviceId: string;
  /** The same call may succeed on another member of the cluster, and is safe to try there. */
  readonly retryOnOtherMember: boolean;

  constructor(code: HsmErrorCode, deviceId: string, message: string) {
    super(message);
    this.name = 'HsmError';
    this.code = code;
    this.deviceId = deviceId;
    this.retryOnOtherMember = CODES[code].retryOnOtherMember;
  }
}
