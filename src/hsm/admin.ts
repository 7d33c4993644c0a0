import { X509Certificate } from 'node:crypto';
import type { Secret } from '../core/secret.ts';
import type { ClusterCertificates, HsmAdmin, MemberClone, Spki } from '../domain/hsm-devices.ts';
import { isClusterChain } from '../domain/hsm-identity.ts';
import { OP, text } from '../hsm-worker/protocol.ts';
import { packClone, unpackClone } from './clone.ts';
import { buildCsr, holdsKey, subjectOf } from './csr.ts';
import type { Device } from './device.ts';
import type { ClusterRecord } from './device-files.ts';
import { stateDigest } from './digest.ts';
import { LOCKED_AFTER } from './users.ts';

/** The administration of a device: each call is a job in a process of its own. */
export function createAdmin(device: Device): HsmAdmin {
  const run = <T>(job: () => Promise<T>): Promise<T> => device.queue.run(job);

  const requireInitialised = (): void => {
    if (device.record.pins === undefined) throw device.error('NotInitialised', 'it is not initialised');
  };
  const requireMember = (): ClusterRecord => {
    requireInitialised();
    if (device.record.cluster === undefined) throw device.error('NotInitialised', 'it holds no cluster key');
    return device.record.cluster;
  };
  const requireNoMember = (): void => {
    requireInitialised();
    if (device.record.cluster !== undefined)
      throw device.error('AlreadyInitialised', 'it belongs to a cluster already');
  };

  const blankRecord = () => {
    const { schema, deviceId, model, vendor, label } = device.record;
    return { schema, deviceId, model, vendor, label };
  };
  /**
   * Forgets the user's PIN, cluster and users before the token is touched: a crash on the way leaves an HSM of no use to
   * anybody, and a record that says what the token may still hold.
   */
  const beginWipe = async (officer: string | undefined): Promise<void> => {
    await device.save({ ...blankRecord(), wiping: officer === undefined ? {} : { officer } });
    await device.users.replace([]);
  };

  return {
    initialise: () =>
      run(() =>
        device.supervisor.hold(async () => {
          const officer = (await device.officerPin()) ?? device.newPin();
          const user = device.newPin();
          const kept = device.config.soPinFile === undefined ? { officer: device.seal('officer', officer) } : {};
          await beginWipe(kept.officer);
          await device.profile.open.destroy?.(device.directory);
          const serial = await device.withProcess('nobody', async (call) => {
            const pins = [officer.reveal(), user.reveal(), text(device.record.label)];
            return (await call(OP.initToken, pins))[0]!.toString('utf8');
          });
          await device.save({ ...blankRecord(), pins: { user: device.seal('user', user), ...kept } });
          return { serial };
        }),
      ),

    zeroise: () =>
      run(() =>
        device.supervisor.hold(async () => {
          const { destroy } = device.profile.open;
          const held = device.record.pins ?? device.record.wiping;
          if (destroy !== undefined) {
            await beginWipe(held?.officer);
            await destroy(device.directory);
          } else if (held !== undefined) {
            const officer = await device.officerPin();
            if (officer === undefined) throw device.error('DeviceFailed', 'its officer PIN is not known');
            await beginWipe(held.officer);
            const pins = [officer.reveal(), text(device.record.label)];
            await device.withProcess('nobody', (call) => call(OP.wipeToken, pins));
          }
          await device.save(blankRecord());
        }),
      ),

    initialised: () => device.record.pins !== undefined,

    setUserPassword: (user: string, password: Secret) =>
      run(async () => {
        requireInitialised();
        await device.users.setPassword(user, password);
      }),
    deleteUser: (user) => run(() => device.users.remove(user)),
    users: async () =>
      (await device.users.records()).map(({ name, failures }) => ({
        name,
        locked: failures >= LOCKED_AFTER,
        failedLogins: failures,
      })),

    createClusterIdentity: () =>
      run(async () => {
        requireNoMember();
        return device.supervisor.hold(async () => {
          const [clusterId, spki] = await device.withProcess('user', (call) => call(OP.createIdentity, []));
          const cluster = { clusterId: clusterId!.toString('hex'), spki: spki!.toString('base64') };
          await device.save({ ...device.record, cluster });
          return spki as Spki;
        });
      }),

    createCsr: (subject) =>
      run(async () => {
        const spki = Buffer.from(requireMember().spki, 'base64');
        return device.withProcess('user', (call) =>
          buildCsr(subject, spki, async (message) => (await call(OP.sign, [message]))[0]!),
        );
      }),

    installCertificates: (certificates) =>
      run(async () => {
        const cluster = requireMember();
        checkCertificates(device, cluster, certificates);
        const owner = Buffer.from(certificates.owner);
        const own = Buffer.from(certificates.cluster);
        const [ownerSubject, clusterSubject] = [await subjectOf(owner), await subjectOf(own)];
        await device.withProcess('user', (call) =>
          call(OP.installCertificates, [owner, ownerSubject, own, clusterSubject]),
        );
        const kept = {
          owner: owner.toString('base64'),
          ownerSubject: ownerSubject.toString('base64'),
          cluster: own.toString('base64'),
          clusterSubject: clusterSubject.toString('base64'),
        };
        await device.save({ ...device.record, cluster: { ...cluster, certificates: kept } });
      }),

    certificates: async () => {
      const held = device.record.cluster?.certificates;
      if (held === undefined) return undefined;
      return { owner: Buffer.from(held.owner, 'base64'), cluster: Buffer.from(held.cluster, 'base64') };
    },

    prepareJoin: () =>
      run(async () => {
        requireNoMember();
        return (await device.withProcess('user', (call) => call(OP.prepareJoin, [])))[0] as Spki;
      }),

    cloneFor: (transportKey) =>
      run(async (): Promise<MemberClone> => {
        const cluster = requireMember();
        const users = await device.users.records();
        const officer = await device.officerPin();
        if (officer === undefined) throw device.error('NotInitialised', 'its officer PIN is not known');
        const pins = [officer.reveal(), device.userPin().reveal()];
        return device.withProcess('nobody', async (call) => {
          const [sealed, identity] = await call(OP.sealClusterKey, [...pins, transportKey]);
          const parts = { cluster, users, sealed: sealed!, identity: identity! };
          return packClone(parts, async (statement) => (await call(OP.sign, [statement]))[0]!);
        });
      }),

    completeJoin: (clone) =>
      run(async () => {
        requireNoMember();
        const opened = unpackClone(clone);
        if (opened === undefined) throw device.error('KeyNotUsable', 'this is not a clone of a member');
        await device.supervisor.hold(async () => {
          await device.save({ ...device.record, joining: true });
          const fields = [text(JSON.stringify(opened.facts)), opened.sealed, opened.identity];
          await device.withProcess('user', (call) => call(OP.completeJoin, fields));
          await device.users.replace(opened.users);
          await device.save({ ...device.record, cluster: opened.cluster });
        });
      }),

    joining: () => device.record.joining === true,
    confirmJoin: () =>
      run(async () => {
        const { joining: _, ...rest } = device.record;
        await device.save(rest);
      }),

    digest: async () => {
      const { cluster } = device.record;
      if (cluster === undefined) return undefined;
      return stateDigest(
        cluster,
        (await device.users.records()).map(({ name }) => name),
      );
    },
  };
}

function checkCertificates(device: Device, record: ClusterRecord, certificates: ClusterCertificates): void {
  try {
    const owner = new X509Certificate(certificates.owner);
    const cluster = new X509Certificate(certificates.cluster);
    if (isClusterChain(owner, cluster) && holdsKey(cluster, Buffer.from(record.spki, 'base64'))) return;
  } catch {
    // Not certificates at all: the same answer.
  }
  throw device.error('CertificateMismatch', 'the certificates do not belong to this cluster');
}
