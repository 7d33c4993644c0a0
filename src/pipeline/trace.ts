import type { AuditEvent } from '../domain/audit.ts';
import type { Count, Nonce, Transaction } from '../domain/storage.ts';
import type { Fault } from '../errors/fault.ts';
import { CallEnds } from './call-ends.ts';

/** The transaction of the call that called this one, and what its inner calls leave for its end. */
export interface Outer {
  readonly tx: Transaction;
  /** Events of refused inner calls. */
  readonly refusals: AuditEvent[];
  /** What inner calls want to be told of the end. */
  readonly ends: CallEnds;
  /** Set when an inner call failed half-way: what it changed cannot be told apart, so nothing may be committed. */
  broken?: Fault;
}

/** Mutable notes a call collects for its event and its end. */
export class Trace {
  readonly resources = new Map<string, Set<string>>();
  notes: Record<string, unknown> = {};
  readonly counts: Count[] = [];
  /** The nonce that still has to be used up together with the call's event. */
  nonce: Nonce | undefined;
  /** A handler that may change records was entered. */
  changing = false;
  /** All work is done and the commit has begun: what fails now may have happened. */
  committing = false;
  readonly ends = new CallEnds();

  constructor(nonce: Nonce | undefined) {
    this.nonce = nonce;
  }

  refer(type: string, name: string): void {
    const names = this.resources.get(type);
    if (names === undefined) this.resources.set(type, new Set([name]));
    else names.add(name);
  }
}
