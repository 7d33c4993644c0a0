import { judgeCertificates } from '../../domain/hsm-service/certificates.ts';
import { HSM_CLUSTERS } from '../../domain/hsm-service/cluster.ts';
import { installCertificates } from '../../domain/hsm-service/device-work.ts';
import { instanceAfter } from '../../domain/hsm-service/instance-states.ts';
import { fail } from '../../errors/fault.ts';
import { text } from '../../schema/fields.ts';
import { onCluster, region } from './_arn.ts';
import {
  clusterId,
  clusterOf,
  clusterReferences,
  clusterStateAfter,
  clusterTakes,
  findCluster,
  memberOf,
} from './_cluster.ts';
import { claimed, DEVICE_ERRORS } from './_device.ts';
import { writes } from './_product.ts';

const MIN_VSWITCHES = 2;

/** A PEM text as it is kept: one certificate, ending with a line break. */
const tidy = (pem: string): string => `${pem.trim()}\n`;

export const InitializeCluster = writes({
  product: 'Hsm',
  name: 'InitializeCluster',
  origin: 'vendor',
  title: 'Makes a new cluster usable: installs the certificates its owner has signed.',
  notes:
    "The issuer's certificate becomes the ClusterOwnerCertificate: the security domain certificate that KMS asks for. Needs a master that is initialised and in service, and two vSwitches. The dates of the certificates are not judged.",
  input: {
    RegionId: region(),
    ClusterId: clusterId(),
    IssuerCertificate: text({
      doc: 'Self-signed certificate of the owner, PEM, with an RSA key of 2048 or 4096 bits.',
      required: true,
      max: 16_384,
    }),
    SignedCertificate: text({
      doc: "The cluster's certificate, PEM: ClusterCsr signed by the issuer.",
      required: true,
      max: 16_384,
    }),
  },
  output: {},
  resolve: findCluster,
  permissions: [onCluster('yundun-hsm:InitializeCluster')],
  guards: [
    clusterTakes('initialize'),
    {
      errors: ['InsufficientClusterVSwitches'],
      doc: 'The cluster has two vSwitches or more.',
      check: (named) => {
        if (clusterOf(named).zones.length < MIN_VSWITCHES) throw fail('InsufficientClusterVSwitches');
      },
    },
    {
      errors: ['InstanceNotInitialized', 'IncorrectInstanceStatus', 'InstanceNotInCluster'],
      doc: 'The master is initialised and in service.',
      check: async (named, ctx) => {
        const cluster = clusterOf(named);
        const master = await memberOf(ctx.read, ctx.place, cluster, cluster.masterInstanceId);
        if (!master.initialised) throw fail('InstanceNotInitialized', { id: master.instanceId });
        if (instanceAfter(master.state, 'administer') === undefined) {
          throw fail('IncorrectInstanceStatus', { id: master.instanceId, state: master.state });
        }
      },
    },
  ],
  throttle: 'management',
  errors: [...DEVICE_ERRORS, 'InvalidIssuerCertificate', 'InvalidSignedCertificate'],
  references: clusterReferences,
  prepare: async (ctx, input, named) => {
    const cluster = clusterOf(named);
    const verdict = await judgeCertificates(cluster.csr, input.IssuerCertificate, input.SignedCertificate);
    if ('which' in verdict) {
      const code = verdict.which === 'issuer' ? 'InvalidIssuerCertificate' : 'InvalidSignedCertificate';
      throw ctx.fail(code, { why: verdict.why });
    }
    const master = await memberOf(ctx.read, ctx.place, cluster, cluster.masterInstanceId);
    await claimed(ctx, [master], () => installCertificates(ctx.ports.devices.admin(master.deviceId), verdict));
  },
  handle: async (ctx, input, named) => {
    const cluster = clusterOf(named);
    await ctx.tx.update(HSM_CLUSTERS, ctx.place, {
      ...cluster,
      state: clusterStateAfter(cluster, 'initialize'),
      certificates: { owner: tidy(input.IssuerCertificate), cluster: tidy(input.SignedCertificate) },
    });
    return {};
  },
});
