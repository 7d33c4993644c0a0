import 'reflect-metadata';
import { generateKeyPairSync, randomBytes, verify, X509Certificate } from 'node:crypto';
import { Pkcs10CertificateRequest } from '@peculiar/x509';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ClusterCertificates } from '../../src/domain/hsm-devices.ts';
import { identityMessage, verifyHsmIdentity } from '../../src/domain/hsm-identity.ts';
import { firstMember, joinedMember, loggedIn, openRig, type Rig, refusedWith, signByOwner } from './support.ts';

/** The tests tell one story, in order: a cluster is made, grows, loses its first member, and grows again. */
describe('a cluster and its members', () => {
  let rig: Rig;
  let a: string;
  let b: string;
  let certificates: ClusterCertificates;
  let blob: Uint8Array;
  let ciphertext: Uint8Array;
  const iv = randomBytes(12);
  const aad = Buffer.from('context');
  const plaintext = Buffer.from('attack at dawn');

  beforeAll(async () => {
    rig = await openRig();
    a = await firstMember(rig.devices);
  });
  afterAll(() => rig.close());

  test('the certificate request is signed by the identity key, for the subject asked for', async () => {
    const csr = await rig.devices.admin(a).createCsr('CN=cluster-1, O=Coffer');
    const request = new Pkcs10CertificateRequest(csr);
    expect(request.subject).toBe('CN=cluster-1, O=Coffer');
    expect(await request.verify()).toBe(true);
    certificates = await signByOwner(rig.directory, csr);
  });

  test('certificates of another key or another owner are refused, the right ones are kept', async () => {
    const admin = rig.devices.admin(a);
    const swapped = { owner: certificates.cluster, cluster: certificates.owner };
    expect(await refusedWith(admin.installCertificates(swapped))).toBe('CertificateMismatch');
    const garbage = { owner: randomBytes(200), cluster: certificates.cluster };
    expect(await refusedWith(admin.installCertificates(garbage))).toBe('CertificateMismatch');
    const selfSigned = { owner: certificates.owner, cluster: certificates.owner };
    expect(await refusedWith(admin.installCertificates(selfSigned))).toBe('CertificateMismatch');
    expect(await admin.certificates()).toBeUndefined();
    await admin.installCertificates(certificates);
    expect(await admin.certificates()).toEqual(certificates);
  });

  test('a second member holds the same state and opens keys made before it joined', async () => {
    const onA = await loggedIn(rig.devices, a);
    ({ blob } = await onA.generateKey({ kind: 'aes', bits: 256 }));
    ciphertext = await onA.aesGcmEncrypt(blob, iv, aad, plaintext);
    b = await joinedMember(rig.devices, a);
    const onB = await loggedIn(rig.devices, b);
    expect(await onB.loadCheck(blob)).toEqual(await onA.loadCheck(blob));
    expect(Buffer.from(await onB.aesGcmDecrypt(blob, iv, aad, ciphertext))).toEqual(plaintext);
    expect(await rig.devices.admin(b).digest()).toBe(await rig.devices.admin(a).digest());
    expect(await rig.devices.admin(b).certificates()).toEqual(certificates);
  });

  test('making a clone does not disturb the links of the member it is made from', async () => {
    const onA = await loggedIn(rig.devices, a);
    const { deviceId } = await rig.devices.provision('soft');
    const admin = rig.devices.admin(deviceId);
    await admin.initialise();
    const transport = await admin.prepareJoin();
    let running = true;
    const used = (async () => {
      let calls = 0;
      for (; running; calls += 1) await onA.aesGcmDecrypt(blob, iv, aad, ciphertext);
      return calls;
    })();
    await rig.devices.admin(a).cloneFor(transport);
    running = false;
    expect(await used).toBeGreaterThan(10);
    expect(onA.open).toBe(true);
    await rig.devices.release(deviceId);
  });

  test('each member proves the identity of the security domain, and only of that', async () => {
    const challenge = randomBytes(32);
    for (const member of [a, b]) {
      const link = await rig.devices.dial(member, 10_000);
      const proof = await link.identity(challenge);
      expect(verifyHsmIdentity(proof, challenge, certificates.owner)).toBe('proven');
      expect(verifyHsmIdentity(proof, challenge, new X509Certificate(certificates.owner).toString())).toBe('proven');
      expect(verifyHsmIdentity(proof, randomBytes(32), certificates.owner)).toBe('unproven');
      expect(verifyHsmIdentity(proof, challenge, certificates.cluster)).toBe('mismatch');
      expect(verifyHsmIdentity(proof, challenge, 'no certificate')).toBe('mismatch');
      const key = new X509Certificate(certificates.cluster).publicKey;
      expect(verify('sha256', challenge, key, proof.signature)).toBe(false);
      expect(verify('sha256', identityMessage(challenge), key, proof.signature)).toBe(true);
      expect(await refusedWith(link.identity(randomBytes(8)))).toBe('InvalidRequest');
    }
  });

  test('a late member joins after the first one was destroyed, and opens the old keys', async () => {
    await rig.devices.release(a);
    expect(await refusedWith(rig.devices.dial(a, 1_000))).toBe('DeviceNotFound');
    const c = await joinedMember(rig.devices, b);
    const onC = await loggedIn(rig.devices, c);
    expect(Buffer.from(await onC.aesGcmDecrypt(blob, iv, aad, ciphertext))).toEqual(plaintext);
    const d = await joinedMember(rig.devices, c);
    expect(await rig.devices.admin(d).digest()).toBe(await rig.devices.admin(b).digest());
  });

  test('everything is still there after a restart', async () => {
    const digest = await rig.devices.admin(b).digest();
    await rig.reopen();
    expect(rig.devices.status(b).state).toBe('idle');
    expect(await rig.devices.admin(b).digest()).toBe(digest);
    const onB = await loggedIn(rig.devices, b);
    expect(Buffer.from(await onB.aesGcmDecrypt(blob, iv, aad, ciphertext))).toEqual(plaintext);
  });

  test('another cluster cannot use the key, nor take a member of this one over', async () => {
    const foreign = await firstMember(rig.devices);
    const link = await loggedIn(rig.devices, foreign);
    expect(await refusedWith(link.aesGcmDecrypt(blob, iv, aad, ciphertext))).toBe('KeyNotUsable');
    const admin = rig.devices.admin(foreign);
    expect(await refusedWith(admin.prepareJoin())).toBe('AlreadyInitialised');
    expect(await refusedWith(admin.createClusterIdentity())).toBe('AlreadyInitialised');
    // Even with the cluster's id forged, the wrapped key itself does not open.
    const forged = Buffer.from(blob);
    Buffer.from((await link.generateKey({ kind: 'aes', bits: 256 })).blob).copy(forged, 4, 4, 12);
    expect(await refusedWith(link.loadCheck(forged))).toBe('KeyNotUsable');
  });
});

describe('joining goes wrong', () => {
  let rig: Rig;
  let member: string;
  beforeAll(async () => {
    rig = await openRig();
    member = await firstMember(rig.devices);
  });
  afterAll(() => rig.close());

  test('a clone made for another HSM, altered, or repeated does not open', async () => {
    const [first, second] = [await rig.devices.provision('soft'), await rig.devices.provision('soft')];
    const admins = [rig.devices.admin(first.deviceId), rig.devices.admin(second.deviceId)] as const;
    for (const admin of admins) await admin.initialise();
    const transport = await admins[0].prepareJoin();
    await admins[1].prepareJoin();
    const clone = await rig.devices.admin(member).cloneFor(transport);

    expect(await refusedWith(admins[1].completeJoin(clone))).toBe('KeyNotUsable');
    const text = Buffer.from(clone.bytes).toString('utf8');
    const altered = Buffer.from(text.replace('kmsuser', 'intrude'), 'utf8');
    expect(altered.equals(clone.bytes)).toBe(false);
    expect(await refusedWith(admins[0].completeJoin({ bytes: altered }))).toBe('KeyNotUsable');
    expect(await refusedWith(admins[0].completeJoin({ bytes: randomBytes(50) }))).toBe('KeyNotUsable');
    expect(await admins[0].users()).toEqual([]);

    await admins[0].completeJoin(clone);
    expect(await admins[0].users()).toMatchObject([{ name: 'kmsuser' }]);
    expect(await refusedWith(admins[0].completeJoin(clone))).toBe('AlreadyInitialised');
    expect(await admins[1].digest()).toBeUndefined();
  });

  test('an uninitialised HSM says so', async () => {
    const { deviceId } = await rig.devices.provision('soft');
    const admin = rig.devices.admin(deviceId);
    expect(admin.initialised()).toBe(false);
    for (const call of [admin.prepareJoin(), admin.createClusterIdentity(), admin.createCsr('CN=x')]) {
      expect(await refusedWith(call)).toBe('NotInitialised');
    }
    expect(await refusedWith(rig.devices.dial(deviceId, 1_000))).toBe('NotInitialised');
    await admin.zeroise();
  });

  test('a clone asked for with something that is no RSA-2048 key is refused', async () => {
    const admin = rig.devices.admin(member);
    expect(await refusedWith(admin.cloneFor(randomBytes(100)))).toBe('InvalidRequest');
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'der' });
    expect(await refusedWith(admin.cloneFor(ec))).toBe('InvalidRequest');
  });

  test('zeroising ends links, keys and users', async () => {
    const deviceId = await firstMember(rig.devices);
    const link = await loggedIn(rig.devices, deviceId);
    const { blob } = await link.generateKey({ kind: 'aes', bits: 256 });
    const admin = rig.devices.admin(deviceId);
    await admin.zeroise();
    expect(link.open).toBe(false);
    expect(await refusedWith(link.loadCheck(blob))).toBe('Unreachable');
    expect(admin.initialised()).toBe(false);
    expect(await admin.users()).toEqual([]);
    await admin.initialise();
    await admin.createClusterIdentity();
    const again = await rig.devices.dial(deviceId, 10_000);
    expect(again.generation).toBeGreaterThan(link.generation);
  });
});
