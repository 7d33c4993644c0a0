import type { ModuleProfile, TokenSelect } from '../../hsm-worker/protocol.ts';

/**
 * What one kind of HSM needs said about it. A vendor is a folder with `profile.ts`, `errors.ts`, `open.ts` and
 * `NOTES.md`, and one line in `list.ts`.
 */
export interface VendorProfile {
  /** Name in the configuration. */
  readonly name: string;
  /** What is said to the child process. */
  readonly module: ModuleProfile;
  readonly limits: {
    /** Characters of the officer and user PINs we make (digits and letters). */
    readonly pinLength: number;
    /** Keys kept opened per child, when the operator does not say. */
    readonly cachedKeys: number;
  };
  readonly open: VendorOpen;
}

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
