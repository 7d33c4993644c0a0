/** What one transaction changed, as far as caches and task runners are concerned. */

/** More than this in one transaction, and other nodes drop everything they cached. */
const NAMED_AT_MOST = 5000;

export interface Changes {
  /** Cache keys of records and names. */
  readonly keys: ReadonlySet<string>;
  /** Groups of accounts whose memos ended. */
  readonly groups: ReadonlySet<string>;
  readonly tasks: boolean;
}

/** The change as text for the change log; undefined when other nodes need not know. */
export function writeChanges(changes: Changes): string | undefined {
  const { keys, groups, tasks } = changes;
  if (keys.size === 0 && groups.size === 0 && !tasks) return undefined;
  if (keys.size + groups.size > NAMED_AT_MOST) return JSON.stringify({ all: true, tasks });
  return JSON.stringify({ keys: [...keys], groups: [...groups], tasks });
}

/** Reads a change of another node; `all` when everything may have changed, also for forms this program does not know. */
export function readChanges(text: string): Changes | { readonly all: true; readonly tasks: boolean } {
  const read = JSON.parse(text) as { keys?: unknown; groups?: unknown; tasks?: unknown };
  if (!Array.isArray(read.keys) || !Array.isArray(read.groups)) return { all: true, tasks: read.tasks !== false };
  return { keys: new Set(read.keys as string[]), groups: new Set(read.groups as string[]), tasks: read.tasks === true };
}
