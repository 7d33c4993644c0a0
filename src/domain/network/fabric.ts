import type { Place } from '../place.ts';
import type { Unreachable } from './reach.ts';

/** Why an interface was not attached. */
export type AttachRefusal = 'NoInterface' | 'NotPermitted' | 'InUse';

/** The wire's refusal to attach an interface. */
export class AttachRefused extends Error {
  readonly reason: AttachRefusal;
  constructor(reason: AttachRefusal, networkInterfaceId: string) {
    super(`${networkInterfaceId} cannot be attached: ${reason}`);
    this.name = 'AttachRefused';
    this.reason = reason;
  }
}

export type Path =
  | {
      readonly ok: true;
      /** The HSM at the other end, as the HSM service names it. */
      readonly instanceId: string;
      /** The same HSM as the devices' port names it. */
      readonly deviceId: string;
    }
  | { readonly ok: false; readonly reason: Unreachable };

/**
 * The wires of the data centre, as a service sees them that has an account of its own: it may plug in an interface it
 * was permitted to, and finds out whether a connection comes about. It reads the state of network and HSM service as
 * committed and knows nothing of KMS.
 */
export interface NetworkFabric {
  /**
   * Attaches an interface of `place` to the service's own instance; the interface becomes `InUse`. Needs a granted
   * `InstanceAttach` permission for `serviceAccount`. Attaching again is a success. Throws {@link AttachRefused}.
   */
  attach(place: Place, networkInterfaceId: string, serviceAccount: string): Promise<void>;
  /**
   * Takes the interface off; it becomes `Available`. What is not there, or not attached by `serviceAccount`, is left
   * alone without an error.
   */
  detach(place: Place, networkInterfaceId: string, serviceAccount: string): Promise<void>;
  /** Whether a TCP connection from the interface to `ip:port` comes about, by the rules as they are now. */
  path(
    place: Place,
    to: { readonly networkInterfaceId: string; readonly ip: string; readonly port: number },
  ): Promise<Path>;
}
