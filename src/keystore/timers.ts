/** Waiting as the key stores may ask for it; the edge passes in the process's own, tests a clock of theirs. */
export interface Timers {
  /** Monotonic milliseconds. */
  now(): number;
  /** Calls back after `ms` unless cancelled first. Does not keep the process alive. */
  after(ms: number, work: () => void): () => void;
}

/** The process's own timers. */
export const processTimers: Timers = {
  now: () => performance.now(),
  after: (ms, work) => {
    const timer = setTimeout(work, ms);
    timer.unref();
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
