import { randomBytes } from 'node:crypto';
import { createOwnerCa } from '../owner-ca.ts';
import type { Step, Story } from '../story.ts';

/** Members of the VPC may reach the HSMs: both vSwitches, where KMS will have its interfaces. */
const WHITELIST = '10.0.1.0/24,10.0.2.0/24';

async function describeCluster(story: Story) {
  const { Clusters } = await story.root('Hsm', 'DescribeClusters', {
    RegionId: story.region,
    ClusterId: story.clusterId,
  });
  return (Clusters.Cluster ?? Clusters)[0];
}

async function describeMembers(story: Story) {
  const { Instances } = await story.root('Hsm', 'DescribeInstances', {
    RegionId: story.region,
    ClusterId: story.clusterId,
  });
  return Instances.Instance ?? Instances;
}

export const makeHsms: Step = {
  title: 'Take two HSMs from the stock: SoftHSM2 tokens, each in a process of its own, one in each zone',
  run: async (story) => {
    const { root, region } = story;
    for (const [index, VSwitchId] of story.vSwitchIds.entries()) {
      const { InstanceId } = await root('Hsm', 'CreateInstance', { RegionId: region, Model: 'softhsm' });
      story.instanceIds.push(InstanceId);
      await root('Hsm', 'ConfigNetwork', {
        RegionId: region,
        InstanceId,
        VpcId: story.vpcId,
        VSwitchId,
        Ip: `10.0.${index + 1}.10`,
      });
    }
    return `${story.instanceIds.join(' and ')} at 10.0.1.10 and 10.0.2.10`;
  },
};

export const makeKmsuser: Step = {
  title: 'Take over the first HSM as its officer and make the crypto user kmsuser',
  run: async (story) => {
    const { root, region } = story;
    const InstanceId = story.instanceIds[0];
    story.kmsuserPassword = randomBytes(15).toString('hex');
    await root('Hsm', 'InitializeInstanceAdmin', { RegionId: region, InstanceId });
    await root('Hsm', 'CreateHsmUser', {
      RegionId: region,
      InstanceId,
      UserName: 'kmsuser',
      Password: story.kmsuserPassword,
    });
    return `kmsuser exists on ${InstanceId}; its password is known to the owner alone`;
  },
};

export const makeCluster: Step = {
  title: "Make a cluster of it, sign its certificate request with the owner's CA, initialise it",
  run: async (story) => {
    const { root, region } = story;
    const master = story.instanceIds[0];
    const { ClusterId } = await root('Hsm', 'CreateCluster', {
      RegionId: region,
      ClusterName: 'quickstart',
      MasterInstanceId: master,
      HsmInstanceIds: master,
      IpWhiteList: WHITELIST,
    });
    story.clusterId = ClusterId;
    await root('Hsm', 'ConfigureCluster', {
      RegionId: region,
      ClusterId,
      VpcId: story.vpcId,
      VSwitchIds: story.vSwitchIds.join(','),
    });
    const ca = await createOwnerCa();
    story.ownerCertificate = ca.certificate;
    const { Certificates } = await describeCluster(story);
    await root('Hsm', 'InitializeCluster', {
      RegionId: region,
      ClusterId,
      IssuerCertificate: ca.certificate,
      SignedCertificate: await ca.sign(Certificates.ClusterCsr),
    });
    const { Status } = await describeCluster(story);
    return `${ClusterId} is ${Status}; its private key never left the HSM`;
  },
};

export const joinSecondHsm: Step = {
  title: 'Join the second HSM: it is cloned from the first',
  run: async (story) => {
    const { root, region, clusterId: ClusterId } = story;
    await root('Hsm', 'AddInstancesToCluster', { RegionId: region, ClusterId, HsmInstanceIds: story.instanceIds[1] });
    const members = await describeMembers(story);
    const digests = new Set(members.map((member: { Digest: string }) => member.Digest));
    if (members.length !== 2 || digests.size !== 1) throw new Error(`the members differ: ${JSON.stringify(members)}`);
    return `two members with the same digest ${String([...digests][0]).slice(0, 16)}…`;
  },
};
