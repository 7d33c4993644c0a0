import type { HsmLink } from '../../../domain/hsm-devices.ts';
import type { StoreMember } from '../../../domain/kms/key-store.ts';
import type { MemberRefused } from '../../open-member.ts';
import type { Timers } from '../../timers.ts';
import { type Circuit, type CircuitLimits, CLOSED, failed, mayTry } from './circuit.ts';

export interface MemberOptions {
  readonly timers: Timers;
  readonly circuit: CircuitLimits;
  /** Opens and logs in; throws {@link MemberRefused}. */
  readonly open: (member: StoreMember) => Promise<HsmLink>;
  readonly refusal: (member: StoreMember, error: unknown) => MemberRefused;
}

/** Callers wait for a member whose next attempt is this near. */
const SOON_MS = 500;

/** One HSM of a store as this node sees it: its link, and when to try again after a failure. */
export class Member {
  readonly member: StoreMember;
  /** A call to it takes longer than others would: to be asked last until it answers. */
  suspect = false;
  readonly #options: MemberOptions;
  #link: HsmLink | undefined;
  #opening: Promise<boolean> | undefined;
  #circuit: Circuit = CLOSED;
  #problem: string | undefined;
  #retry: { readonly done: Promise<boolean>; readonly cancel: () => void } | undefined;
  #closed = false;

  constructor(member: StoreMember, options: MemberOptions) {
    this.member = member;
    this.#options = options;
  }

  /** The link while it works. */
  get link(): HsmLink | undefined {
    return this.#link?.open === true ? this.#link : undefined;
  }

  /** Why there is no link, for operators. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /**
   * Opens the link unless it is open; waits for the next attempt when that is near. Resolves with whether the link is
   * open then, at once with false when no attempt is due soon. Never rejects.
   */
  ensure(): Promise<boolean> {
    if (this.link !== undefined) return Promise.resolve(true);
    if (this.#closed) return Promise.resolve(false);
    // An attempt under way may have looked at the network before it was repaired: once more, if that is allowed.
    if (this.#opening !== undefined) return this.#opening.then((open) => open || (this.#due() && this.#start()));
    if (this.#due()) return this.#start();
    const soon = this.#circuit.retryAt - this.#options.timers.now() <= SOON_MS;
    return soon && this.#retry !== undefined ? this.#retry.done : Promise.resolve(false);
  }

  /** The link failed in use, or its path is gone: drops it and comes back later. */
  drop(problem: string): void {
    this.#problem = problem;
    const link = this.#link;
    this.#link = undefined;
    link?.close();
    if (link !== undefined) this.#later();
  }

  close(): void {
    this.#closed = true;
    this.#retry?.cancel();
    this.#link?.logout();
    this.#link?.close();
    this.#link = undefined;
  }

  #due(): boolean {
    return !this.#closed && mayTry(this.#circuit, this.#options.timers.now());
  }

  #start(): Promise<boolean> {
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #open(): Promise<boolean> {
    try {
      const link = await this.#options.open(this.member);
      if (this.#closed) {
        link.close();
        return false;
      }
      this.#link = link;
      this.#circuit = CLOSED;
      this.#problem = undefined;
      this.suspect = false;
      void link.closed.then((why) => {
        if (this.#link === link) this.drop(why);
      });
      return true;
    } catch (error) {
      const refusal = this.#options.refusal(this.member, error);
      this.#problem = refusal.message;
      if (!refusal.undialled) this.#later();
      return false;
    }
  }

  #later(): void {
    const { timers, circuit } = this.#options;
    this.#circuit = failed(this.#circuit, timers.now(), circuit);
    this.#retry?.cancel();
    if (this.#closed) return;
    let settle: (open: boolean) => void = () => {};
    const done = new Promise<boolean>((resolve) => {
      settle = resolve;
    });
    const cancel = timers.after(Math.max(0, Math.ceil(this.#circuit.retryAt - timers.now())), () => {
      this.#retry = undefined;
      void this.ensure().then(settle);
    });
    this.#retry = {
      done,
      cancel: () => {
        cancel();
        this.#retry = undefined;
        settle(false);
      },
    };
  }
}
