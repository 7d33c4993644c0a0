/** A small network, made through the API. */
import type { TestPipeline } from '../support/pipeline.ts';

export const REGION = 'cn-hangzhou';
export const ZONES = ['cn-hangzhou-a', 'cn-hangzhou-b', 'cn-hangzhou-c'] as const;

type Values = Readonly<Record<string, string>>;

/** Calls as the account's root in the test region. */
export function asRoot(pipeline: TestPipeline) {
  type Product = Parameters<TestPipeline['call']>[1];
  return {
    call: (product: Product, operation: string, values: Values = {}) =>
      pipeline.call(pipeline.root, product, operation, { RegionId: REGION, ...values }),
    codeOf: (product: Product, operation: string, values: Values = {}) =>
      pipeline.codeOf(pipeline.root, product, operation, { RegionId: REGION, ...values }),
  };
}

export type Root = ReturnType<typeof asRoot>;

/** One member of an answer as text. */
export function textOf(answer: Readonly<Record<string, unknown>>, name: string): string {
  const value = answer[name];
  if (typeof value !== 'string') throw new Error(`${name} is no text`);
  return value;
}

export async function makeVpc(root: Root, CidrBlock = '10.0.0.0/8'): Promise<string> {
  return textOf(await root.call('Vpc', 'CreateVpc', { CidrBlock }), 'VpcId');
}

export async function makeVSwitch(root: Root, VpcId: string, CidrBlock: string, zone = 0): Promise<string> {
  const values = { VpcId, CidrBlock, ZoneId: ZONES[zone]! };
  return textOf(await root.call('Vpc', 'CreateVSwitch', values), 'VSwitchId');
}

export async function makeGroup(root: Root, VpcId: string, SecurityGroupType = 'normal'): Promise<string> {
  return textOf(await root.call('Ecs', 'CreateSecurityGroup', { VpcId, SecurityGroupType }), 'SecurityGroupId');
}

export function makeInterface(root: Root, VSwitchId: string, SecurityGroupId: string, more: Values = {}) {
  return root.call('Ecs', 'CreateNetworkInterface', { VSwitchId, SecurityGroupId, ...more });
}

/** Items of a list in the vendor's double wrapping. */
export function itemsOf(answer: Readonly<Record<string, unknown>>, name: string): Record<string, unknown>[] {
  const wrapped = answer[name] as Record<string, Record<string, unknown>[]>;
  return Object.values(wrapped)[0]!;
}
