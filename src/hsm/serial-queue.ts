/** Runs jobs one after another. At most `limit` wait; `full` makes the error for one more. */
export class SerialQueue {
  readonly #limit: number;
  readonly #full: () => Error;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(limit: number, full: () => Error) {
    this.#limit = limit;
    this.#full = full;
  }

  run<T>(job: () => Promise<T>): Promise<T> {
    if (this.#waiting >= this.#limit) return Promise.reject(this.#full());
    this.#waiting += 1;
    const result = this.#last.then(job);
    this.#last = result.then(
      () => this.#done(),
      () => this.#done(),
    );
    return result;
  }

  #done(): void {
    this.#waiting -= 1;
  }
}
