import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { errorRow } from '../errors/table.ts';
import type { Observer } from '../pipeline/ports.ts';

/** Prometheus metrics. Labels come from closed sets: products, operations, error codes. */
export interface Metrics extends Observer {
  readonly registry: Registry;
  /** A request that was refused before its operation was known or its caller authenticated. */
  refused(code: string): void;
  /** Sets what is read at each scrape. */
  gauge(name: string, help: string, read: () => number): void;
}

/** Codes that carry a parameter's name, with the number of a list's item in it, are counted as one. */
function codeLabel(code: string): string {
  return code === 'OK' || errorRow(code) !== undefined ? code : 'Parameter';
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const calls = new Counter({
    name: 'coffer_calls_total',
    help: 'API calls by product, operation and error code (OK for none)',
    labelNames: ['product', 'operation', 'code'],
    registers: [registry],
  });
  const seconds = new Histogram({
    name: 'coffer_call_seconds',
    help: 'Duration of API calls, from authentication to the durable audit event',
    labelNames: ['product', 'operation'],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
    registers: [registry],
  });
  const refusals = new Counter({
    name: 'coffer_refused_total',
    help: 'Requests refused before authentication was complete, by error code',
    labelNames: ['code'],
    registers: [registry],
  });
  return {
    registry,
    call: (product, operation, code, elapsed) => {
      calls.inc({ product, operation, code: codeLabel(code) });
      seconds.observe({ product, operation }, elapsed);
    },
    refused: (code) => refusals.inc({ code: codeLabel(code) }),
    gauge: (name, help, read) => {
      new Gauge({
        name,
        help,
        registers: [registry],
        collect() {
          this.set(read());
        },
      });
    },
  };
}
