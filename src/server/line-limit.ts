import type { Timers } from '../keystore/timers.ts';

/** What makes log lines the same: their text and the type of the error they carry. */
export interface Line {
  readonly message: string;
  readonly type: string | undefined;
}

/** Keeps a log from being flooded by one trouble that every call meets. */
export interface LineLimit {
  /** Whether the line may be written; counts it otherwise. */
  admit(line: Line): boolean;
}

/** How many lines of each kind are written, and in which time. */
export interface LineLimitOptions {
  readonly most: number;
  readonly windowMs: number;
  /** Kinds told apart at once; those beyond count as one. */
  readonly kinds: number;
  readonly timers: Timers;
  /** Told at the end of a window how many lines were left out in it. */
  readonly leftOut: (line: Line, count: number) => void;
}

const OTHERS: Line = { message: 'lines of many kinds', type: undefined };

/** The window of a kind opens with its first line; lines beyond `most` are left out until it closes. */
export function createLineLimit({ most, windowMs, kinds, timers, leftOut }: LineLimitOptions): LineLimit {
  const seen = new Map<string, { count: number }>();
  const keyOf = ({ message, type }: Line): string => `${type ?? ''} ${message}`;
  return {
    admit: (asked) => {
      const line = seen.size < kinds || seen.has(keyOf(asked)) ? asked : OTHERS;
      const key = keyOf(line);
      const open = seen.get(key);
      if (open !== undefined) {
        open.count += 1;
        return open.count <= most;
      }
      const window = { count: 1 };
      seen.set(key, window);
      timers.after(windowMs, () => {
        seen.delete(key);
        if (window.count > most) leftOut(line, window.count - most);
      });
      return true;
    },
  };
}
