/** One API request from the socket to the answer: decode, find the operation, authenticate, execute, encode. */
import type { IncomingMessage } from 'node:http';
import { type Random, uuid } from '../../core/random.ts';
import type { Secret } from '../../core/secret.ts';
import type { Clock } from '../../core/time.ts';
import type { WireObject } from '../../core/wire-value.ts';
import { PRODUCTS } from '../../domain/products.ts';
import { StorageBusy, StorageDown } from '../../domain/storage.ts';
import { Fault, fail } from '../../errors/fault.ts';
import type { ErrorCode } from '../../errors/table.ts';
import type { Caller, Source } from '../../operation/context.ts';
import type { Operation } from '../../operation/operation.ts';
import { execute, type Pipeline } from '../../pipeline/execute.ts';
import type { Credential } from '../../wire/credential.ts';
import { CONTENT_TYPE, encodeError, encodeSuccess, fitsXml } from '../../wire/encode.ts';
import { freshness } from '../../wire/freshness.ts';
import { type DecodedRequest, decodeRequest, type Format, formatOf, type RawRequest } from '../../wire/request.ts';
import { verifySignature } from '../../wire/verify.ts';
import type { WireFault } from '../../wire/wire-fault.ts';
import type { Metrics } from '../metrics.ts';
import { BodyCutOff, BodyScattered, BodyTooLarge, readBody } from './body.ts';
import type { Unserved } from './listener.ts';
import { type Held, type Load, NoRoom } from './load.ts';
import type { Reply } from './reply.ts';

/** What a signature is checked with, and who signed. */
export interface Authenticated {
  readonly caller: Caller;
  readonly secret: Secret;
}

export interface ApiOptions {
  readonly pipeline: Pipeline;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: Metrics;
  readonly region: string;
  readonly regions: readonly string[];
  readonly requestBytes: number;
  /** Finds the key a request names; throws the gateway's fault. */
  readonly authenticate: (accessKeyId: string, securityToken: string | undefined) => Promise<Authenticated>;
}

const BODYLESS = new Uint8Array(0);

function sourceOf(request: IncomingMessage, secure: boolean): Source {
  const address = request.socket.remoteAddress ?? '';
  return {
    ip: address.startsWith('::ffff:') ? address.slice(7) : address,
    secure,
    userAgent: (request.headers['user-agent'] ?? '').slice(0, 512),
    internal: false,
  };
}

/** The region a request is meant for: its host names one, or its RegionId does, or it is the deployment's own. */
function regionOf(options: ApiOptions, host: string | undefined, regionId: string | undefined): string {
  if (options.regions.length === 1) return options.region;
  const named = options.regions.find((region) => host?.includes(`.${region}.`));
  if (named !== undefined) return named;
  return regionId !== undefined && options.regions.includes(regionId) ? regionId : options.region;
}

function wireFault(refused: WireFault): Fault {
  return fail(refused.code, refused.params);
}

/** What an error asks of the client beside what it says: to come again, or another way, as the rest goes unread. */
function headersOf(error: unknown): Readonly<Record<string, string>> {
  const noRoom = error instanceof NoRoom;
  const unread = error instanceof BodyTooLarge || error instanceof BodyScattered || (noRoom && error.of === 'memory');
  return { ...(noRoom && { 'retry-after': '1' }), ...(unread && { connection: 'close' }) };
}

function errorReply(format: Format, fault: Fault, requestId: string, hostId: string, cause?: unknown): Reply {
  const body = encodeError(format, {
    requestId,
    hostId,
    code: fault.code,
    message: fault.message,
    status: fault.status,
    recommend: `docs/reference/errors.md, ${fault.code}`,
    accessDeniedDetail: fault.detail === undefined ? undefined : { ...fault.detail },
  });
  return { status: fault.status, contentType: CONTENT_TYPE[format], body, headers: headersOf(cause) };
}

async function authenticate(options: ApiOptions, decoded: DecodedRequest, raw: RawRequest, credential: Credential) {
  const fresh = freshness(credential, options.clock.wall());
  if (fresh.refused) throw wireFault(fresh);
  const found = await options.authenticate(credential.accessKeyId, credential.securityToken);
  const verified = verifySignature(decoded, raw, found.secret);
  if (!verified.ok) throw fail('SignatureDoesNotMatch', { stringToSign: verified.stringToSign });
  return { caller: found.caller, nonce: { key: fresh.key, until: fresh.until } };
}

/**
 * Serves one API request. Never rejects: whatever happens is a well-formed API error. A request counts as being served
 * only once its body is there: else clients that send theirs slowly, whom nobody has authenticated, would keep out all others.
 */
export async function serveApi(
  options: ApiOptions,
  load: Load,
  request: IncomingMessage,
  secure: boolean,
): Promise<Reply> {
  const requestId = uuid(options.random);
  const headers = request.headers as Readonly<Record<string, string | undefined>>;
  const shell: RawRequest = { method: request.method ?? '', target: request.url ?? '', headers, body: BODYLESS };
  // Known before decoding, so that a request that cannot be decoded is refused in the format it asked for.
  let format = formatOf(shell, /[?&]Format=(\w+)/.exec(shell.target)?.[1]);
  let hostId = headers.host ?? '';
  let executing = false;
  let claimed: string | undefined;
  let unavailable: ErrorCode = 'ServiceUnavailable';
  const room = load.body();
  let place: Held | undefined;
  try {
    const raw: RawRequest = { ...shell, body: await readBody(request, options.requestBytes, room) };
    place = load.enter();
    const decoded = decodeRequest(raw);
    if (decoded.refused) {
      format = formatOf(raw);
      throw wireFault(decoded);
    }
    format = decoded.format;
    claimed = decoded.credential.accessKeyId;
    const operation = options.pipeline.registry.find(decoded.version, decoded.action);
    if (operation.postOnly && raw.method !== 'POST') {
      throw fail('UnsupportedHTTPMethod', { detail: 'Use POST: the request carries a password.' });
    }
    const product = PRODUCTS[operation.product];
    if (operation.product === 'Kms') unavailable = 'ServiceUnavailableTemporary';
    const region = regionOf(options, headers.host, decoded.parameters.get('RegionId'));
    hostId = product.host(region);
    const { caller, nonce } = await authenticate(options, decoded, raw, decoded.credential);
    executing = true;
    const answer = await execute(options.pipeline, {
      operation,
      parameters: decoded.parameters,
      caller,
      source: sourceOf(request, secure),
      region,
      requestId,
      nonce,
    });
    if (format === 'XML') assertExact(operation, answer);
    return {
      status: 200,
      contentType: CONTENT_TYPE[format],
      body: encodeSuccess(format, product.xmlRoot(operation.name), answer, requestId),
    };
  } catch (error) {
    const fault = faultOf(options, error, requestId, unavailable);
    if (!executing) {
      options.metrics.refused(fault.code);
      // No event, as nobody is known whose it would be; but who guesses secrets shall leave a trace.
      if (claimed !== undefined) noteRefusal(options, request, { requestId, code: fault.code, accessKeyId: claimed });
    }
    return errorReply(format, fault, requestId, hostId, error);
  } finally {
    room.release();
    place?.release();
  }
}

/** A text to show may be shown as good as XML can; a plaintext must come back as it was, or not at all. */
function assertExact({ output }: Operation, answer: WireObject): void {
  for (const [name, { secret }] of Object.entries(output)) {
    const value = answer[name];
    if (secret && typeof value === 'string' && !fitsXml(value)) throw fail('AnswerNotInXml');
  }
}

const SHOWN_ID_CHARACTERS = 128;

function noteRefusal(
  { pipeline }: ApiOptions,
  request: IncomingMessage,
  refused: { readonly requestId: string; readonly code: string; readonly accessKeyId: string },
): void {
  const accessKeyId = refused.accessKeyId.slice(0, SHOWN_ID_CHARACTERS);
  pipeline.ports.log.info({ ...refused, accessKeyId, ip: request.socket.remoteAddress }, 'caller not authenticated');
}

function faultOf(options: ApiOptions, error: unknown, requestId: string, unavailable: ErrorCode): Fault {
  if (error instanceof Fault) return error;
  if (error instanceof BodyTooLarge) return fail('RequestTooLarge', { limit: error.limit });
  if (error instanceof BodyCutOff) return fail('MalformedRequest', { detail: 'its body ended early.' });
  if (error instanceof BodyScattered) return fail('MalformedRequest', { detail: 'its body came in too many pieces.' });
  if (error instanceof NoRoom) return fail('ServiceUnavailable');
  if (error instanceof StorageBusy) return fail(unavailable, {}, { cause: error });
  options.pipeline.ports.log.error({ requestId, err: error }, 'request failed');
  if (error instanceof StorageDown) return fail(unavailable, {}, { cause: error });
  return fail('InternalError');
}

/** The answer to bytes that are no HTTP request, or one too slow or too large in its head. */
export function refuseConnection(random: Random, reason: Unserved): Reply {
  const fault = {
    headers: fail('RequestHeaderTooLarge'),
    timeout: fail('RequestTimeout'),
    malformed: fail('MalformedRequest', { detail: 'it is not HTTP.' }),
    connect: fail('UnsupportedHTTPMethod'),
  }[reason];
  return errorReply('JSON', fault, uuid(random), '');
}

/** The answer to a request for what is for operators, by another name than this machine's own. */
export function refuseForeign(random: Random): Reply {
  return errorReply('JSON', fail('NotThisMachine'), uuid(random), '');
}

/** The answer when more requests are under way than the server takes. */
export function refuseBusy(random: Random): Reply {
  return errorReply('JSON', fail('ServiceUnavailable'), uuid(random), '', new NoRoom('requests'));
}
