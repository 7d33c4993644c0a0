import type { Step } from '../story.ts';
import { until } from '../story.ts';

export const makeNetwork: Step = {
  title: 'Make a VPC with two vSwitches in two zones',
  run: async (story) => {
    const { root, region } = story;
    const { VpcId } = await root('Vpc', 'CreateVpc', {
      RegionId: region,
      CidrBlock: '10.0.0.0/16',
      VpcName: 'quickstart',
    });
    story.vpcId = VpcId;
    await until(
      'the VPC',
      10,
      () => root('Vpc', 'DescribeVpcs', { RegionId: region, VpcId }),
      (answer) => answer.Vpcs.Vpc[0]?.Status === 'Available',
    );
    const { Zones } = await root('Vpc', 'DescribeZones', { RegionId: region });
    const zones: string[] = Zones.Zone.slice(0, 2).map((zone: { ZoneId: string }) => zone.ZoneId);
    for (const [index, ZoneId] of zones.entries()) {
      const { VSwitchId } = await root('Vpc', 'CreateVSwitch', {
        RegionId: region,
        VpcId,
        ZoneId,
        CidrBlock: `10.0.${index + 1}.0/24`,
      });
      story.vSwitchIds.push(VSwitchId);
    }
    return `${VpcId} with ${story.vSwitchIds.join(' and ')}`;
  },
};
