/** Waiting as the key stores may ask for it; the edge passes in the process's own, tests a clock of theirs. */
export interface Timers {
  /** Monotonic milliseconds. */
  now(): number;
  /** Calls back once `ms` have passed by {@link now}, never before, unless cancelled first. Does not keep the process alive. */
  after(ms: number, work: () => void): () => void;
}

/** The process's own timers. */
export const processTimers: Timers = {
  now: () => performance.now(),
  after: (ms, work) => {
    const due = performance.now() + ms;
    let timer: NodeJS.Timeout;
    const arm = (left: number): void => {
      timer = setTimeout(() => {
        // The event loop counts whole milliseconds, so a busy one calls up to one too early.
        const still = due - performance.now();
        if (still > 0) arm(still);
        else work();
      }, Math.ceil(left));
      timer.unref();
    };
    arm(ms);
    return () => clearTimeout(timer);
  },
};

/** What `work` gives within `ms`, else what `late` gives. The work itself is not stopped. */
export function within<T>(timers: Timers, ms: number, work: Promise<T>, late: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = timers.after(ms, () => {
      try {
        resolve(late());
      } catch (error) {
        reject(error);
      }
    });
    work.then(resolve, reject).finally(cancel);
  });
}
