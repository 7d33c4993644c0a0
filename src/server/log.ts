import { type Logger, pino } from 'pino';

/** Structured logs as JSON lines on standard error. Secrets print as `[secret]` by their type. */
export function createLog(level: string): Logger {
  return pino(
    { level, base: { program: 'coffer' }, timestamp: pino.stdTimeFunctions.isoTime, serializers: { err: errorFields } },
    pino.destination({ fd: 2, sync: true }),
  );
}

/** An error with its causes, without the fields that libraries hang on (which may hold parameters of queries). */
function errorFields(error: unknown): unknown {
  if (!(error instanceof Error)) return { message: String(error) };
  const cause: unknown = error.cause === undefined ? undefined : errorFields(error.cause);
  return { type: error.name, message: error.message, stack: error.stack, ...(cause === undefined ? {} : { cause }) };
}
