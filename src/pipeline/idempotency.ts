import { createHash } from 'node:crypto';
import type { Parameters } from '../core/parameters.ts';
import { lookup } from '../core/table.ts';
import { DAY_MS } from '../core/time.ts';
import type { Collection, Reader, Transaction } from '../domain/storage.ts';
import { fail } from '../errors/fault.ts';
import type { RequestContext } from '../operation/context.ts';
import type { Operation } from '../operation/operation.ts';

/** What a handler returned, before it is encoded: what is encoded may hold more than a record keeps. */
export type HandlerAnswer = Readonly<Record<string, unknown>>;

/** The answer given to a call with a ClientToken, kept for 24 hours. */
interface Remembered {
  /** Digest of operation and token. */
  readonly id: string;
  /** Fingerprint of the call's other parameters, secrets among them. */
  readonly request: string;
  readonly answer: HandlerAnswer;
  /** Service time, milliseconds. */
  readonly until: number;
}

const REMEMBERED: Collection<Remembered> = {
  kind: 'pipeline.idempotency',
  group: 'pipeline',
  schema: 1,
  id: (record) => record.id,
};

/**
 * How many neighbours each new answer looks at, to forget those past their time. Ids are digests, so neighbours are a
 * random sample: with each new one looking at eight, at most about one in eight of all is past its time.
 */
const NEIGHBOURS = 8;

type Fingerprint = (text: string) => string;

/** Parts with their lengths, so that no two lists of parts give one text. */
function joined(parts: readonly string[]): string {
  return parts.map((part) => `${part.length}:${part}`).join('');
}

interface Token {
  readonly name: string;
  readonly id: string;
  readonly request: string;
}

/** The call's token with what it stands for; undefined without one. */
function tokenOf(operation: Operation, parameters: Parameters, fingerprint: Fingerprint): Token | undefined {
  const name = operation.parameterRoles.clientToken;
  const token = name === undefined ? undefined : parameters.get(name);
  if (name === undefined || token === undefined || token === '') return undefined;
  const declared = [...parameters.names()].filter(
    (sent) => sent !== name && lookup(operation.input, sent.split('.')[0]!) !== undefined,
  );
  return {
    name,
    id: createHash('sha256')
      .update(joined([operation.product, operation.name, token]))
      .digest('base64url'),
    request: fingerprint(joined(declared.sort().flatMap((sent) => [sent, parameters.get(sent) ?? '']))),
  };
}

/** Looks for the answer to an earlier call with the same token; throws when its parameters were others. */
export async function recall(
  read: Reader,
  operation: Operation,
  parameters: Parameters,
  fingerprint: Fingerprint,
  ctx: RequestContext,
): Promise<HandlerAnswer | undefined> {
  const token = tokenOf(operation, parameters, fingerprint);
  if (token === undefined) return undefined;
  const found = await read.get(REMEMBERED, ctx.place, token.id);
  if (found === undefined || found.until <= ctx.now.getTime()) return undefined;
  if (found.request !== token.request) throw fail('IdempotentParameterMismatch', { name: token.name });
  return found.answer;
}

/** Keeps the answer for calls that repeat the token, and forgets some that are past their time. */
export async function remember(
  tx: Transaction,
  operation: Operation,
  parameters: Parameters,
  fingerprint: Fingerprint,
  ctx: RequestContext,
  answer: HandlerAnswer,
): Promise<void> {
  const token = tokenOf(operation, parameters, fingerprint);
  if (token === undefined) return;
  const now = ctx.now.getTime();
  for (const near of await tx.list(REMEMBERED, ctx.place, { after: token.id, limit: NEIGHBOURS })) {
    if (near.until <= now) await tx.remove(REMEMBERED, ctx.place, near.id);
  }
  await tx.remove(REMEMBERED, ctx.place, token.id);
  await tx.insert(REMEMBERED, ctx.place, { id: token.id, request: token.request, answer, until: now + DAY_MS });
}
