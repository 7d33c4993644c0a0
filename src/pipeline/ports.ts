import type { Random } from '../core/random.ts';
import type { Clock } from '../core/time.ts';
import type { Diagnostic } from '../domain/diagnostic.ts';
import type { ProductName } from '../domain/products.ts';
import type { Reader, Storage } from '../domain/storage.ts';
import type { AccessDeniedDetail } from '../errors/fault.ts';
import type { Caller, Source } from '../operation/context.ts';
import type { ThrottleClass } from '../operation/operation.ts';

/** "May this caller do this?", with everything the answer may depend on. */
export interface Question {
  readonly caller: Caller;
  readonly source: Source;
  /** Service time. */
  readonly now: Date;
  readonly action: string;
  /** Spellings of one resource's ARN. */
  readonly resources: readonly string[];
  /** What is told of the resource in place of its ARNs; undefined: these. */
  readonly shown: string | undefined;
  /** Account that owns the resource. */
  readonly owner: string;
  /** Condition keys specific to the operation that have a value in this request. */
  readonly conditions: ReadonlyMap<string, string | readonly string[]>;
  /** Those that records have a value for; they take part in the decision and are told to nobody. */
  readonly stored: ReadonlyMap<string, string | readonly string[]> | undefined;
  /** All condition keys the operation declares, for the explanation. */
  readonly conditionKeys: readonly string[];
  readonly resourcePolicy: { readonly kind: 'trust' | 'key'; readonly document: string } | undefined;
}

/** A refusal: what the caller is told, and what whoever administers its account may be told. */
export interface Refused {
  readonly allowed: false;
  readonly detail: AccessDeniedDetail;
  readonly diagnostic: Diagnostic;
}

export type Verdict = { readonly allowed: true } | Refused;

export interface AccessControl {
  /** Decides from the policies as `reader` sees them. */
  decide(question: Question, reader: Reader): Promise<Verdict>;
  /** Closes a diagnostic, for the refusal to carry. */
  encode(diagnostic: Diagnostic): string;
}

export interface Throttle {
  /** Takes one call of the class out of the account's allowance; false when there is none left. */
  take(account: string, group: ThrottleClass): boolean;
}

/** Must not throw: what it is told of has happened. */
export interface Observer {
  /** One finished call; labels come from closed sets. */
  call(product: string, operation: string, code: string, seconds: number): void;
}

/** Must not throw, whatever becomes of the lines. */
export interface Log {
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** What the pipeline needs from the edge. */
export interface PipelinePorts {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly random: Random;
  readonly access: AccessControl;
  readonly throttle: Throttle;
  readonly observer: Observer;
  readonly log: Log;
  /**
   * Digest of a text under a key of this deployment: tells whether two texts are the same, and cannot be tried out
   * against guesses by whoever reads the database. For texts that hold secrets.
   */
  readonly fingerprint: (text: string) => string;
  /** Monotonic seconds, for durations. */
  readonly elapsed: () => number;
  /** What the operations of a product may use; they see nothing of other products. */
  readonly portsOf: (product: ProductName) => unknown;
}
