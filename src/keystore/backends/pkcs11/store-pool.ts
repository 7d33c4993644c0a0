import type { HsmLink } from '../../../domain/hsm-devices.ts';
import { HsmError } from '../../../domain/hsm-errors.ts';
import { StoreUnavailable } from '../../../domain/kms/backend.ts';
import type { KeyStoreRecord } from '../../../domain/kms/key-store.ts';
import type { Place } from '../../../domain/storage.ts';
import { dialMember, logIn, type MemberPorts, memberRefusal } from '../../open-member.ts';
import { type Timers, within } from '../../timers.ts';
import { CIRCUIT_LIMITS, type CircuitLimits } from './circuit.ts';
import { Member } from './member.ts';

/** Times of a store's pool, milliseconds. */
export interface PoolLimits {
  /** A call that has no answer by then is also given to another member. */
  readonly hedgeMs: number;
  /** A whole call, failing over included. */
  readonly callMs: number;
  /** Opening a link: dial only; what follows has the link's own deadlines. */
  readonly dialMs: number;
  /** How long making a key waits for members that are just coming up. */
  readonly gatherMs: number;
  /** How long telling the store's health waits for them. */
  readonly lookMs: number;
  /** How long a member may take to say that it lives. */
  readonly pulseMs: number;
  /** Calls of this node to one store at a time; more are refused. */
  readonly calls: number;
  readonly circuit: CircuitLimits;
}

export const POOL_LIMITS: PoolLimits = {
  hedgeMs: 100,
  callMs: 6_000,
  dialMs: 5_000,
  gatherMs: 5_000,
  lookMs: 2_500,
  pulseMs: 1_000,
  calls: 8_192,
  circuit: CIRCUIT_LIMITS,
};

/** Something to be done on any one member; must be safe to do twice. */
export type MemberWork<T> = (link: HsmLink) => Promise<T>;

interface Call {
  readonly since: number;
  /** Gives the call to one more member, if there is one; called once it takes long. */
  readonly hedge: () => void;
  hedged: boolean;
}

/**
 * This node's links to the members of one store, for one epoch of its connection. A call goes to one healthy member in
 * turn, at once to another when that one fails, and to a second one when the first is slow.
 */
export class StorePool {
  readonly epoch: number;
  readonly members: readonly Member[];
  readonly #ports: MemberPorts;
  readonly #timers: Timers;
  readonly #limits: PoolLimits;
  readonly #place: Place;
  readonly #store: KeyStoreRecord;
  readonly #calls = new Set<Call>();
  #turn = 0;
  #watching = false;
  /** Why no password may be tried any more in this epoch. */
  #barred: string | undefined;
  #logins: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(ports: MemberPorts, timers: Timers, limits: PoolLimits, place: Place, store: KeyStoreRecord) {
    this.#ports = ports;
    this.#timers = timers;
    this.#limits = limits;
    this.#place = place;
    this.#store = store;
    this.epoch = store.epoch;
    this.members = store.members.map(
      (member) =>
        new Member(member, {
          timers,
          circuit: limits.circuit,
          open: () => this.#open(member),
          refusal: memberRefusal,
        }),
    );
  }

  /** The store this pool was opened for. */
  get store(): KeyStoreRecord {
    return this.#store;
  }

  /** Members with an open link. */
  ready(): Member[] {
    return this.members.filter((member) => member.link !== undefined);
  }

  /** Opens what can be opened, waits a bounded time, and returns the members that are usable now. */
  async gather(ms = this.#limits.gatherMs): Promise<Member[]> {
    const opening = Promise.all(this.members.map((member) => member.ensure()));
    await within<unknown>(this.#timers, ms, opening, () => undefined);
    await Promise.all(this.ready().map((member) => this.#reachable(member)));
    return this.ready();
  }

  /** Does the work on one member; {@link StoreUnavailable} when none can. Other errors are the work's own. */
  run<T>(work: MemberWork<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new StoreUnavailable('the store was disconnected'));
    if (this.#calls.size >= this.#limits.calls) return Promise.reject(new StoreUnavailable('too many calls wait'));
    return new Promise<T>((resolve, reject) => {
      const tried = new Set<HsmLink>();
      let running = 0;
      let settled = false;
      let last: unknown;
      const settle = (finish: () => void): void => {
        if (settled) return;
        settled = true;
        this.#calls.delete(call);
        finish();
      };
      const slow = new Set<Member>();
      const launch = (member: Member, link: HsmLink): void => {
        tried.add(link);
        slow.add(member);
        running += 1;
        this.#on(member, work).then(
          (value) => settle(() => resolve(value)),
          (error: unknown) => {
            running -= 1;
            if (settled) return;
            if (!(error instanceof HsmError && error.retryOnOtherMember)) {
              settle(() => reject(error));
              return;
            }
            last = error;
            if (running === 0) next();
          },
        );
      };
      const another = (): boolean => {
        const member = this.#pick(tried);
        const link = member?.link;
        if (member === undefined || link === undefined) return false;
        launch(member, link);
        return true;
      };
      const next = (): void => {
        if (another()) return;
        void this.#anyOpens(call.since).then((opened) => {
          if (settled || (opened && another()) || running > 0) return;
          settle(() => reject(new StoreUnavailable(this.#explain(last), { cause: last })));
        });
      };
      const call: Call = {
        since: this.#timers.now(),
        hedged: false,
        hedge: () => {
          for (const member of slow) member.suspect = true;
          another();
        },
      };
      this.#calls.add(call);
      this.#watch();
      next();
    });
  }

  /** Whether a member answers within a short time. */
  async pulse(member: Member): Promise<boolean> {
    const beat = this.#on(member, (link) => link.generateRandom(1)).then(
      () => true,
      () => false,
    );
    return within(this.#timers, this.#limits.pulseMs, beat, () => false);
  }

  /** Does work on one named member. Throws as the work does, {@link HsmError} `Unreachable` without a link. */
  on<T>(member: Member, work: MemberWork<T>): Promise<T> {
    return this.#on(member, work);
  }

  /**
   * Does work on a member that concerns only what its process holds in memory: done as well when no process runs, or a
   * new one does by now. Undefined then; a sentence when the work was not done.
   */
  async whereRunning(member: Member, work: MemberWork<unknown>): Promise<string | undefined> {
    const path = await this.#ports.paths.of(this.#place, this.#store, member.member);
    if (!path.open) return `HSM ${member.member.instanceId}: ${path.why}`;
    try {
      const { pid, generation } = this.#ports.devices.status(path.deviceId);
      if (pid === undefined) return undefined;
      await within(this.#timers, this.#limits.gatherMs, member.ensure(), () => false);
      try {
        await this.#on(member, work);
        return undefined;
      } catch (error) {
        const now = this.#ports.devices.status(path.deviceId);
        if (now.pid === undefined || now.generation !== generation) return undefined;
        throw error;
      }
    } catch (error) {
      if (error instanceof HsmError) return memberRefusal(member.member, error).message;
      throw error;
    }
  }

  close(): void {
    this.#closed = true;
    for (const member of this.members) member.close();
  }

  async #on<T>(member: Member, work: MemberWork<T>): Promise<T> {
    const link = member.link;
    if (link === undefined || !(await this.#reachable(member))) {
      throw new HsmError('Unreachable', '', `HSM ${member.member.instanceId}: ${member.problem ?? 'no link'}`);
    }
    try {
      const value = await work(link);
      member.suspect = false;
      return value;
    } catch (error) {
      // A link that works but says so has a sick HSM behind it; it comes back when it opens anew and passes its proof.
      if (error instanceof HsmError && (error.code === 'DeviceFailed' || error.code === 'NotLoggedIn')) {
        member.drop(error.message);
      }
      throw error;
    }
  }

  /** Looks at the network again: a path that has been cut cuts the link. */
  async #reachable(member: Member): Promise<boolean> {
    const path = await this.#ports.paths.of(this.#place, this.#store, member.member);
    if (!path.open) member.drop(path.why);
    return path.open;
  }

  async #open(member: Member['member']): Promise<HsmLink> {
    this.#assertNotBarred();
    const task = { place: this.#place, store: this.#store, member };
    const link = await dialMember(this.#ports, task, this.#limits.dialMs);
    // One login after another: a wrong password is then tried on one HSM only.
    const login = this.#logins.then(async () => {
      try {
        this.#assertNotBarred();
      } catch (error) {
        link.close();
        throw error;
      }
      try {
        await logIn(this.#ports, task, link);
      } catch (error) {
        const refusal = memberRefusal(member, error);
        if (refusal.final) this.#barred ??= refusal.message;
        throw refusal;
      }
    });
    this.#logins = login.catch(() => {});
    await login;
    return link;
  }

  #assertNotBarred(): void {
    if (this.#barred !== undefined) throw new HsmError('Unreachable', '', `no password is tried: ${this.#barred}`);
  }

  /** The next ready member in turn whose link was not tried; suspects last. */
  #pick(tried: ReadonlySet<HsmLink>): Member | undefined {
    const { length } = this.members;
    let suspect: Member | undefined;
    for (let step = 0; step < length; step += 1) {
      const at = (this.#turn + step) % length;
      const member = this.members[at]!;
      const link = member.link;
      if (link === undefined || tried.has(link)) continue;
      if (!member.suspect) {
        this.#turn = at + 1;
        return member;
      }
      suspect ??= member;
    }
    return suspect;
  }

  /** Waits, within the call's time, until some member without a link has one; false when none will soon. */
  async #anyOpens(since: number): Promise<boolean> {
    const left = this.#limits.callMs - (this.#timers.now() - since);
    const closed = this.members.filter((member) => member.link === undefined);
    if (left <= 0 || closed.length === 0 || this.#closed) return false;
    const first = Promise.any(
      closed.map(async (member) => {
        if (!(await member.ensure())) throw new Error('not open');
        return true;
      }),
    ).catch(() => false);
    return within(this.#timers, left, first, () => false);
  }

  /** One timer for all calls: gives those that take long to a second member. */
  #watch(): void {
    if (this.#watching || this.members.length < 2) return;
    this.#watching = true;
    this.#timers.after(this.#limits.hedgeMs / 2, () => {
      this.#watching = false;
      const late = this.#timers.now() - this.#limits.hedgeMs;
      for (const call of this.#calls) {
        // Calls are kept in the order they came.
        if (call.since > late) break;
        if (call.hedged) continue;
        call.hedged = true;
        call.hedge();
      }
      if (this.#calls.size > 0) this.#watch();
    });
  }

  #explain(last: unknown): string {
    if (last instanceof Error) return last.message;
    const problems = this.members.map((member) => member.problem).filter((problem) => problem !== undefined);
    return problems.join('; ') || 'no HSM of the store can be reached';
  }
}
