import { type Coffer, type OnFirstStart, openCoffer } from './coffer.ts';
import type { Config } from './config/schema.ts';
import { refuseConnection } from './http/api.ts';
import { type Listener, listen, type Unserved } from './http/listener.ts';
import { BODY_BYTES } from './http/load.ts';
import { createMetricsRoutes, createRoutes, type Health } from './http/routes.ts';
import { removeInstanceFile, writeInstanceFile } from './instance-file.ts';
import { sharedLook } from './shared-look.ts';
import { StartRefused } from './start-refused.ts';
import { serverTls } from './tls/server-certificate.ts';
import { VERSION } from './version.ts';

/** A running server. */
export interface Server {
  readonly coffer: Coffer;
  /** `http://127.0.0.1:9080`, in the order of the configuration. */
  readonly endpoints: readonly string[];
  /** Where metrics are served alone; undefined unless configured. */
  readonly metricsEndpoint: string | undefined;
  /** PEM file of the CA that HTTPS clients must trust; undefined without a private CA. */
  readonly caFile: string | undefined;
  /** Takes no new request, lets running ones end, stops tasks, closes HSMs and database. */
  stop(): Promise<void>;
}

function endpointOf(listener: Listener): string {
  const host = listener.host.includes(':') ? `[${listener.host}]` : listener.host;
  return `${listener.tls ? 'https' : 'http'}://${host}:${listener.port}`;
}

function healthOf(coffer: Coffer): Health {
  return {
    // Each look writes, and the page is open to everybody.
    ready: sharedLook(async () => {
      try {
        await coffer.storage.ping();
        return undefined;
      } catch {
        return 'the database does not answer, or takes no writes';
      }
    }),
    status: async () => ({
      version: VERSION,
      mode: coffer.config.mode,
      region: coffer.config.region,
      account: coffer.account,
      startedAt: coffer.startedAt.toISOString(),
      clockOffsetSeconds: Math.round(coffer.clock.offsetMs / 1000),
      storage: coffer.config.storage.kind,
      hsms: coffer.devices.devices().map((deviceId) => ({ deviceId, ...coffer.devices.status(deviceId) })),
    }),
    doctor: sharedLook(() => coffer.examine()),
  };
}

/** Opens everything, binds the ports, starts the tasks. When anything fails, what was opened is closed again. */
export async function startServer(config: Config, onFirstStart?: OnFirstStart): Promise<Server> {
  const coffer = await openCoffer(config, onFirstStart);
  const listeners: Listener[] = [];
  const grace = config.shutdownGraceSeconds * 1000;
  const stop = async (): Promise<void> => {
    await Promise.all([...listeners.map((listener) => listener.close(grace)), coffer.tasks.stop(grace)]);
    await coffer.close();
    await removeInstanceFile(config.dataDir);
  };
  try {
    const api = {
      pipeline: coffer.pipeline,
      clock: coffer.clock,
      random: coffer.random,
      metrics: coffer.metrics,
      region: config.region,
      regions: [config.region, ...config.furtherRegions],
      requestBytes: config.limits.requestBytes,
      authenticate: coffer.authenticate,
    };
    const routes = createRoutes(api, healthOf(coffer), coffer.metrics, {
      requestsInFlight: config.limits.requestsInFlight,
      bodyBytes: BODY_BYTES,
    });
    const tls = config.listen.some((entry) => entry.tls) ? await serverTls(config, coffer.clock.wall()) : undefined;
    if (tls?.newCa === true && coffer.firstStart === undefined)
      coffer.log.warn({ caFile: tls.caFile }, 'a new private CA was made, which all clients must trust');
    const bind = async (key: string, host: string, port: number, secure: boolean, handle: typeof routes) => {
      const refuse = (reason: Unserved) => refuseConnection(coffer.random, reason);
      try {
        return await listen({ host, port, tls: secure ? tls : undefined, handle, refuse });
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        throw new StartRefused(
          `cannot listen on ${host}, port ${port} (${code ?? message}); see who uses it, or change ${key}.`,
        );
      }
    };
    for (const entry of config.listen)
      listeners.push(await bind('"listen"', entry.host, entry.port, entry.tls, routes));
    const endpoints = listeners.map(endpointOf);
    let metricsEndpoint: string | undefined;
    if (config.metrics.port !== undefined) {
      const { host, port } = config.metrics;
      const alone = await bind('metrics.port', host, port, false, createMetricsRoutes(coffer.metrics, coffer.random));
      listeners.push(alone);
      metricsEndpoint = endpointOf(alone);
      coffer.log.info({ endpoint: metricsEndpoint }, 'metrics are served');
    }
    await writeInstanceFile(config.dataDir, {
      pid: process.pid,
      endpoints,
      startedAt: coffer.startedAt.toISOString(),
      ...(tls?.caFile === undefined ? {} : { caFile: tls.caFile }),
    });
    coffer.tasks.start();
    return { coffer, endpoints, metricsEndpoint, caFile: tls?.caFile, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
