/**
 * The one list of steps every call goes through after authentication:
 * throttle, validate, resolve, authorise, recall, guard, prepare, handle, remember, audit, tell the end.
 *
 * INVARIANT: handlers are called from {@link execute} only, after {@link admit}; nothing reaches a handler unauthorised.
 */
import type { Parameters } from '../core/parameters.ts';
import { uuid } from '../core/random.ts';
import type { WireObject } from '../core/wire-value.ts';
import type { AuditEvent } from '../domain/audit.ts';
import { PRODUCTS, type ProductName } from '../domain/products.ts';
import type { Nonce, Reader } from '../domain/storage.ts';
import { StorageBusy, StorageDown } from '../domain/storage.ts';
import { Fault, fail } from '../errors/fault.ts';
import type { ErrorCode } from '../errors/table.ts';
import type { Caller, EndEffect, LookupContext, RequestContext, Source } from '../operation/context.ts';
import type { Operation } from '../operation/operation.ts';
import { encodeAnswer } from '../schema/output.ts';
import { auditEvent, type Outcome } from './audit-event.ts';
import { authorise } from './authorise.ts';
import { dryRunRefusal, isDryRun } from './dry-run.ts';
import { type HandlerAnswer, recall, remember } from './idempotency.ts';
import type { PipelinePorts } from './ports.ts';
import type { Registry } from './registry.ts';
import { type Outer, Trace } from './trace.ts';
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
  /** When the request it is part of began; absent: it begins now. */
  readonly now?: Date;
  /** Made inside another call, which was throttled for both. */
  readonly inner?: true;
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
    now: call.now ?? pipeline.ports.clock.now(),
    source: call.source,
  };
}

interface Admitted {
  readonly resolved: unknown;
  /** The answer to an earlier call with the same idempotency token. */
  readonly earlier: HandlerAnswer | undefined;
}

/**
 * Resolve, authorise, recall, guard: what must hold before a handler may run. Runs again inside the transaction of a
 * write. Nobody learns of an earlier call without permission; whoever repeats one is not refused for what has changed
 * since, be it by that very call.
 */
async function admit(
  pipeline: Pipeline,
  call: Call,
  ctx: LookupContext,
  input: unknown,
  trace: Trace,
): Promise<Admitted> {
  const { operation } = call;
  const { access, fingerprint } = pipeline.ports;
  const resolved = await operation.resolve?.(ctx, input as never);
  await authorise(operation, access, ctx, input, resolved);
  const references = operation.references?.({ input, resolved, ctx } as never) ?? {};
  for (const type in references) for (const name of references[type]!) trace.refer(type, name);
  const earlier =
    operation.access === 'Write' ? await recall(ctx.read, operation, call.parameters, fingerprint, ctx) : undefined;
  if (earlier === undefined) for (const guard of operation.guards) await guard.check(resolved as never, ctx);
  return { resolved, earlier };
}

function handlerContext(pipeline: Pipeline, call: Call, ctx: LookupContext, trace: Trace, outer: Outer | undefined) {
  return {
    ...ctx,
    ports: pipeline.ports.portsOf(call.operation.product),
    fail: (code: ErrorCode, params = {}, options = {}) => fail(code, params, options),
    note: (data: Readonly<Record<string, unknown>>) => Object.assign(trace.notes, data),
    refer: (type: string, name: string) => trace.refer(type, name),
    onEnd: (effect: EndEffect) => trace.ends.add(effect),
    count: (counter: string, by: number) => trace.counts.push({ counter, by }),
    call: (product: ProductName, name: string, values: Readonly<Record<string, string>>) => {
      if (!call.operation.calls.some((declared) => declared.product === product && declared.name === name))
        throw new Error(`${call.operation.name} does not declare that it calls ${product} ${name}`);
      const operation = pipeline.registry.of(product, name);
      const parameters = pipeline.parametersOf(values);
      // At the request's own time, so that the trail shows the inner call before the call it made possible.
      const inner: Call = { ...call, operation, parameters, nonce: undefined, now: ctx.now, inner: true };
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
  const { resolved } = await admit(pipeline, call, ctx, input, trace);
  if (isDryRun(call.operation, input)) throw fail('DryRunOperationError');
  const answer = await call.operation.handle(
    handlerContext(pipeline, call, ctx, trace, outer) as never,
    input as never,
    resolved as never,
    undefined as never,
  );
  return encodeAnswer(call.operation.output, answer as never);
}

/** What `prepare` made; absent when it did not run. */
interface Prepared {
  readonly value: unknown;
}

async function runWrite(
  pipeline: Pipeline,
  call: Call,
  base: RequestContext,
  input: unknown,
  trace: Trace,
  outer: Outer,
  prepared: Prepared | undefined,
): Promise<WireObject> {
  const { operation, parameters } = call;
  const { tx } = outer;
  const ctx = { ...base, read: tx as Reader };
  if (trace.nonce !== undefined && !(await tx.useNonce(trace.nonce))) throw fail('SignatureNonceUsed');
  const { resolved, earlier } = await admit(pipeline, call, ctx, input, trace);
  if (earlier !== undefined) return encodeAnswer(operation.output, earlier as never);
  if (isDryRun(operation, input)) throw fail('DryRunOperationError');
  // The earlier answer that made `prepare` unnecessary was forgotten in between: the next try finds all as it is now.
  if (operation.prepare !== undefined && prepared === undefined) throw new StorageBusy();
  const handler = { ...handlerContext(pipeline, call, ctx, trace, outer), tx };
  trace.changing = true;
  const answer = await operation.handle(handler as never, input as never, resolved as never, prepared?.value as never);
  if (outer.broken !== undefined) throw outer.broken;
  await remember(tx, operation, parameters, pipeline.ports.fingerprint, base, answer);
  return encodeAnswer(operation.output, answer as never);
}

/** What the caller is told of anything that a call ends in. */
function faultOf(call: Call, error: unknown): Fault {
  if (error instanceof Fault) return error;
  const kms = call.operation.product === 'Kms';
  const unavailable = kms ? 'ServiceUnavailableTemporary' : 'ServiceUnavailable';
  if (error instanceof StorageBusy || error instanceof StorageDown) return fail(unavailable, {}, { cause: error });
  return fail(kms ? 'InternalFailure' : 'InternalError', {}, { cause: error });
}

/** Anything a handler throws that is no fault is ours to explain in the log, not the caller's to read. */
function logFailure({ ports: { log } }: Pipeline, { requestId, operation }: Call, error: unknown): void {
  if (error instanceof Fault || error instanceof StorageBusy) return;
  log.error({ requestId, operation: operation.name, err: error }, 'call failed');
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

/** Slow outside work, before the transaction. Undefined when an earlier answer makes it unnecessary. */
async function prepare(
  pipeline: Pipeline,
  call: Call,
  base: RequestContext,
  input: unknown,
  trace: Trace,
  outer: Outer | undefined,
): Promise<Prepared | undefined> {
  const { operation } = call;
  const { storage } = pipeline.ports;
  const ctx = { ...base, read: outer?.tx ?? storage.reader };
  const { resolved, earlier } = await admit(pipeline, call, ctx, input, trace);
  if (earlier !== undefined) return undefined;
  if (isDryRun(operation, input)) throw fail('DryRunOperationError');
  const { nonce } = trace;
  if (nonce !== undefined) {
    // What is done outside cannot be rolled back, so a replayed request must not get that far.
    if (!(await storage.transaction((tx) => tx.useNonce(nonce)))) throw fail('SignatureNonceUsed');
    trace.nonce = undefined;
  }
  const handler = handlerContext(pipeline, call, ctx, trace, outer);
  return { value: await operation.prepare!(handler as never, input as never, resolved as never) };
}

/** Runs the outermost write in a transaction of its own. */
async function transact(
  pipeline: Pipeline,
  trace: Trace,
  work: (outer: Outer) => Promise<WireObject>,
): Promise<WireObject> {
  const { storage, random, log } = pipeline.ports;
  const refusals: AuditEvent[] = [];
  try {
    return await storage.transaction(async (tx) => {
      const answer = await work({ tx, refusals, ends: trace.ends });
      for (const event of refusals) await tx.audit(event);
      trace.committing = true;
      return answer;
    });
  } catch (error) {
    // Refused inner calls happened whatever became of the transaction. Whether it committed may be unknown, so their
    // events get new ids.
    for (const event of refusals) {
      await storage
        .journal({ event: { ...event, eventId: uuid(random) } })
        .catch((lost: unknown) =>
          log.error({ err: lost, requestId: event.requestId }, 'an event could not be written'),
        );
    }
    throw error;
  }
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
  if (!call.inner && !call.source.internal && !throttle.take(base.account, operation.throttle)) {
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
    } else if (!(await storage.journal({ event, counts: trace.counts, ...nonceOf(trace) }))) {
      throw fail('SignatureNonceUsed');
    }
    return answer;
  }
  return toEnd(pipeline, trace, outer, async () => {
    const prepared =
      operation.prepare === undefined ? undefined : await prepare(pipeline, call, base, input, trace, outer);
    const write = async (within: Outer): Promise<WireObject> => {
      const answer = await runWrite(pipeline, call, base, input, trace, within, prepared);
      await within.tx.audit(eventOf(pipeline, call, base, trace, { answer }));
      return answer;
    };
    return outer === undefined ? transact(pipeline, trace, write) : write(outer);
  });
}

/** Runs a write and tells its end to whom it concerns; inside another call, that call's end is theirs. */
async function toEnd<T>(
  { ports: { log } }: Pipeline,
  trace: Trace,
  outer: Outer | undefined,
  run: () => Promise<T>,
): Promise<T> {
  try {
    const answer = await run();
    // An earlier answer was repeated: what was prepared is of no use.
    if (!trace.changing) await trace.ends.tell('undone', log);
    else if (outer !== undefined) trace.ends.passTo(outer.ends);
    else await trace.ends.tell('committed', log);
    return answer;
  } catch (error) {
    await trace.ends.tell(trace.committing ? 'unknown' : 'undone', log);
    throw error;
  }
}

function nonceOf({ nonce }: Trace): { nonce?: Nonce } {
  return nonce === undefined ? {} : { nonce };
}

/** Makes the event of a refused call durable and returns what the caller is told. */
async function recordRefusal(
  pipeline: Pipeline,
  call: Call,
  base: RequestContext,
  trace: Trace,
  fault: Fault,
): Promise<Fault> {
  const { storage } = pipeline.ports;
  if (fault.code !== 'SignatureNonceUsed') {
    const event = eventOf(pipeline, call, base, trace, { fault });
    if (await storage.journal({ event, ...nonceOf(trace) })) return fault;
  }
  const replayed = fail('SignatureNonceUsed');
  await storage.journal({ event: eventOf(pipeline, call, base, trace, { fault: replayed }) });
  return replayed;
}

/**
 * Runs one call to its end and returns the answer's members, encoded, without RequestId. Throws a {@link Fault}; its
 * event is durable by then, unless the storage cannot write: then nothing has changed, and the log tells of it.
 */
export async function execute(pipeline: Pipeline, call: Call, outer?: Outer): Promise<WireObject> {
  const started = pipeline.ports.elapsed();
  const base = contextOf(pipeline, call);
  const trace = new Trace(call.nonce);
  let code = 'OK';
  try {
    return await dispatch(pipeline, call, base, trace, outer);
  } catch (error) {
    let fault = dryRunRefusal(call, faultOf(call, error));
    // A database that is down takes no event either, and one line then tells of both.
    const untold = outer === undefined && error instanceof StorageDown;
    if (!untold) logFailure(pipeline, call, error);
    if (outer === undefined) {
      const refused = fault;
      const { requestId, operation } = call;
      try {
        fault = await recordRefusal(pipeline, call, base, trace, refused);
        if (untold) logFailure(pipeline, call, error);
      } catch (lost) {
        const fields = { requestId, operation: operation.name, refused: refused.code };
        pipeline.ports.log.error({ ...fields, err: lost }, 'event not written');
        fault = faultOf(call, lost);
      }
    } else {
      outer.refusals.push(eventOf(pipeline, call, base, trace, { fault }));
      if (trace.changing) outer.broken ??= fault;
    }
    code = fault.code;
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
