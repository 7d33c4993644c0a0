import type { AuditIdentity } from '../domain/audit.ts';
import type { ProductName } from '../domain/products.ts';
import type { Place, Reader, Transaction } from '../domain/storage.ts';
import type { Fault, FaultParams } from '../errors/fault.ts';
import type { ErrorCode } from '../errors/table.ts';

/** Who calls, after authentication. */
export type Principal =
  | { readonly kind: 'root'; readonly account: string }
  | { readonly kind: 'user'; readonly account: string; readonly userId: string; readonly userName: string }
  | {
      readonly kind: 'session';
      /** Account that owns the role. */
      readonly account: string;
      readonly roleId: string;
      readonly roleName: string;
      readonly sessionName: string;
      /** Session policy document, when the session was issued with one. */
      readonly sessionPolicy: string | undefined;
      readonly sourceIdentity: string | undefined;
      /** Account of whoever assumed the role. */
      readonly playerUid: string;
      /** The service the role is linked to, when a service acts through its service-linked role. */
      readonly linkedService: string | undefined;
    }
  /** A service in its own name; it may do nothing but assume the role linked to it. */
  | { readonly kind: 'service'; readonly account: string; readonly service: string };

export interface Caller {
  readonly principal: Principal;
  readonly accessKeyId: string | undefined;
  /** As audit events print it. */
  readonly identity: AuditIdentity;
}

/** Where a request came from. */
export interface Source {
  /** Client address; `Internal` for calls a service makes. */
  readonly ip: string;
  readonly secure: boolean;
  readonly userAgent: string;
  readonly internal: boolean;
  /** Set when the request came through a VPC endpoint. */
  readonly vpcId?: string;
  readonly vpcSourceIp?: string;
}

/** What every step after authentication knows. */
export interface RequestContext {
  readonly requestId: string;
  readonly caller: Caller;
  /** The caller's account: the account the call works in. */
  readonly account: string;
  /** Region the request was sent to. */
  readonly region: string;
  /** Where records of the operation's product live: the account, and the region unless the product is global. */
  readonly place: Place;
  /** Service time at which the request arrived. */
  readonly now: Date;
  readonly source: Source;
}

/** Calls another product's operation, which the declaration names, through the same pipeline, with the caller's own rights. */
export type CallAsCaller = (
  product: ProductName,
  operation: string,
  parameters: Readonly<Record<string, string>>,
) => Promise<Readonly<Record<string, unknown>>>;

/** What resolving, authorising and guarding may use. */
export interface LookupContext extends RequestContext {
  readonly read: Reader;
}

/** What a handler may use besides its input. */
export interface HandlerContext<Ports, E extends ErrorCode> extends LookupContext {
  readonly ports: Ports;
  /** Makes one of the errors the operation declares. Written `throw ctx.fail('…')`. */
  readonly fail: (code: E, params?: FaultParams, options?: { cause?: unknown }) => Fault;
  readonly call: CallAsCaller;
  /** Adds to the audit event's `additionalEventData`. Plain values only. */
  readonly note: (data: Readonly<Record<string, unknown>>) => void;
  /** Adds a resource to the audit event, e.g. `ACS::KMS::Key` and its id. */
  readonly refer: (type: string, name: string) => void;
}

/** A handler that changes no record may count; what it counts becomes durable together with its audit event. */
export interface ReadContext<Ports, E extends ErrorCode> extends HandlerContext<Ports, E> {
  readonly count: (counter: string, by: number) => void;
}

/**
 * What became of a call's transaction. `undone`: nothing of it stays, also when it never began, or an earlier call with
 * the same idempotency token had done the work. `unknown`: the database was lost at the commit.
 */
export type CallEnd = 'committed' | 'undone' | 'unknown';

export type EndEffect = (end: CallEnd) => void | Promise<void>;

/** What outside work before a transaction may use. */
export interface PrepareContext<Ports, E extends ErrorCode> extends HandlerContext<Ports, E> {
  /**
   * Tells when the call has ended, before its caller is told: to take back what was done outside, or to free what the
   * call held. The last one registered is told first. What it throws is logged and changes nothing.
   */
  readonly onEnd: (effect: EndEffect) => void;
}

/** A handler that changes state also gets the transaction in which the change, its event and its tasks commit. */
export interface WriteContext<Ports, E extends ErrorCode> extends PrepareContext<Ports, E> {
  readonly tx: Transaction;
}
