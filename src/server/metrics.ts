import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { errorRow } from '../errors/table.ts';
import type { Observer } from '../pipeline/ports.ts';

/** One reading of a gauge. */
export interface Sample<Label extends string> {
  readonly labels: Readonly<Record<Label, string>>;
  readonly value: number;
}

/** Prometheus metrics. Labels come from closed sets: products, operations, error codes, states, regions. */
export interface Metrics extends Observer {
  readonly registry: Registry;
  /** A request that was refused before its operation was known or its caller authenticated. */
  refused(code: string): void;
  /** A gauge that is read at each scrape; one that cannot be read shows no sample. */
  gauge<Label extends string>(
    name: string,
    help: string,
    labels: readonly Label[],
    read: () => readonly Sample<Label>[] | Promise<readonly Sample<Label>[]>,
  ): void;
  /** A counter that is kept elsewhere, and read at each scrape. */
  counter(name: `${string}_total`, help: string, read: () => number): void;
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
  // Looking a series up by its labels costs more than counting in it.
  const counted = new Map<string, { inc(): void }>();
  const timed = new Map<string, { observe(value: number): void }>();
  const seriesOf = <S>(known: Map<string, S>, key: string, make: () => S): S => {
    const found = known.get(key) ?? make();
    known.set(key, found);
    return found;
  };
  return {
    registry,
    call: (product, operation, code, elapsed) => {
      const label = codeLabel(code);
      const name = `${product}.${operation}`;
      seriesOf(counted, `${name}.${label}`, () => calls.labels({ product, operation, code: label })).inc();
      seriesOf(timed, name, () => seconds.labels({ product, operation })).observe(elapsed);
    },
    refused: (code) => refusals.inc({ code: codeLabel(code) }),
    gauge: (name, help, labelNames, read) => {
      new Gauge({
        name,
        help,
        labelNames,
        registers: [registry],
        async collect() {
          // A reset alone leaves a gauge without labels at zero.
          this.reset();
          if (labelNames.length === 0) this.remove();
          // The rest is shown all the same: a page without anything tells less than one with a gap.
          const samples = await Promise.resolve()
            .then(read)
            .catch(() => []);
          for (const { labels, value } of samples) this.set({ ...labels }, value);
        },
      });
    },
    counter: (name, help, read) => {
      new Counter({
        name,
        help,
        registers: [registry],
        collect() {
          this.reset();
          this.inc(read());
        },
      });
    },
  };
}
