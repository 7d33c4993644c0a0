/** As much of CreateKeyStore as matters to the service-linked role, without HSMs: it makes sure of the role as KMS does. */
import { KEY_STORES } from '../../src/domain/kms/key-store.ts';
import { declare } from '../../src/operation/operation.ts';
import { ensureLinkedRole, KEY_STORE_ROLE_CALL, LINKED_ROLE_ERRORS } from '../../src/operations/kms/_linked-role.ts';
import type { KmsPorts } from '../../src/operations/kms/_product.ts';
import { flag, text } from '../../src/schema/fields.ts';

const { writes } = declare<KmsPorts>();

export const CreateStore = writes({
  product: 'Kms',
  name: 'CreateStore',
  origin: 'extension',
  title: 'Makes a key store record.',
  input: {
    KeyStoreId: text({ doc: 'Id.', required: true }),
    BadCertificate: flag({ doc: 'Fails after the role was made.', fallback: false }),
  },
  output: {},
  permissions: [{ action: 'kms:CreateKeyStore', resource: '*', arns: () => '*' }],
  calls: [KEY_STORE_ROLE_CALL],
  throttle: 'management',
  errors: [...LINKED_ROLE_ERRORS, 'InvalidSecurityDomainCertificate'],
  prepare: async (ctx, input) => {
    await ensureLinkedRole(ctx, ctx.read);
    if (input.BadCertificate) throw ctx.fail('InvalidSecurityDomainCertificate');
  },
  handle: async (ctx, input) => {
    await ensureLinkedRole(ctx, ctx.tx);
    await ctx.tx.insert(KEY_STORES, ctx.place, {
      keyStoreId: input.KeyStoreId,
      name: input.KeyStoreId,
      description: '',
      type: 'HSM_CLUSTER',
      creator: ctx.account,
      createdAt: ctx.now.getTime(),
      hsmClusterId: `cluster-of-${input.KeyStoreId}`,
      sealedPassword: 'sealed',
      securityDomainCertificate: 'certificate',
      connection: 'Disconnected',
      connectionChangedAt: ctx.now.getTime(),
      epoch: 0,
      members: [],
      leftOver: [],
    });
    return {};
  },
});
