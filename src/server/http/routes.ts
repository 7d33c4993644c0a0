import type { IncomingMessage } from 'node:http';
import type { Random } from '../../core/random.ts';
import { isLoopback, plainAddress } from '../loopback.ts';
import type { Metrics } from '../metrics.ts';
import { type ApiOptions, refuseBusy, refuseForeign, serveApi } from './api.ts';
import { createLoad, type Held, type LoadLimits, NoRoom } from './load.ts';
import type { Reply } from './reply.ts';

/** What the health pages ask. */
export interface Health {
  /** Undefined when all is well, else what is not. */
  readonly ready: () => Promise<string | undefined>;
  /** For `coffer status`; no secrets. */
  readonly status: () => Promise<Readonly<Record<string, unknown>>>;
  /** Findings of the doctor. */
  readonly doctor: () => Promise<unknown>;
}

const JSON_TYPE = 'application/json;charset=utf-8';

function page(status: number, body: unknown): Reply {
  return { status, contentType: JSON_TYPE, body: `${JSON.stringify(body)}\n` };
}

const ALIVE = page(200, { status: 'up' });

async function metricsPage({ registry }: Metrics): Promise<Reply> {
  return { status: 200, contentType: registry.contentType, body: await registry.metrics() };
}

async function operatorPage(
  path: string,
  health: Health,
  metrics: Metrics,
  local: boolean,
): Promise<Reply | undefined> {
  if (path === '/-/health') return ALIVE;
  if (path === '/-/ready') {
    const problem = await health.ready();
    return problem === undefined
      ? page(200, { status: 'ready' })
      : page(503, { Code: 'ServiceUnavailable', Message: problem, status: 'not ready' });
  }
  if (!local) return undefined;
  if (path === '/-/metrics') return await metricsPage(metrics);
  if (path === '/-/status') return page(200, await health.status());
  if (path === '/-/doctor') return page(200, await health.doctor());
  return undefined;
}

/** On loopback, or by the very address it was sent to. */
function fromThisMachine({ socket }: IncomingMessage): boolean {
  const { remoteAddress, localAddress } = socket;
  return remoteAddress !== undefined && (isLoopback(remoteAddress) || remoteAddress === localAddress);
}

const HOST = /^(?:\[([^\]]+)\]|([^:]+))(?::\d+)?$/;

/**
 * Whether the request names this machine, or the address it came in on. A browser on this machine sends the name of the
 * site whose page asks: a site that lets its name point here (DNS rebinding) is not to read what only operators may.
 */
function namesThisMachine({ headers, socket }: IncomingMessage): boolean {
  const parts = HOST.exec(headers.host ?? '');
  const name = (parts?.[1] ?? parts?.[2])?.toLowerCase();
  if (name === undefined) return false;
  return isLoopback(name) || plainAddress(name) === plainAddress(socket.localAddress ?? '');
}

/**
 * Routes a request: `/-/health` and `/-/ready` for everybody, `/-/metrics`, `/-/status` and `/-/doctor` for clients on this machine
 * that call it by its own name, anything else is the API. What is under way at once is limited.
 */
export function createRoutes(api: ApiOptions, health: Health, metrics: Metrics, limits: LoadLimits) {
  const load = createLoad(limits);
  return async (request: IncomingMessage, secure: boolean): Promise<Reply> => {
    const url = request.url ?? '';
    // Being busy is no reason to be taken for dead and restarted.
    if (url === '/-/health' && request.method === 'GET') return ALIVE;
    if (url.startsWith('/-/') && request.method === 'GET') {
      let place: Held | undefined;
      try {
        place = load.enter();
        const local = fromThisMachine(request) && namesThisMachine(request);
        const found = await operatorPage(url.split('?')[0]!, health, metrics, local);
        if (found !== undefined) return found;
      } catch (error) {
        if (!(error instanceof NoRoom)) throw error;
        metrics.refused('ServiceUnavailable');
        return refuseBusy(api.random);
      } finally {
        place?.release();
      }
    }
    return await serveApi(api, load, request, secure);
  };
}

/** The listener for metrics alone: the page at any path, for clients on this machine that call it by its own name. */
export function createMetricsRoutes(metrics: Metrics, random: Random) {
  return async (request: IncomingMessage): Promise<Reply> =>
    fromThisMachine(request) && namesThisMachine(request) ? await metricsPage(metrics) : refuseForeign(random);
}
