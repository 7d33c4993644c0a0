import { createHash } from 'node:crypto';
import type { Parameters } from '../core/parameters.ts';
import { DAY_MS } from '../core/time.ts';
import type { WireObject } from '../core/wire-value.ts';
import type { Collection, Reader, Transaction } from '../domain/storage.ts';
import { fail } from '../errors/fault.ts';
import type { RequestContext } from '../operation/context.ts';
import type { Operation } from '../operation/operation.ts';

/** The answer given to a call with a ClientToken, kept for 24 hours. */
interface Remembered {
  readonly id: string;
  /** Digest of the call's other parameters. */
  readonly request: string;
  readonly answer: WireObject;
  /** Service time, milliseconds. */
  readonly until: number;
  /** UTC day of `until`, for forgetting. */
  readonly day: string;
}

const REMEMBERED: Collection<Remembered> = {
  kind: 'pipeline.idempotency',
  group: 'pipeline',
  schema: 1,
  id: (record) => record.id,
  indexes: { day: (record) => record.day },
};

const FORGET_AT_ONCE = 100;

/** The name of the parameter that carries the operation's idempotency token, if it has one. */
export function tokenParameter(operation: Operation): string | undefined {
  return Object.keys(operation.input).find((name) => operation.input[name]!.role === 'client-token');
}

function digest(...parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:${part}`);
  return hash.digest('base64url');
}

function requestDigest(operation: Operation, parameters: Parameters, tokenName: string): string {
  const named = [...parameters.names()].filter(
    (name) => name !== tokenName && operation.input[name.split('.')[0]!] !== undefined,
  );
  return digest(...named.sort().flatMap((name) => [name, parameters.get(name) ?? '']));
}

/** Looks for the answer to an earlier call with the same token; throws when its parameters were others. */
export async function recall(
  read: Reader,
  operation: Operation,
  parameters: Parameters,
  tokenName: string,
  ctx: RequestContext,
): Promise<WireObject | undefined> {
  const token = parameters.get(tokenName);
  if (token === undefined || token === '') return undefined;
  const found = await read.get(REMEMBERED, ctx.place, digest(operation.product, operation.name, token));
  if (found === undefined || found.until <= ctx.now.getTime()) return undefined;
  if (found.request !== requestDigest(operation, parameters, tokenName))
    throw fail('IdempotentParameterMismatch', { name: tokenName });
  return found.answer;
}

/** Keeps the answer for calls that repeat the token, and forgets some that are past their time. */
export async function remember(
  tx: Transaction,
  operation: Operation,
  parameters: Parameters,
  tokenName: string,
  ctx: RequestContext,
  answer: WireObject,
): Promise<void> {
  const token = parameters.get(tokenName);
  if (token === undefined || token === '') return;
  const until = ctx.now.getTime() + DAY_MS;
  const record: Remembered = {
    id: digest(operation.product, operation.name, token),
    request: requestDigest(operation, parameters, tokenName),
    answer,
    until,
    day: new Date(until).toISOString().slice(0, 10),
  };
  const yesterday = new Date(ctx.now.getTime() - DAY_MS).toISOString().slice(0, 10);
  for (const old of await tx.list(REMEMBERED, ctx.place, { index: 'day', value: yesterday, limit: FORGET_AT_ONCE })) {
    await tx.remove(REMEMBERED, ctx.place, old.id);
  }
  await tx.remove(REMEMBERED, ctx.place, record.id);
  await tx.insert(REMEMBERED, ctx.place, record);
}
