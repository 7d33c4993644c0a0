import { timedId } from '../../core/ids.ts';
import { KEY_STORES, type KeyStoreRecord } from '../../domain/kms/key-store.ts';
import { KEY_STORE_ROLE, KEY_STORE_SERVICE, passwordBinding } from '../../domain/kms/key-store-role.ts';
import { certificateFingerprint, certificatePem } from '../../keystore/security-domain.ts';
import { choice, clientToken } from '../../schema/fields.ts';
import { out } from '../../schema/output.ts';
import { storeArn, storeInput, storesPermission, withoutClash } from './_key-store.ts';
import { ensureLinkedRole, KEY_STORE_ROLE_CALL, LINKED_ROLE_ERRORS } from './_linked-role.ts';
import { writes } from './_product.ts';
import { asRole, assertDomain, assertHome, CLUSTER_ERRORS, clusterOf, ownerCertificate } from './_store-cluster.ts';

interface Prepared {
  readonly certificate: string;
}

export const CreateKeyStore = writes({
  product: 'Kms',
  name: 'CreateKeyStore',
  origin: 'extension',
  postOnly: true,
  title: 'Makes a private key store over an HSM cluster of the account.',
  notes: `The cluster must be initialised, in this account and region, and not bound to another store. The store is made \`Disconnected\`; the password is tried when it is connected. The first store of an account makes the service-linked role \`${KEY_STORE_ROLE}\` with the caller's own permission \`ram:CreateServiceLinkedRole\` (condition \`ram:ServiceName\` = \`${KEY_STORE_SERVICE}\`); without it the call is refused and nothing is made. KMS looks at the cluster as that role. The role stays when the call then fails for another reason. Two HSMs in two zones are recommended; one is enough to begin with.`,
  input: {
    KeyStoreName: storeInput.name(true),
    HsmClusterId: storeInput.cluster(true),
    KeyStorePassword: storeInput.password(true),
    SecurityDomainCertificate: storeInput.certificate(true),
    Description: storeInput.description(),
    KeyStoreType: choice(['HSM_CLUSTER'], { doc: 'Kind of store.', fallback: 'HSM_CLUSTER' }),
    ClientToken: clientToken(),
  },
  output: {
    KeyStoreId: out.text('Id of the new key store.'),
    KeyStoreArn: out.text('ARN of the new key store.'),
    ConnectionState: out.text('`Disconnected`.'),
  },
  permissions: [storesPermission('kms:CreateKeyStore')],
  calls: [KEY_STORE_ROLE_CALL],
  throttle: 'management',
  errors: [
    ...LINKED_ROLE_ERRORS,
    ...CLUSTER_ERRORS,
    'InvalidSecurityDomainCertificate',
    'Rejected.LimitExceeded',
    'Rejected.ResourceExist',
    'Rejected.HsmClusterInUse',
  ],
  prepare: async (ctx, input): Promise<Prepared> => {
    const owner = ownerCertificate(input.SecurityDomainCertificate);
    ctx.note({ SecurityDomainCertificateSha256: certificateFingerprint(owner) });
    await ensureLinkedRole(ctx, ctx.read);
    await asRole(ctx, async (role) => {
      const cluster = await clusterOf(ctx, role, input.HsmClusterId);
      await assertHome(ctx, role, cluster);
      assertDomain(owner, cluster);
    });
    return { certificate: certificatePem(owner) };
  },
  handle: async (ctx, input, _resolved, prepared) => {
    if ((await ctx.tx.count(KEY_STORES, ctx.place)) >= ctx.ports.quotas.keyStores) {
      throw ctx.fail('Rejected.LimitExceeded', { what: 'key stores' });
    }
    // INVARIANT: no store without a role. One deleted since `prepare` is made again, in this very transaction.
    await ensureLinkedRole(ctx, ctx.tx);
    const now = ctx.now.getTime();
    const keyStoreId = timedId('kst', ctx.region, ctx.now, ctx.ports.random);
    const store: KeyStoreRecord = {
      keyStoreId,
      name: input.KeyStoreName,
      description: input.Description ?? '',
      type: input.KeyStoreType,
      creator: ctx.account,
      createdAt: now,
      hsmClusterId: input.HsmClusterId,
      sealedPassword: ctx.ports.sealer.seal(passwordBinding(ctx.place, keyStoreId), input.KeyStorePassword),
      securityDomainCertificate: prepared.certificate,
      connection: 'Disconnected',
      connectionChangedAt: now,
      epoch: 0,
      members: [],
      leftOver: [],
    };
    await withoutClash(store, () => ctx.tx.insert(KEY_STORES, ctx.place, store));
    ctx.refer('ACS::KMS::KeyStore', keyStoreId);
    return { KeyStoreId: keyStoreId, KeyStoreArn: storeArn(ctx, keyStoreId), ConnectionState: store.connection };
  },
});
