import type { Random } from '../core/random.ts';
import type { HsmDevices, HsmLink } from '../domain/hsm-devices.ts';
import { HsmError, type HsmErrorCode } from '../domain/hsm-errors.ts';
import { verifyHsmIdentity } from '../domain/hsm-identity.ts';
import type { ConnectionErrorCode, KeyStoreRecord, StoreMember } from '../domain/kms/key-store.ts';
import { KEY_STORE_HSM_USER, passwordBinding } from '../domain/kms/key-store-role.ts';
import type { Sealer } from '../domain/seal.ts';
import type { Place } from '../domain/storage.ts';
import type { MemberPaths } from './member-path.ts';

/** What opening a link to a member needs. */
export interface MemberPorts {
  readonly paths: MemberPaths;
  readonly devices: HsmDevices;
  readonly sealer: Sealer;
  readonly random: Random;
}

interface Treatment {
  readonly code: ConnectionErrorCode;
  /** Trying again costs something that cannot be had back: an attempt before the user is locked. */
  readonly final: boolean;
  /** May go away by itself. */
  readonly passing: boolean;
}

const passing = (code: ConnectionErrorCode): Treatment => ({ code, final: false, passing: true });
const lasting = (code: ConnectionErrorCode): Treatment => ({ code, final: false, passing: false });
const final = (code: ConnectionErrorCode): Treatment => ({ code, final: true, passing: false });

/** What an HSM's failure means for a store's connection. */
export const HSM_TREATMENT: Readonly<Record<HsmErrorCode, Treatment>> = Object.freeze({
  InvalidCredentials: final('InvalidCredentials'),
  UserLockedOut: final('UserLockedOut'),
  UserNotFound: lasting('UserNotFound'),
  NotLoggedIn: passing('InternalError'),
  Unreachable: passing('NetworkErrors'),
  Timeout: passing('NetworkErrors'),
  DeviceFailed: passing('NetworkErrors'),
  KeyNotUsable: lasting('SecurityDomainCertificateMismatch'),
  BadCiphertext: lasting('InternalError'),
  NotInitialised: lasting('ClusterNotInitialized'),
  AlreadyInitialised: lasting('InternalError'),
  Busy: passing('NetworkErrors'),
  InvalidRequest: lasting('InternalError'),
  CertificateMismatch: lasting('SecurityDomainCertificateMismatch'),
  DeviceNotFound: lasting('NetworkErrors'),
  NoCapacity: lasting('InternalError'),
});

/** One member cannot be used. The message is for the store's owner. */
export class MemberRefused extends Error {
  readonly code: ConnectionErrorCode;
  readonly final: boolean;
  readonly passing: boolean;
  /** The network said no: nothing was dialled, and asking again costs nothing. */
  readonly undialled: boolean;

  constructor(member: StoreMember, treatment: Treatment, why: string, cause?: unknown, undialled = false) {
    super(`HSM ${member.instanceId} (${member.ip}): ${why}`, cause === undefined ? undefined : { cause });
    this.name = 'MemberRefused';
    this.code = treatment.code;
    this.final = treatment.final;
    this.passing = treatment.passing;
    this.undialled = undialled;
  }
}

const WHY: Readonly<Partial<Record<HsmErrorCode, string>>> = {
  InvalidCredentials: `the password of ${KEY_STORE_HSM_USER} is wrong.`,
  UserLockedOut: `${KEY_STORE_HSM_USER} is locked after too many wrong passwords.`,
  UserNotFound: `there is no crypto user ${KEY_STORE_HSM_USER}.`,
  KeyNotUsable: 'it does not hold the keys of this store.',
  DeviceNotFound: 'this node of the server does not have it; an HSM belongs to the node that took it.',
};

/** Turns anything the work with a member may throw into {@link MemberRefused}. */
export function memberRefusal(member: StoreMember, error: unknown): MemberRefused {
  if (error instanceof MemberRefused) return error;
  if (!(error instanceof HsmError))
    return new MemberRefused(member, passing('InternalError'), 'internal failure.', error);
  const why = WHY[error.code] ?? `no usable answer (${error.code}).`;
  return new MemberRefused(member, HSM_TREATMENT[error.code], why, error);
}

const CHALLENGE_BYTES = 32;

/** What is done with one member of one store. */
export interface MemberTask {
  readonly place: Place;
  readonly store: KeyStoreRecord;
  readonly member: StoreMember;
}

/**
 * Opens a link to one member: the path through the account's network, the dial, the HSM's proof that it belongs to the
 * security domain. Throws {@link MemberRefused}.
 */
export async function dialMember(ports: MemberPorts, task: MemberTask, dialMs: number): Promise<HsmLink> {
  const { place, store, member } = task;
  const path = await ports.paths.of(place, store, member);
  if (!path.open) throw new MemberRefused(member, lasting(path.problem), path.why, undefined, true);
  let link: HsmLink | undefined;
  try {
    link = await ports.devices.dial(path.deviceId, dialMs);
    const challenge = ports.random.bytes(CHALLENGE_BYTES);
    const verdict = verifyHsmIdentity(await link.identity(challenge), challenge, store.securityDomainCertificate);
    if (verdict === 'proven') return link;
    const why = 'it did not prove that it belongs to the security domain.';
    throw new MemberRefused(member, lasting('SecurityDomainCertificateMismatch'), why);
  } catch (error) {
    link?.close();
    throw memberRefusal(member, error);
  }
}

/** Logs in on a link that {@link dialMember} gave: the password goes to an HSM only after its proof. */
export async function logIn(ports: MemberPorts, task: MemberTask, link: HsmLink): Promise<void> {
  const { place, store, member } = task;
  try {
    const password = ports.sealer.open(passwordBinding(place, store.keyStoreId), store.sealedPassword);
    try {
      await link.login(KEY_STORE_HSM_USER, password);
    } finally {
      password.wipe();
    }
  } catch (error) {
    link.close();
    throw memberRefusal(member, error);
  }
}
