import { describeRegions } from '../../places/describe-regions.ts';
import { withoutEffect } from '../../places/ports.ts';

export const DescribeRegions = describeRegions('Vpc', { ProductType: withoutEffect() });
