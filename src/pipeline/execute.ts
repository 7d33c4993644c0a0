/**
 * The one list of steps every call goes through after authentication:
 * validate, throttle, resolve, authorise, guard, handle, audit.
 *
 * INVARIANT: handlers are called from {@link execute} only, after {@link admit}; nothing reaches a handler unauthorised.
 */
import type { Parameters } from '../core/parameters.ts';
import { uuid } from '../core/random.ts';
import type { WireObject } from '../core/wire-value.ts';
import type { AuditEvent } from '../domain/audit.ts';
import { PRODUCTS, type ProductName } from '../domain/products.ts';
import type { Count, Nonce, Reader, Transaction } from '../domain/storage.ts';
import { StorageBusy } from '../domain/storage.ts';
import { Fault, fail } from '../errors/fault.ts';
import type { ErrorCode } from '../errors/table.ts';
import type { Caller, LookupContext, RequestContext, Source } from '../operation/context.ts';
import type { Operation } from '../operation/operation.ts';
import { encodeAnswer } from '../schema/output.ts';
import { auditEvent, type Outcome } from './audit-event.ts';
import { authorise } from './authorise.ts';
import { dryRunRefusal, isDryRun } from './dry-run.ts';
import { recall, remember, tokenParameter } from './idempotency.ts';
import type { PipelinePorts } from './ports.ts';
import type { Registry } from './registry.ts';
import { validate } from './validate.ts';

/** One call, authenticated. */
export interface Call {
  readonly operation: Operation;
  readonly parameters: Parameters;
  readonly caller: Caller;
  readonly source: Source;
  readonly region: string;
  readonly requestId: string;
  /** Absent for calls between services. */
  readonly nonce: Nonce | undefined;
}

/** The transaction of the call that called this one, and where events of refused inner calls wait for its end. */
interface Outer {
  readonly tx: Transaction;
  readonly refusals: AuditEvent[];
}

/** Mutable notes a call collects for its event. */
class Trace {
  readonly resources = new Map<string, Set<string>>();
  notes: Record<string, unknown> = {};
  readonly counts: Count[] = [];

  refer(type: string, name: string): void {
    const names = this.resources.get(type);
    if (names === undefined) this.resources.set(type, new Set([name]));
    else names.add(name);
  }
}

export interface Pipeline {
  readonly registry: Registry;
  readonly ports: PipelinePorts;
  readonly parametersOf: (values: Readonly<Record<string, string>>) => Parameters;
}

function contextOf(pipeline: Pipeline, call: Call): RequestContext {
  const account = call.caller.principal.account;
  return {
    requestId: call.requestId,
    caller: call.caller,
    account,
    region: call.region,
    place: { account, region: PRODUCTS[call.operation.product].global ? '' : call.region },
    now: pipeline.ports.clock.now(),
    source: call.source,
  };
}

/** Resolve, authorise and guard: what must hold before a handler may run. Runs again inside the transaction of a write. */
async function admit(
  pipeline: Pipeline,
  call: Call,
  ctx: LookupContext,
  input: unknown,
  trace: Trace,
): Promise<unknown> {
  const { operation } = call;
  const resolved = await operation.resolve?.(ctx, input as never);
  await authorise(operation, pipeline.ports.access, ctx, input, resolved);
  const references = operation.references?.({ input, resolved, ctx } as never) ?? {};
  for (const type in references) for (const name of references[type]!) trace.refer(type, name);
  for (const guard of operation.guards) await guard.check(resolved as never, ctx);
  return resolved;
}

function handlerContext(pipeline: Pipeline, call: Call, ctx: LookupContext, trace: Trace, outer: Outer | undefined) {
  return {
    ...ctx,
    ports: pipeline.ports.portsOf(call.operation.product),
    fail: (code: ErrorCode, params = {}, options = {}) => fail(code, params, options),
    note: (data: Readonly<Record<string, unknown>>) => Object.assign(trace.notes, data),
    refer: (type: string, name: string) => trace.refer(type, name),
    count: (counter: string, by: number) => trace.counts.push({ counter, by }),
    call: (product: ProductName, name: string, values: Readonly<Record<string, string>>) => {
      const operation = pipeline.registry.of(product, name);
      const inner: Call = { ...call, operation, parameters: pipeline.parametersOf(values), nonce: undefined };
      return execute(pipeline, inner, outer);
    },
  };
}

async function runRead(
  pipeline: Pipeline,
  call: Call,
  base: RequestContext,
  input: unknown,
  trace: Trace,
  outer: Outer | undefined,
): Promise<WireObject> {
  const ctx = { ...base, read: (outer?.tx ?? pipeline.ports.storage.reader) as Reader };
  const resolved = await admit(pipeline, call, ctx, input, trace);
  if (isDryRun(call.operation, input)) throw fail('DryRunOperationError');
  const answer = await call.operation.handle(
    handlerContext(pipeline, call, ctx, trace, outer) as never,
    input as never,
    resolved as never,
    undefined as never,
  );
  return encodeAnswer(call.operation.output, answer as never);
}

async function runWrite(
  pipeline: Pipeline,
  call: Call,
  base: RequestContext,
  input: unknown,
  trace: Trace,
  outer: Outer,
  prepared: unknown,
): Promise<WireObject> {
  const { operation, parameters } = call;
  const { tx } = outer;
  const ctx = { ...base, read: tx as Reader };
  if (call.nonce !== undefined && !(await tx.useNonce(call.nonce))) throw fail('SignatureNonceUsed');
  const resolved = await admit(pipeline, call, ctx, input, trace);
  if (isDryRun(operation, input)) throw fail('DryRunOperationError');
  const token = tokenParameter(operation);
  const earlier = token === undefined ? undefined : await recall(tx, operation, parameters, token, base);
  if (earlier !== undefined) return earlier;
  const handler = { ...handlerContext(pipeline, call, ctx, trace, outer), tx };
  const answer = await operation.handle(handler as never, input as never, resolved as never, prepared as never);
  const encoded = encodeAnswer(operation.output, answer as never);
  if (token !== undefined) await remember(tx, operation, parameters, token, base, encoded);
  return encoded;
}

/** Anything a handler throws that is no fault is ours to explain in the log, not the caller's to read. */
function faultOf(pipeline: Pipeline, call: Call, error: unknown): Fault {
  if (error instanceof Fault) return error;
  const kms = call.operation.product === 'Kms';
  if (error instanceof StorageBusy)
    return fail(kms ? 'ServiceUnavailableTemporary' : 'ServiceUnavailable', {}, { cause: error });
  pipeline.ports.log.error({ requestId: call.requestId, operation: call.operation.name, err: error }, 'call failed');
  return fail(kms ? 'InternalFailure' : 'InternalError', {}, { cause: error });
}

function eventOf(
  pipeline: Pipeline,
  call: Call,
  base: RequestContext,
  trace: Trace,
  outcome: Omit<Outcome, 'resources' | 'notes'>,
): AuditEvent {
  const { clock, random } = pipeline.ports;
  const offset = clock.now().getTime() - clock.wall().getTime();
  return auditEvent(
    call.operation,
    call.parameters,
    base,
    Math.abs(offset) < 1000 ? 0 : offset,
    { ...outcome, resources: trace.resources, notes: trace.notes },
    random,
  );
}

/** Makes the event durable; a call whose event cannot be written is refused. */
async function journal(pipeline: Pipeline, call: Call, event: AuditEvent, counts: readonly Count[]): Promise<boolean> {
  return pipeline.ports.storage.journal({ event, counts, ...(call.nonce === undefined ? {} : { nonce: call.nonce }) });
}

async function dispatch(
  pipeline: Pipeline,
  call: Call,
  base: RequestContext,
  trace: Trace,
  outer: Outer | undefined,
): Promise<WireObject> {
  const { operation } = call;
  const { storage, throttle } = pipeline.ports;
  if (!call.source.internal && !throttle.take(base.account, operation.throttle)) {
    throw fail(operation.product === 'Kms' ? 'Rejected.Throttling' : 'Throttling.User');
  }
  const input = validate(operation, PRODUCTS[operation.product], call.parameters);
  if (operation.access === 'Read') {
    const answer = await runRead(pipeline, call, base, input, trace, outer);
    const event = eventOf(pipeline, call, base, trace, { answer });
    if (outer !== undefined) {
      // A transaction has no counters, so what counts must be called on its own.
      if (trace.counts.length > 0) throw new Error(`${operation.name} counts and cannot be called inside a write`);
      await outer.tx.audit(event);
    } else if (!(await journal(pipeline, call, event, trace.counts))) throw fail('SignatureNonceUsed');
    return answer;
  }
  let prepared: unknown;
  if (operation.prepare !== undefined) {
    const ctx = { ...base, read: outer?.tx ?? storage.reader };
    const resolved = await admit(pipeline, call, ctx, input, trace);
    if (isDryRun(operation, input)) throw fail('DryRunOperationError');
    const token = tokenParameter(operation);
    // A call that will get its first answer again must not be refused for what has changed since.
    const earlier = token === undefined ? undefined : await recall(ctx.read, operation, call.parameters, token, base);
    if (earlier === undefined) {
      prepared = await operation.prepare(
        handlerContext(pipeline, call, ctx, trace, outer) as never,
        input as never,
        resolved as never,
      );
    }
  }
  const write = async (within: Outer): Promise<WireObject> => {
    const answer = await runWrite(pipeline, call, base, input, trace, within, prepared);
    await within.tx.audit(eventOf(pipeline, call, base, trace, { answer }));
    return answer;
  };
  if (outer !== undefined) return write(outer);
  const refusals: AuditEvent[] = [];
  try {
    return await storage.transaction((tx) => write({ tx, refusals }));
  } finally {
    // Refused inner calls happened whatever became of the transaction, so their events are written outside it.
    for (const event of refusals) await storage.journal({ event });
  }
}

/**
 * Runs one call to its end and returns the answer's members, encoded, without RequestId. Throws a {@link Fault}; its
 * event is durable by then.
 */
export async function execute(pipeline: Pipeline, call: Call, outer?: Outer): Promise<WireObject> {
  const started = pipeline.ports.elapsed();
  const base = contextOf(pipeline, call);
  const trace = new Trace();
  let code = 'OK';
  try {
    return await dispatch(pipeline, call, base, trace, outer);
  } catch (error) {
    const fault = dryRunRefusal(call, faultOf(pipeline, call, error));
    code = fault.code;
    const event = eventOf(pipeline, call, base, trace, { fault });
    if (outer !== undefined) outer.refusals.push(event);
    else if (fault.code === 'SignatureNonceUsed') await pipeline.ports.storage.journal({ event });
    else if (!(await journal(pipeline, call, event, []))) throw fail('SignatureNonceUsed');
    throw fault;
  } finally {
    pipeline.ports.observer.call(
      PRODUCTS[call.operation.product].name,
      call.operation.name,
      code,
      pipeline.ports.elapsed() - started,
    );
  }
}

/** A new id for a request, as the server gives it at the door. */
export function newRequestId(pipeline: Pipeline): string {
  return uuid(pipeline.ports.random);
}
