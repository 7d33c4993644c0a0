/**
 * Keeps two calls from working on one HSM at a time: the second would wipe what the first has made and not yet
 * committed, or fill what the first has wiped. A claim lasts until its holder's call has ended; device work has deadlines
 * of its own, so it needs none. An HSM is driven by one process, so the claims can be kept in its memory.
 */
export class InstanceClaims {
  readonly #claimed = new Set<string>();

  /** Claims all of the HSMs and returns what frees them, to be called once; undefined when one is claimed already. */
  take(instanceIds: readonly string[]): (() => void) | undefined {
    if (instanceIds.some((id) => this.#claimed.has(id))) return undefined;
    for (const id of instanceIds) this.#claimed.add(id);
    return () => {
      for (const id of instanceIds) this.#claimed.delete(id);
    };
  }
}
