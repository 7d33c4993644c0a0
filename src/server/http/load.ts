/** Something that is had for a while; given back once, however often it is said. */
export interface Held {
  release(): void;
}

/** More is under way than the server takes: answered with an error that clients try again after. */
export class NoRoom extends Error {
  /** Requests being served, or memory for their bodies. */
  readonly of: 'requests' | 'memory';
  constructor(of: 'requests' | 'memory') {
    super(`no room for more ${of}`);
    this.name = 'NoRoom';
    this.of = of;
  }
}

/** Memory of one body, as far as it counts. */
export interface BodyRoom extends Held {
  /** Makes room for a body of so many bytes in all; throws {@link NoRoom} when there is none. */
  grow(bytes: number): void;
}

/** What requests take of the server while they are there. Everybody may send them, so everything has an end. */
export interface Load {
  /** A place among the requests served at once; throws {@link NoRoom} when all are taken. */
  enter(): Held;
  /** Room for one more body, empty at first. */
  body(): BodyRoom;
}

export interface LoadLimits {
  readonly requestsInFlight: number;
  /** Bytes of all bodies, read or being read. */
  readonly bodyBytes: number;
}

/**
 * Not counted of each body: who fills the room with large bodies that never end is not to keep out ordinary calls, which
 * are smaller. What this adds up to is bounded by the number of connections.
 */
const UNCOUNTED_BYTES = 16 * 1024;

/** 128 times the largest body, as configured by default: more than a server that keeps up ever holds. */
export const BODY_BYTES = 128 * 1024 * 1024;

export function createLoad({ requestsInFlight, bodyBytes }: LoadLimits): Load {
  let requests = 0;
  let bytes = 0;
  return {
    enter: () => {
      if (requests >= requestsInFlight) throw new NoRoom('requests');
      requests += 1;
      let held = true;
      return {
        release: () => {
          if (held) requests -= 1;
          held = false;
        },
      };
    },
    body: () => {
      let held = 0;
      return {
        grow: (to) => {
          const more = Math.max(0, to - UNCOUNTED_BYTES) - held;
          if (more <= 0) return;
          if (bytes + more > bodyBytes) throw new NoRoom('memory');
          held += more;
          bytes += more;
        },
        release: () => {
          bytes -= held;
          held = 0;
        },
      };
    },
  };
}
