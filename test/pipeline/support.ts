/** Operations made for tests, run through the pipeline over a real database. */
import { uuid } from '../../src/core/random.ts';
import type { AuditEvent } from '../../src/domain/audit.ts';
import type { Collection, Nonce } from '../../src/domain/storage.ts';
import { Fault } from '../../src/errors/fault.ts';
import type { Caller } from '../../src/operation/context.ts';
import { declare, type Operation } from '../../src/operation/operation.ts';
import { execute, type Pipeline } from '../../src/pipeline/execute.ts';
import type { PipelinePorts } from '../../src/pipeline/ports.ts';
import { createRegistry } from '../../src/pipeline/registry.ts';
import { Params } from '../../src/wire/params.ts';
import { openTestPipeline, type TestPipeline } from '../support/pipeline.ts';

/** A record to see whether a write has happened. */
export interface Mark {
  readonly name: string;
}
export const MARKS: Collection<Mark> = { kind: 'test.mark', group: 'test', schema: 1, id: (mark) => mark.name };

export const { reads, writes } = declare<undefined>();

export interface Attempt {
  readonly caller?: Caller;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly nonce?: Nonce;
  readonly internal?: boolean;
}

export interface Outcome {
  /** `OK`, or the fault's code. */
  readonly code: string;
  readonly answer: Record<string, unknown> | undefined;
  readonly fault: Fault | undefined;
  readonly requestId: string;
}

export interface Bench extends TestPipeline {
  readonly pipeline: Pipeline;
  run(operation: Operation, attempt?: Attempt): Promise<Outcome>;
  /** The events of a request, oldest first. */
  events(requestId: string): Promise<AuditEvent[]>;
  marks(): Promise<string[]>;
}

/** The whole program with `operations` in place of its own; `changed` replaces ports. */
export async function openBench(
  operations: readonly Operation[],
  changed: (ports: PipelinePorts) => Partial<PipelinePorts> = () => ({}),
  configuration = '',
): Promise<Bench> {
  const opened = await openTestPipeline(configuration);
  const { coffer } = opened;
  const given = coffer.pipeline.ports;
  const pipeline: Pipeline = {
    ...coffer.pipeline,
    registry: createRegistry(operations),
    ports: { ...given, ...changed(given) },
  };
  return {
    ...opened,
    pipeline,
    run: async (operation, { caller = opened.root, parameters = {}, nonce, internal = false } = {}) => {
      const requestId = uuid(coffer.random);
      const call = {
        operation,
        parameters: Params.of(parameters),
        caller,
        source: { ip: '203.0.113.10', secure: true, userAgent: 'test', internal },
        region: coffer.config.region,
        requestId,
        nonce,
      };
      try {
        const answer = (await execute(pipeline, call)) as Record<string, unknown>;
        return { code: 'OK', answer, fault: undefined, requestId };
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        return { code: error.code, answer: undefined, fault: error, requestId };
      }
    },
    events: async (requestId) => {
      const { events } = await coffer.storage.lookupEvents({
        account: coffer.account,
        start: new Date(0),
        end: new Date(Date.now() + 10 * 365 * 86_400_000),
        direction: 'FORWARD',
        filters: [],
        limit: 1000,
      });
      return events.filter((event) => event.requestId === requestId);
    },
    marks: async () => {
      const { storage, account, config } = coffer;
      const found = await storage.reader.list(MARKS, { account, region: config.region });
      return found.map((mark) => mark.name);
    },
  };
}

/** A nonce that is fresh unless a test uses it twice. */
export function nonceOf(key: string): Nonce {
  return { key, until: new Date(Date.now() + 900_000) };
}
