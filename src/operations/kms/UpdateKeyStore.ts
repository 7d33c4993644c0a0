import { KEY_STORES, type KeyStoreRecord } from '../../domain/kms/key-store.ts';
import { passwordBinding } from '../../domain/kms/key-store-role.ts';
import { certificateFingerprint, certificatePem, sameCertificate } from '../../keystore/security-domain.ts';
import {
  assertAllowed,
  namedStore,
  storeFound,
  storeInput,
  storeOf,
  storePermission,
  storeReferences,
  withoutClash,
} from './_key-store.ts';
import { writes } from './_product.ts';
import { asRole, assertDomain, assertHome, CLUSTER_ERRORS, clusterOf, ownerCertificate } from './_store-cluster.ts';

interface Prepared {
  readonly certificate: string | undefined;
}

export const UpdateKeyStore = writes({
  product: 'Kms',
  name: 'UpdateKeyStore',
  origin: 'extension',
  postOnly: true,
  title: 'Changes the name, description, password, HSM cluster or certificate of a private key store.',
  notes:
    'Name and description may change in any state, the others only while `Disconnected`. A new cluster must have the owner certificate of the old one: a cluster restored from its backup. The password is not tried before the next connect. The audit event names the changed fields only.',
  input: {
    KeyStoreId: storeInput.id(),
    NewKeyStoreName: storeInput.newName(),
    Description: storeInput.description(),
    KeyStorePassword: storeInput.password(false),
    HsmClusterId: storeInput.cluster(false),
    SecurityDomainCertificate: storeInput.certificate(false),
  },
  output: {},
  resolve: namedStore,
  permissions: [storePermission('kms:UpdateKeyStore')],
  guards: [storeFound],
  throttle: 'management',
  errors: [
    ...CLUSTER_ERRORS,
    'Rejected.KeyStoreStateInvalid',
    'InvalidSecurityDomainCertificate',
    'Rejected.HsmClusterNotRelated',
    'Rejected.HsmClusterInUse',
    'Rejected.ResourceExist',
  ],
  references: storeReferences,
  prepare: async (ctx, input, named): Promise<Prepared> => {
    const store = storeOf(named);
    const { HsmClusterId: newCluster, SecurityDomainCertificate: pem } = input;
    if (newCluster === undefined && pem === undefined) return { certificate: undefined };
    assertAllowed(store, 'rebind');
    const owner = pem === undefined ? undefined : ownerCertificate(pem);
    if (owner !== undefined) ctx.note({ SecurityDomainCertificateSha256: certificateFingerprint(owner) });
    await asRole(ctx, async (role) => {
      const cluster = await clusterOf(ctx, role, newCluster ?? store.hsmClusterId);
      if (newCluster !== undefined) {
        await assertHome(ctx, role, cluster);
        if (!sameCertificate(cluster.certificates.owner, store.securityDomainCertificate)) {
          throw ctx.fail('Rejected.HsmClusterNotRelated', { cluster: newCluster });
        }
      }
      if (owner !== undefined) assertDomain(owner, cluster);
    });
    return { certificate: owner === undefined ? undefined : certificatePem(owner) };
  },
  handle: async (ctx, input, named, { certificate }) => {
    const store = storeOf(named);
    const rebinds = [input.KeyStorePassword, input.HsmClusterId, certificate].some((value) => value !== undefined);
    assertAllowed(store, rebinds ? 'rebind' : 'relabel');
    const changed: KeyStoreRecord = {
      ...store,
      name: input.NewKeyStoreName ?? store.name,
      description: input.Description ?? store.description,
      hsmClusterId: input.HsmClusterId ?? store.hsmClusterId,
      securityDomainCertificate: certificate ?? store.securityDomainCertificate,
      sealedPassword:
        input.KeyStorePassword === undefined
          ? store.sealedPassword
          : ctx.ports.sealer.seal(passwordBinding(ctx.place, store.keyStoreId), input.KeyStorePassword),
    };
    await withoutClash(changed, () => ctx.tx.update(KEY_STORES, ctx.place, changed));
    const { KeyStoreId: _, ...fields } = input;
    ctx.note({
      ChangedFields: Object.keys(fields).filter((name) => fields[name as keyof typeof fields] !== undefined),
    });
    return {};
  },
});
