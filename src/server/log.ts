import { type Logger, pino } from 'pino';

/** How many characters may wait for a log that cannot be written; beyond it lines are dropped. */
const WAITING_CHARACTERS = 1_048_576;

/**
 * Structured logs as JSON lines on standard error. Secrets print as `[secret]` by their type. Lines that cannot be
 * written (full disk, closed pipe) are lost: the program goes on.
 */
export function createLog(level: string, fd = 2): Logger {
  const destination = pino.destination({ fd, sync: true, maxLength: WAITING_CHARACTERS });
  destination.on('error', () => {});
  return pino(
    {
      level,
      base: { program: 'coffer' },
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: (error: unknown) => errorFields(error) },
    },
    destination,
  );
}

/** Errors may name each other as causes in a circle. */
const CAUSES = 8;

/** An error with its causes, without the fields that libraries hang on (which may hold parameters of queries). */
function errorFields(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return { message: String(error) };
  const deeper = error.cause !== undefined && depth < CAUSES;
  const cause: unknown = deeper ? errorFields(error.cause, depth + 1) : undefined;
  return { type: error.name, message: error.message, stack: error.stack, ...(cause === undefined ? {} : { cause }) };
}
