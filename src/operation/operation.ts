/**
 * The declaration of an API operation: everything known about it, in one object. Parsing, validation, authorisation,
 * throttling, idempotency, dry runs, audit, encoding, the reference, the coverage page and the permission catalogue are
 * derived from it.
 */
import type { ProductName } from '../domain/products.ts';
import type { ErrorCode } from '../errors/table.ts';
import type { Input, InputFields } from '../schema/field.ts';
import type { Answer, OutputFields } from '../schema/output.ts';
import type { LookupContext, PrepareContext, ReadContext, WriteContext } from './context.ts';

/** What permissions, guards and audit references look at: the input and what resolving found. */
export interface Subject<I, R> {
  readonly input: I;
  readonly resolved: R;
  readonly ctx: LookupContext;
}

/** Condition keys by name; one without a value is absent from the request. */
export type ConditionTable<I, R> = Readonly<
  Record<string, (subject: Subject<I, R>) => string | readonly string[] | undefined>
>;

/** One action on one resource that the caller must be allowed. All permissions of an operation must pass. */
export interface Permission<I, R> {
  /** `kms:Encrypt`; need not be the operation's name. */
  readonly action: `${string}:${string}`;
  /** Resource in the reference's notation: `acs:kms:{region}:{account}:key/{KeyId}`. */
  readonly resource: string;
  /**
   * Spellings of the resource's ARN (an Allow needs to match one, a Deny hits on any). Must not reveal more than the
   * caller sent: what is not found gets an ARN made from the reference as sent.
   */
  readonly arns: (subject: Subject<I, R>) => string | readonly string[];
  /**
   * What a refusal prints instead of the ARNs, where these would tell what the caller has not sent: the key behind an
   * alias or a ciphertext. Undefined: the ARNs are no news to the caller.
   */
  readonly shown?: (subject: Subject<I, R>) => string | undefined;
  /** Account that owns the resource; default: the caller's. */
  readonly owner?: (subject: Subject<I, R>) => string;
  /** Condition keys specific to the operation, with their values in this request: what the caller sent, in other words. */
  readonly conditions?: ConditionTable<I, R>;
  /**
   * Condition keys whose values come from a record: whom a role trusts. They take part in the decision; a refusal is
   * explained without them, or else it would tell that the record exists, and what is in it.
   */
  readonly storedConditions?: ConditionTable<I, R>;
  /** As `storedConditions`, with names made of the record's tags: `kms:tag/<key>` and `acs:ResourceTag/<key>`. */
  readonly tags?: (subject: Subject<I, R>) => ReadonlyMap<string, string>;
  /**
   * For calls on a list of resources: one decision for each value returned, all of which must pass. The other members
   * get the value in the place of what was resolved, so it must be of that type.
   */
  readonly each?: (subject: Subject<I, R>) => readonly unknown[];
  /** The permission is only needed when this says so; default: always. */
  readonly when?: (subject: Subject<I, R>) => boolean;
  /** A policy kept on the resource that takes part in the decision: a role's trust policy, a key's policy. */
  readonly resourcePolicy?: (
    subject: Subject<I, R>,
  ) => { readonly kind: 'trust' | 'key'; readonly document: string } | undefined;
}

/** A check of state after authorisation, shared by operations: key states, store states. */
export interface Guard<R> {
  /** Codes it may raise. */
  readonly errors: readonly ErrorCode[];
  /** In words, for the reference. */
  readonly doc: string;
  /** Throws a fault when the state does not fit. May read. */
  readonly check: (resolved: R, ctx: LookupContext) => void | Promise<void>;
}

/** Another operation that an operation calls with its caller's own rights, which the caller must have been given. */
export interface CalledOperation {
  readonly product: ProductName;
  readonly name: string;
  /** In words, for the reference: `the account has no such role yet`. */
  readonly when: string;
}

/** Classes of calls that are throttled together, per account. */
export type ThrottleClass = 'symmetric' | 'asymmetric' | 'management' | 'query' | 'sts' | 'trail';

interface Common<I extends InputFields, O extends OutputFields, R, Ports, E extends ErrorCode> {
  readonly product: ProductName;
  /** The API's own name; also the file's. */
  readonly name: string;
  /** From the vendor's published API, or an addition of ours. */
  readonly origin: 'vendor' | 'extension';
  /** One line, for lists. */
  readonly title: string;
  /** Anything else the reader must know: rules, differences from the vendor, with how sure they are. */
  readonly notes?: string;
  readonly input: I;
  readonly output: O;
  /**
   * Finds what the input names. Reveals nothing: what is missing comes back as undefined, to be reported by `found`
   * after authorisation.
   */
  readonly resolve?: (ctx: LookupContext, input: Input<I>) => Promise<R>;
  /** `none`: any authenticated caller may. */
  readonly permissions: readonly Permission<Input<I>, R>[] | 'none';
  /** Operations that the handler may call as the caller; calling any other is a defect. */
  readonly calls?: readonly CalledOperation[];
  /** State checks, in order, after authorisation. */
  readonly guards?: readonly Guard<R>[];
  readonly throttle: ThrottleClass;
  /** Codes the handler may raise; guards declare their own. */
  readonly errors: readonly E[];
  /** Resources for the audit event, known before the handler runs. */
  readonly references?: (subject: Subject<Input<I>, R>) => Readonly<Record<string, readonly string[]>>;
  /**
   * A read whose answer belongs in its audit event (secret members left out), as that of every write does: what it
   * tells of the answer is needed to follow later events.
   */
  readonly recordsAnswer?: true;
  /** Refused over GET: it takes a password, which has no place in a URL. */
  readonly postOnly?: true;
  /** Carries Ports for inference only. */
  readonly ports?: Ports;
}

/** Reads, or computes without changing any record. */
export interface ReadDeclaration<I extends InputFields, O extends OutputFields, R, Ports, E extends ErrorCode>
  extends Common<I, O, R, Ports, E> {
  readonly handle: (ctx: ReadContext<Ports, E>, input: Input<I>, resolved: R) => Promise<Answer<O>>;
}

/** Changes records, in one transaction with its audit event and tasks. */
export interface WriteDeclaration<I extends InputFields, O extends OutputFields, R, P, Ports, E extends ErrorCode>
  extends Common<I, O, R, Ports, E> {
  /**
   * Slow outside work (HSMs, other processes) done before the transaction starts, after a first round of
   * authorisation and guards; these run again inside the transaction. What must not stay when the transaction then fails
   * is taken back by `onEnd`; a crash in between must leave nothing that matters.
   */
  readonly prepare?: (ctx: PrepareContext<Ports, E>, input: Input<I>, resolved: R) => Promise<P>;
  readonly handle: (ctx: WriteContext<Ports, E>, input: Input<I>, resolved: R, prepared: P) => Promise<Answer<O>>;
}

/** Names of the parameters that the pipeline does something with besides handing them over. */
export interface ParameterRoles {
  readonly clientToken: string | undefined;
  readonly dryRun: string | undefined;
  /** Those that put tags on a resource. */
  readonly tags: readonly string[];
}

/** An operation as the pipeline, the generators and the tests see it. */
export interface Operation {
  readonly product: ProductName;
  readonly name: string;
  readonly origin: 'vendor' | 'extension';
  readonly access: 'Read' | 'Write';
  readonly title: string;
  readonly notes: string;
  readonly input: InputFields;
  readonly parameterRoles: ParameterRoles;
  readonly output: OutputFields;
  readonly permissions: readonly Permission<never, never>[] | 'none';
  readonly calls: readonly CalledOperation[];
  readonly guards: readonly Guard<never>[];
  readonly throttle: ThrottleClass;
  /** Everything it may raise besides what any call can: handler and guards together. */
  readonly errors: readonly ErrorCode[];
  /** Its audit event holds the answer. */
  readonly recordsAnswer: boolean;
  /** Refused over GET. */
  readonly postOnly: boolean;
  readonly resolve: ((ctx: LookupContext, input: never) => Promise<unknown>) | undefined;
  readonly references: ((subject: never) => Readonly<Record<string, readonly string[]>>) | undefined;
  readonly prepare: ((ctx: never, input: never, resolved: never) => Promise<unknown>) | undefined;
  readonly handle: (
    ctx: never,
    input: never,
    resolved: never,
    prepared: never,
  ) => Promise<Readonly<Record<string, unknown>>>;
}

function parameterRolesOf(input: InputFields): ParameterRoles {
  const names = Object.keys(input);
  return {
    clientToken: names.find((name) => input[name]!.role === 'client-token'),
    dryRun: names.find((name) => input[name]!.role === 'dry-run'),
    tags: names.filter((name) => input[name]!.tagsOf !== undefined),
  };
}

const FORBIDDEN_MEMBERS = ['Code', 'Success', 'Message', 'RequestId'];

function erase(
  access: 'Read' | 'Write',
  // biome-ignore lint/suspicious/noExplicitAny: the one place where the typed declaration loses its parameters
  declaration: WriteDeclaration<any, any, any, any, any, any> | ReadDeclaration<any, any, any, any, any>,
): Operation {
  for (const name of FORBIDDEN_MEMBERS) {
    if (Object.hasOwn(declaration.output, name))
      throw new Error(`${declaration.name}: clients take ${name} for an error`);
  }
  const guards = declaration.guards ?? [];
  return Object.freeze({
    product: declaration.product,
    name: declaration.name,
    origin: declaration.origin,
    access,
    title: declaration.title,
    notes: declaration.notes ?? '',
    input: declaration.input,
    parameterRoles: parameterRolesOf(declaration.input),
    output: declaration.output,
    permissions: declaration.permissions,
    calls: declaration.calls ?? [],
    guards,
    throttle: declaration.throttle,
    errors: [...new Set<ErrorCode>([...declaration.errors, ...guards.flatMap((guard) => guard.errors)])].sort(),
    recordsAnswer: access === 'Write' || declaration.recordsAnswer === true,
    postOnly: declaration.postOnly === true,
    resolve: declaration.resolve,
    references: declaration.references,
    prepare: 'prepare' in declaration ? declaration.prepare : undefined,
    handle: declaration.handle,
  });
}

/**
 * Builders of one product's operations, with that product's ports:
 * `export const { reads, writes } = declare<KmsPorts>()`.
 */
export function declare<Ports>(): {
  reads: <I extends InputFields, O extends OutputFields, const E extends ErrorCode = never, R = undefined>(
    declaration: ReadDeclaration<I, O, R, Ports, E>,
  ) => Operation;
  writes: <
    I extends InputFields,
    O extends OutputFields,
    const E extends ErrorCode = never,
    R = undefined,
    P = undefined,
  >(
    declaration: WriteDeclaration<I, O, R, P, Ports, E>,
  ) => Operation;
} {
  return {
    reads: (declaration) => erase('Read', declaration),
    writes: (declaration) => erase('Write', declaration),
  };
}
