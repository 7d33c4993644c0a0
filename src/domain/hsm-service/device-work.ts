import type { HsmAdmin, HsmDevices } from '../hsm-devices.ts';
import { HsmError } from '../hsm-errors.ts';

/** An initialised HSM without users or keys, whatever an earlier, unfinished call has left in it. */
async function makeBlank(admin: HsmAdmin): Promise<void> {
  const leftover = admin.initialised() && ((await admin.digest()) !== undefined || (await admin.users()).length > 0);
  if (!admin.initialised() || leftover) await admin.initialise();
}

/**
 * Takes an HSM over as its officer. `member`: it belongs to a cluster, so what is in it is meant to be there.
 * Repeatable.
 */
export async function takeOver(admin: HsmAdmin, member: boolean): Promise<void> {
  if (!member) await makeBlank(admin);
  else if (!admin.initialised()) throw new HsmError('NotInitialised', '', 'a member of a cluster lost its token');
}

/**
 * Makes the identity and the key of a new cluster in its first member, and returns the certificate request. Repeatable:
 * an identity that an unfinished call has left is taken. `adopted`: the officer has taken the HSM over, so users in it
 * stay; otherwise nothing in it counts.
 */
export async function foundCluster(admin: HsmAdmin, clusterSubject: string, adopted: boolean): Promise<string> {
  if (!adopted) await makeBlank(admin);
  if ((await admin.digest()) === undefined) await admin.createClusterIdentity();
  return admin.createCsr(clusterSubject);
}

/** Stores the certificates, unless the HSM holds just these. */
export async function installCertificates(
  admin: HsmAdmin,
  certificates: { readonly owner: Uint8Array; readonly cluster: Uint8Array },
): Promise<void> {
  const held = await admin.certificates();
  const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.from(a).equals(b);
  if (held !== undefined && same(held.owner, certificates.owner) && same(held.cluster, certificates.cluster)) return;
  await admin.installCertificates(certificates);
}

/**
 * Makes `deviceId` a copy of one of `members`: cluster key, identity, certificates, users. The first member that can
 * serves. Whatever was in the HSM goes. Repeatable. Returns the member that was copied.
 */
export async function cloneMember(devices: HsmDevices, deviceId: string, members: readonly string[]): Promise<string> {
  const admin = devices.admin(deviceId);
  await makeBlank(admin);
  const transportKey = await admin.prepareJoin();
  let refused: HsmError = new HsmError('Unreachable', deviceId, 'the cluster has no active member to copy from');
  for (const member of members) {
    try {
      await admin.completeJoin(await devices.admin(member).cloneFor(transportKey));
      return member;
    } catch (error) {
      if (!(error instanceof HsmError) || !error.retryOnOtherMember) throw error;
      refused = error;
    }
  }
  throw refused;
}
