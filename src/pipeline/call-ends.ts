import type { CallEnd, EndEffect } from '../operation/context.ts';
import type { Log } from './ports.ts';

/** What a call has asked to be told of its end. */
export class CallEnds {
  #effects: EndEffect[] = [];

  add(effect: EndEffect): void {
    this.#effects.push(effect);
  }

  /** Leaves everything to the call whose transaction this one was part of. */
  passTo(outer: CallEnds): void {
    outer.#effects.push(...this.#effects.splice(0));
  }

  /** Tells all, last first: what was done last is taken back first. Never rejects: the call's outcome stands. */
  async tell(end: CallEnd, log: Log): Promise<void> {
    for (const effect of this.#effects.splice(0).reverse()) {
      try {
        await effect(end);
      } catch (error) {
        log.error({ err: error, end }, 'what follows the end of a call failed');
      }
    }
  }
}
