import type { TokenSelect } from '../../hsm-worker/protocol.ts';

/**
 * What one kind of HSM needs said about it. A vendor is a folder with `profile.ts`, `errors.ts`, `open.ts` and
 * `NOTES.md`, and one line in `list.ts`. Read by both the server and the child process.
 */
export interface VendorProfile {
  /** Name in the configuration. */
  readonly name: string;
  readonly mechanisms: {
    /** Code of AES key wrap with padding as RFC 5649 says: 0x210A before PKCS#11 3.0, 0x210B since. */
    readonly kwp: number;
    /** Hash of RSA-OAEP under which the cluster key travels to a new member. */
    readonly oaepHash: 'sha1' | 'sha256';
  };
  readonly quirks: {
    /** One-shot C_Encrypt refuses an empty plaintext, while C_EncryptInit and C_EncryptFinal give its GCM tag. */
    readonly emptyGcmByFinal: boolean;
    /** The slot's number changes when its token is initialised, so the module must be loaded anew to find it. */
    readonly slotMovesOnInit: boolean;
  };
  readonly limits: {
    /** Characters of the officer and user PINs we make (digits and letters). */
    readonly pinLength: number;
    /** Keys kept opened per child, when the operator does not say. */
    readonly cachedKeys: number;
  };
  /** What a PKCS#11 return code means for the process; see `src/hsm-worker/classify.ts`. */
  readonly classify: (name: string) => Verdict;
  readonly open: VendorOpen;
}

/**
 * `fatal`: this process's connection to the HSM is of no use any more. `session`: a new session cures it. `pin`: the PIN
 * is refused, never to be tried again by itself. `request`: what was asked is wrong. `unclear`: the code is used for
 * both a wrong request and a sick device; a health check decides.
 */
export type Verdict = 'fatal' | 'session' | 'pin' | 'request' | 'unclear';

/** Devices as configured by the operator. */
export interface DeviceConfig {
  /** What API callers name. */
  readonly name: string;
  readonly vendor: string;
  /** Path of the PKCS#11 module. */
  readonly library: string;
  /** How many HSMs a pool may make; for vendors that make tokens on demand. */
  readonly count?: number;
  /** Which existing token: by its label or its serial number. */
  readonly tokenLabel?: string;
  readonly serial?: string;
  /** File with the security officer's PIN of an existing token, mode 0600. */
  readonly soPinFile?: string;
  /** Environment of the child process, beyond the vendor's own. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Replaces the profile's code of RFC 5649 key wrap. */
  readonly kwpMechanism?: number;
}

/** How a vendor's HSMs come to be. */
export interface VendorOpen {
  /** How many HSMs the configuration stands for. Throws an Error with a sentence when it makes no sense. */
  capacity(config: DeviceConfig): number;
  /** Makes what the module needs inside the device's own directory, and says with which environment to start it. */
  prepare(config: DeviceConfig, directory: string): Promise<Readonly<Record<string, string>>>;
  /** Which of the module's tokens is meant; `label` is the one we gave at initialisation. */
  select(config: DeviceConfig, label: string): TokenSelect;
  /** Label to write at initialisation. */
  label(config: DeviceConfig, deviceId: string): string;
  /** Destroys the token by taking away its files; absent where only C_InitToken can. */
  destroy?(directory: string): Promise<void>;
}
