import { describe, expect, it } from 'vitest';
import { DEFAULT_VPC_BLOCK, vpcBlock, vSwitchBlock } from './block-rules.ts';

describe('the block of a VPC', () => {
  it.each(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '192.168.0.16/28', '8.8.8.0/24', DEFAULT_VPC_BLOCK])(
    'may be %s',
    (text) => expect(vpcBlock(text)).toBeDefined(),
  );

  it.each([
    ['10.0.0.0/7', 'too large'],
    ['10.0.0.0/29', 'too small'],
    ['10.0.0.1/16', 'has host bits'],
    ['100.64.0.0/16', 'inside 100.64/10'],
    ['100.0.0.0/8', 'around 100.64/10'],
    ['127.0.0.0/8', 'loopback'],
    ['169.254.0.0/16', 'link-local'],
    ['224.0.0.0/8', 'multicast'],
    ['255.0.0.0/8', 'reserved'],
    ['0.0.0.0/8', 'this network'],
    ['nonsense', 'no block'],
  ])('may not be %s: %s', (text) => expect(vpcBlock(text)).toBeUndefined());
});

describe('the block of a vSwitch', () => {
  const vpc = '10.0.0.0/8';
  it.each([
    ['10.0.1.0/24', [], 'ok'],
    ['10.0.0.0/16', [], 'ok'],
    ['10.0.0.0/29', [], 'ok'],
    ['10.0.0.0/15', [], 'malformed'],
    ['10.0.0.0/30', [], 'malformed'],
    ['10.0.1.1/24', [], 'malformed'],
    ['11.0.0.0/24', [], 'malformed'],
    ['10.0.1.0/24', ['10.0.0.0/24', '10.0.2.0/24'], 'ok'],
    ['10.0.1.0/24', ['10.0.1.0/24'], 'overlap'],
    ['10.0.1.0/24', ['10.0.0.0/16'], 'overlap'],
    ['10.0.0.0/16', ['10.0.9.0/29'], 'overlap'],
  ])('%s beside %j is %s', (text, siblings, outcome) => {
    const verdict = vSwitchBlock(text, vpc, siblings);
    expect(verdict.ok ? 'ok' : verdict.why).toBe(outcome);
  });
});
