import type { Random } from '../core/random.ts';
import type { Sealer } from '../domain/seal.ts';
import type { DeviceConfig } from './vendors/profile.ts';

/** What the HSM part needs of a log; pino's loggers fit. Fields are plain values, never secrets. */
export interface HsmLog {
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
}

export interface HsmOptions {
  /** Coffer's data directory; devices live in `hsm/<deviceId>` below it. */
  readonly dataDir: string;
  readonly devices: readonly DeviceConfig[];
  /** Seals the PINs, bound to `hsm/<deviceId>/<which>`. */
  readonly sealer: Sealer;
  readonly random: Random;
  readonly log: HsmLog;
  readonly limits?: Partial<HsmLimits>;
}

/** Bounds of one device. Times in milliseconds. */
export interface HsmLimits {
  /** A data-plane call that takes longer has its process killed. */
  readonly callTimeoutMs: number;
  /** The same for administration, which makes RSA keys. */
  readonly adminTimeoutMs: number;
  /** From starting a process to its being logged in. */
  readonly startTimeoutMs: number;
  /** Calls waiting for an answer; more are refused as `Busy`. */
  readonly pendingCalls: number;
  /** Keys kept opened in the process; the vendor profile says when this does not. */
  readonly cachedKeys?: number;
  /** A process found to hold more memory than this, bytes, is replaced: modules leak, SoftHSM some 300 bytes a key. */
  readonly memoryBytes: number;
  /** A process that lived this long ends a row of failures. */
  readonly stableMs: number;
  /** Waits before a new process after a failure: the first, doubled each time, up to the last. */
  readonly restartMs: readonly [first: number, last: number];
}

export const DEFAULT_LIMITS: HsmLimits = {
  callTimeoutMs: 2_000,
  adminTimeoutMs: 30_000,
  startTimeoutMs: 10_000,
  pendingCalls: 4_096,
  memoryBytes: 512 * 1024 * 1024,
  stableMs: 10_000,
  restartMs: [50, 30_000],
};
