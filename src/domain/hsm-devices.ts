/**
 * The HSM port: what the HSM service (administration) and KMS (data plane) may ask of the machines that hold keys.
 * Implemented by `src/hsm` over one child process per HSM. There is no network in here: who may reach which HSM is
 * decided before {@link HsmDevices.dial} is called.
 *
 * Every method may reject with an {@link HsmError}; the codes named at a method are those to expect beyond
 * `Unreachable`, `Timeout`, `DeviceFailed` and `Busy`.
 */
import type { Secret } from '../core/secret.ts';

/** Anything an operator may name when asking for an HSM: a configured device, or a pool made on demand. */
export interface DeviceModel {
  /** Name in the configuration; what API callers pass. */
  readonly name: string;
  /** Vendor profile, for example `softhsm2` or `pkcs11`. */
  readonly vendor: string;
  /** How many more HSMs {@link HsmDevices.provision} can hand out. */
  readonly free: number;
}

export interface ProvisionedDevice {
  /** Names the HSM in every other call; stable over restarts. Opaque. */
  readonly deviceId: string;
  /** Serial number of the configured token; the device's id where tokens are made on demand. */
  readonly serial: string;
  readonly vendor: string;
}

/**
 * `idle`: no process yet, the first use starts one. `up`: answering. `suspect`: its process failed and is being
 * replaced. `down`: it failed several times in a row, or for a reason that only an operator can remove; it is tried
 * again at growing intervals (at most every 30 s), except after a refused PIN.
 */
export type DeviceState = 'idle' | 'up' | 'suspect' | 'down';

export interface DeviceStatus {
  readonly state: DeviceState;
  /** Process id of the child holding the PKCS#11 module, while there is one. */
  readonly pid: number | undefined;
  /** Counts the children this device has had since the program started. Links live for one generation. */
  readonly generation: number;
  /** Calls waiting for an answer. */
  readonly pending: number;
  /** Why the device is not up, in one sentence for operators. */
  readonly reason: string | undefined;
}

export interface DeviceUsage {
  /** Keys kept opened; bounded by configuration. */
  readonly cachedKeys: number;
}

export interface UnconfiguredDevice {
  readonly deviceId: string;
  /** Name of the model it was taken from. */
  readonly model: string;
}

/** Opened by `openHsmDevices(options)` in `src/hsm/devices.ts`. */
export interface HsmDevices {
  /** All configured models, also the exhausted ones, in configuration order. */
  models(): readonly DeviceModel[];
  /** Ids of the HSMs handed out and not released. */
  devices(): readonly string[];
  /** HSMs handed out that cannot be reached, since no model of their name and vendor is configured any more. */
  unconfigured(): readonly UnconfiguredDevice[];
  /** Takes an HSM of a model out of the stock. `DeviceNotFound` for an unknown model, `NoCapacity`. */
  provision(model: string): Promise<ProvisionedDevice>;
  /**
   * Zeroises the HSM and puts it back. A device that this node knows nothing of is a success; `DeviceNotFound` for one
   * of {@link unconfigured}, which cannot be wiped.
   */
  release(deviceId: string): Promise<void>;
  /** The HSM's administration. Throws `DeviceNotFound`. */
  admin(deviceId: string): HsmAdmin;
  /**
   * Opens a data-plane link, starting the HSM's process where there is none, within `timeoutMs`. `NotInitialised`
   * when the HSM holds no cluster key yet.
   */
  dial(deviceId: string, timeoutMs: number): Promise<HsmLink>;
  /** Throws `DeviceNotFound`. */
  status(deviceId: string): DeviceStatus;
  /** What the HSM's process holds just now, for metrics; undefined while there is none or it does not answer. */
  usage(deviceId: string): Promise<DeviceUsage | undefined>;
  /** Ends every child process; pending calls are refused with `Unreachable`. */
  close(): Promise<void>;
}

/** Users an HSM can hold. */
export const MAX_USERS = 64;

/** Public key of an RSA pair as DER SubjectPublicKeyInfo. */
export type Spki = Uint8Array;

/** The two certificates of an initialised cluster, DER. */
export interface ClusterCertificates {
  /** The customer's self-signed issuer: the security domain certificate. */
  readonly owner: Uint8Array;
  /** The cluster's certificate signed by it. */
  readonly cluster: Uint8Array;
}

/**
 * All a new member needs, made by an existing member for exactly one HSM. Opaque and safe to pass on: the cluster key
 * in it opens only inside the HSM that made the transport key, the identity key only under the cluster key; users
 * travel as salted hashes.
 */
export interface MemberClone {
  readonly bytes: Uint8Array;
}

/**
 * Administration of one HSM: acts as its crypto officer (CO). Calls for one HSM run one after another. Which PKCS#11
 * login each uses is in `docs/inside/hsm-key-hierarchy.md`.
 */
export interface HsmAdmin {
  /** Wipes the HSM and makes it an empty, initialised one: new officer PIN, no users, no keys. Links close. */
  initialise(): Promise<{ serial: string }>;
  /** Destroys all keys, certificates and users for good. Links close. A second time is a success. */
  zeroise(): Promise<void>;
  /** Whether {@link initialise} has been done since the last wipe. */
  initialised(): boolean;
  /**
   * Makes the crypto user, or sets its password anew and unlocks it. On this HSM only. `NotInitialised`;
   * `InvalidRequest` unless the name is 1-32 and the password 7-32 characters.
   */
  setUserPassword(user: string, password: Secret): Promise<void>;
  /** Removes a user; an unknown one is a success. */
  deleteUser(user: string): Promise<void>;
  /** `failedLogins`: wrong passwords since the last right one or the last setting. */
  users(): Promise<readonly { readonly name: string; readonly locked: boolean; readonly failedLogins: number }[]>;

  /**
   * Makes the cluster's RSA-2048 identity pair and its AES-256 cluster key inside this HSM, its first member.
   * `NotInitialised`, `AlreadyInitialised`.
   */
  createClusterIdentity(): Promise<Spki>;
  /** Certificate request (PKCS#10, PEM) of the identity key, signed inside the HSM. `subject`: `CN=…, O=…`. */
  createCsr(subject: string): Promise<string>;
  /**
   * Stores the certificates in the HSM. `CertificateMismatch` unless the cluster certificate holds the identity key
   * and is signed by the owner certificate, which is signed by itself.
   */
  installCertificates(certificates: ClusterCertificates): Promise<void>;
  /** The certificates held; undefined before {@link installCertificates}. */
  certificates(): Promise<ClusterCertificates | undefined>;

  /**
   * Step 1 of joining, on the new member: makes a transport pair whose private half never leaves. An earlier,
   * unfinished join is forgotten. `NotInitialised`, `AlreadyInitialised`.
   */
  prepareJoin(): Promise<Spki>;
  /** Step 2, on any living member: everything the new member needs, for this transport key alone. */
  cloneFor(transportKey: Spki): Promise<MemberClone>;
  /** Step 3, on the new member. `KeyNotUsable` when the clone was made for another HSM or was altered. */
  completeJoin(clone: MemberClone): Promise<void>;
  /** Since {@link completeJoin} began, until {@link confirmJoin} or a wipe: kept over a crash in between. */
  joining(): boolean;
  /** The HSM has become a member for its owner too. */
  confirmJoin(): Promise<void>;

  /**
   * Hex digest of cluster key, identity, certificates and user names: equal on members that hold the same.
   * Undefined while the HSM holds no cluster key.
   */
  digest(): Promise<string | undefined>;
}

/** A key to be born in an HSM. Further kinds (RSA, EC, HMAC) become members of this union. */
export type HsmKeySpec = { readonly kind: 'aes'; readonly bits: 128 | 192 | 256 };

/** A key as it leaves the HSM: wrapped under the cluster key. */
export interface WrappedKey {
  /** Opens in every member of the cluster and nowhere else; 65 to 81 bytes for AES. To be kept by the caller. */
  readonly blob: Uint8Array;
  /** SubjectPublicKeyInfo, for kinds that have a public half. */
  readonly publicKey?: Uint8Array;
}

/** Answer to a challenge; checked by `verifyHsmIdentity` in `hsm-identity.ts`. */
export interface IdentityProof {
  /** RSA PKCS#1 v1.5 with SHA-256 by the cluster's identity key over `identityMessage(challenge)`. */
  readonly signature: Uint8Array;
  readonly certificates: ClusterCertificates;
}

/**
 * The data plane of one HSM. A link belongs to one life of the HSM's process: when that ends, each pending and later
 * call is refused with `Unreachable`; dial again, check the identity again, log in again. All calls may run
 * concurrently and are batched.
 */
export interface HsmLink {
  readonly deviceId: string;
  /** See {@link DeviceStatus.generation}. */
  readonly generation: number;
  /** False once the process behind the link has ended or {@link close} was called. */
  readonly open: boolean;
  /** Resolves with the reason when the link stops working; never rejects. */
  readonly closed: Promise<string>;

  /** Proof of possession of the cluster's identity key; needs no login. `challenge`: 16 to 64 random bytes. */
  identity(challenge: Uint8Array): Promise<IdentityProof>;
  /**
   * `InvalidCredentials`, `UserLockedOut` (at five wrong passwords in a row, also over restarts), `UserNotFound`.
   * Never repeat a refused password by itself.
   */
  login(user: string, password: Secret): Promise<void>;
  /** Ends the login of this link alone. */
  logout(): void;

  // The following need a login; otherwise `NotLoggedIn`.

  /** Makes, wraps, opens, uses and drops a key; `DeviceFailed` when any step gives a wrong answer. */
  selfTest(): Promise<void>;
  /** The key is born in the HSM and is kept by none: only the returned blob carries it on. */
  generateKey(spec: HsmKeySpec): Promise<WrappedKey>;
  /**
   * Opens a blob in this member and computes the key's check value (8 bytes) by using it. Equal on all members that
   * hold the key. `KeyNotUsable`.
   */
  loadCheck(blob: Uint8Array): Promise<Uint8Array>;
  /**
   * AES-GCM. `iv` is 12 bytes, never used before with this key: keeping it so is the caller's duty. `plaintext` at
   * most 512 KiB, also empty. Answers ciphertext and the 16-byte tag in one. `KeyNotUsable`, `InvalidRequest`.
   */
  aesGcmEncrypt(blob: Uint8Array, iv: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Promise<Uint8Array>;
  /** Opens what {@link aesGcmEncrypt} made. `BadCiphertext`, `KeyNotUsable`, `InvalidRequest`. */
  aesGcmDecrypt(blob: Uint8Array, iv: Uint8Array, aad: Uint8Array, ciphertext: Uint8Array): Promise<Uint8Array>;
  /** The HSM no longer keeps the blob's key opened; one it has not opened is a success. The next use opens it again. */
  forget(blob: Uint8Array): Promise<void>;
  /** 1 to 4096 random bytes from the HSM. */
  generateRandom(count: number): Promise<Uint8Array>;

  /** Drops the link: later calls are refused, those under way end by themselves. The HSM's process stays. */
  close(): void;
}
