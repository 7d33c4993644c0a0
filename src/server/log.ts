import { type Logger, pino } from 'pino';
import { processTimers, type Timers } from '../keystore/timers.ts';
import { createLineLimit, type Line } from './line-limit.ts';
import { type LineWriter, standardError } from './line-writer.ts';

/** A database that is down fails every call, and every failure has a stack. */
const SAME_ERRORS = { most: 5, windowMs: 10_000, kinds: 200 } as const;

/** The line that stands for others is never left out itself. */
const LEFT_OUT = 'more of the same were left out';

function lineOf([first, second]: readonly unknown[]): Line {
  const error = first instanceof Error ? first : (first as { err?: unknown } | undefined)?.err;
  const message = typeof first === 'string' ? first : typeof second === 'string' ? second : '';
  return { message, type: error instanceof Error ? error.name : undefined };
}

/**
 * Structured logs as JSON lines on standard error. Secrets print as `[secret]` by their type. Lines that cannot be
 * written (full disk, closed pipe, a reader that has stopped) are lost: the program goes on. Of errors that are the same
 * but for their fields a few are written every ten seconds, then how many were left out.
 */
export function createLog(
  level: string,
  destination: LineWriter = standardError(),
  timers: Timers = processTimers,
): Logger {
  const limit = createLineLimit({
    ...SAME_ERRORS,
    timers,
    leftOut: ({ message, type }, count) => log.error({ leftOut: count, of: message, type }, LEFT_OUT),
  });
  const log = pino(
    {
      level,
      base: { program: 'coffer' },
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: (error: unknown) => errorFields(error) },
      hooks: {
        logMethod(args, method, severity) {
          const line = lineOf(args);
          if (severity < pino.levels.values.error! || line.message === LEFT_OUT || limit.admit(line))
            method.apply(this, args);
        },
      },
    },
    destination,
  );
  return log;
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
