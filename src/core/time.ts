/** Time as the rest of the program may ask for it. Nothing but the program's edge reads the machine's clock. */
export interface Clock {
  /** The service's time: the machine's, plus what a development server's clock was moved forward by. */
  now(): Date;
  /** The machine's time, by which request signatures are judged. */
  wall(): Date;
}

// Calls print and read the present second many times over: the last one is remembered, which changes no result.
let printed = { second: Number.NaN, text: '' };
let read = { text: '', ms: Number.NaN };

/** `2021-06-30T08:00:00Z`: UTC, whole seconds, as every answer and event prints a time. */
export function isoSeconds(at: Date): string {
  const second = Math.floor(at.getTime() / SECOND_MS);
  if (second !== printed.second) printed = { second, text: `${at.toISOString().slice(0, 19)}Z` };
  return printed.text;
}

const ISO_SECONDS = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;

/** Reads `yyyy-MM-ddTHH:mm:ssZ`; undefined when the text is anything else or names no real instant. */
export function parseIsoSeconds(text: string): Date | undefined {
  if (text === read.text) return new Date(read.ms);
  if (!ISO_SECONDS.test(text)) return undefined;
  const at = new Date(text);
  if (Number.isNaN(at.getTime()) || isoSeconds(at) !== text) return undefined;
  read = { text, ms: at.getTime() };
  return at;
}

export const SECOND_MS = 1000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
