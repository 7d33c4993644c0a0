/**
 * A look-up table that a client-sent string may index: it has no prototype, so names such as `constructor` find
 * nothing, and it is frozen.
 */
export function table<T extends Record<string, unknown>>(rows: T): Readonly<T> {
  return Object.freeze(Object.assign(Object.create(null) as T, rows));
}

/** Looks a client-sent name up; own keys only. */
export function lookup<V>(rows: Readonly<Record<string, V>>, name: string): V | undefined {
  return Object.hasOwn(rows, name) ? rows[name] : undefined;
}
