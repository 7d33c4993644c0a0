import { createHash } from 'node:crypto';

/** What a share file says: which set of shares it belongs to, and the share. */
export interface Share {
  /** Tells sets of shares apart; 8 hex digits, random. */
  readonly set: string;
  readonly bytes: Uint8Array;
}

const FORM = /^coffer-share:([0-9a-f]{8}):([A-Za-z0-9+/]+=*):([0-9a-f]{8})$/;

function check(set: string, text: string): string {
  return createHash('sha256').update(`${set}:${text}`).digest('hex').slice(0, 8);
}

/** `coffer-share:<set>:<base64>:<check>`; the check finds slips and damage, it protects nothing. */
export function formatShare({ set, bytes }: Share): string {
  const text = Buffer.from(bytes).toString('base64');
  return `coffer-share:${set}:${text}:${check(set, text)}`;
}

/** Undefined when the text is no share, or damaged. */
export function parseShare(text: string): Share | undefined {
  const [, set, body, sum] = FORM.exec(text.trim()) ?? [];
  if (set === undefined || body === undefined || sum !== check(set, body)) return undefined;
  return { set, bytes: new Uint8Array(Buffer.from(body, 'base64')) };
}
