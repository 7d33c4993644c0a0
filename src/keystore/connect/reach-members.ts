import type { HsmLink } from '../../domain/hsm-devices.ts';
import { HsmError } from '../../domain/hsm-errors.ts';
import type { ConnectionErrorCode, KeyStoreRecord, StoreMember } from '../../domain/kms/key-store.ts';
import { dialMember, logIn, MemberRefused, memberRefusal } from '../open-member.ts';
import type { Attempt } from './attempt.ts';
import { ConnectFailure } from './failure.ts';
import { anyStoredKey, type StoredKey } from './stored-key.ts';

/** Of several members' problems the last in this list is told: it came nearest to a connection. */
const NEARNESS: readonly ConnectionErrorCode[] = [
  'InternalError',
  'InsufficientHsms',
  'NetworkErrors',
  'WhitelistDenied',
  'ClusterNotInitialized',
  'SecurityDomainCertificateMismatch',
  'UserNotFound',
];

/** Makes, uses and drops a key inside the HSM; opens one of the store's keys, if there is any. */
async function selfTest(link: HsmLink, member: StoreMember, key: StoredKey | undefined): Promise<void> {
  await link.selfTest();
  if (key === undefined) return;
  const value = Buffer.from(await link.loadCheck(key.blob)).toString('hex');
  if (value !== key.checkValue) {
    throw new HsmError('KeyNotUsable', link.deviceId, `${member.instanceId} opens a key of the store as another key`);
  }
}

function nearest(refusals: readonly MemberRefused[]): MemberRefused | undefined {
  const rank = (refusal: MemberRefused): number => NEARNESS.indexOf(refusal.code);
  return refusals.reduce<MemberRefused | undefined>(
    (best, one) => (best === undefined || rank(one) > rank(best) ? one : best),
    undefined,
  );
}

/**
 * Steps 14 to 16: a connection to each member, its proof, kmsuser's login, a self-test. One member is enough; what keeps
 * others away is kept with them. `store` is the record with the network of this attempt.
 *
 * Proofs run side by side, logins one after another: a wrong password ends the attempt at once, so that it costs one of
 * the user's five tries on one HSM only.
 */
export async function reachMembers(
  attempt: Attempt,
  store: KeyStoreRecord,
  members: readonly StoreMember[],
): Promise<readonly StoreMember[]> {
  const { ports, place } = attempt;
  const key = await anyStoredKey(attempt);
  const dialled = await Promise.all(
    members.map((member) =>
      dialMember(ports, { place, store, member }, ports.limits.dialMs).catch((error: unknown) =>
        memberRefusal(member, error),
      ),
    ),
  );
  const refusals: MemberRefused[] = [];
  const found: StoreMember[] = [];
  try {
    for (const [at, member] of members.entries()) {
      const link = dialled[at]!;
      const problem = await (link instanceof MemberRefused ? link : use(link, member));
      if (problem?.final === true) throw problem;
      if (problem !== undefined) refusals.push(problem);
      found.push(problem === undefined ? member : { ...member, problem: problem.code });
    }
  } finally {
    for (const link of dialled) if (!(link instanceof MemberRefused)) link.close();
  }
  if (refusals.length < members.length) return found;
  const told = nearest(refusals);
  throw new ConnectFailure(told?.code ?? 'InsufficientHsms', refusals.map((one) => one.message).join(' '), {
    passing: refusals.some((one) => one.passing),
    cause: told,
  });

  async function use(link: HsmLink, member: StoreMember): Promise<MemberRefused | undefined> {
    try {
      await logIn(ports, { place, store, member }, link);
      await selfTest(link, member, key);
      return undefined;
    } catch (error) {
      return memberRefusal(member, error);
    }
  }
}
