/** What one check found. */
export interface Finding {
  /** What was looked at: `database`, `root key: key-file`, `HSM hsmdev-…`. */
  readonly what: string;
  readonly state: 'ok' | 'warning' | 'problem';
  /** One sentence. */
  readonly detail: string;
  /** What to do; empty when all is well. */
  readonly advice: string;
}

export function ok(what: string, detail: string): Finding {
  return { what, state: 'ok', detail, advice: '' };
}

export function problem(what: string, detail: string, advice: string): Finding {
  return { what, state: 'problem', detail, advice };
}

export function warning(what: string, detail: string, advice: string): Finding {
  return { what, state: 'warning', detail, advice };
}
