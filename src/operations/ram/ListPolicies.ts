import { POLICIES, type PolicyOrigin, type PolicyRecord } from '../../domain/ram/policy.ts';
import type { LookupContext } from '../../operation/context.ts';
import { choice } from '../../schema/fields.ts';
import { notOffered } from '../../schema/not-offered.ts';
import { out } from '../../schema/output.ts';
import { allSystemPolicies } from '../../slr/system-policy.ts';
import { pageInput, pageOf, pageOutput } from './_paging.ts';
import { asRecord, policiesPermission, policyAnswer, policyOutput } from './_policy.ts';
import { reads } from './_product.ts';

interface Item {
  readonly type: PolicyOrigin;
  readonly policy: PolicyRecord;
}

const markerOf = ({ type, policy }: Item): string => `${type}/${policy.policyName}`;

/** Up to `limit` policies behind the marker: custom policies first, then system policies, each by name. */
async function policiesAfter(
  ctx: LookupContext,
  type: PolicyOrigin | undefined,
  marker: string,
  limit: number,
): Promise<Item[]> {
  const found: Item[] = [];
  if (type !== 'System' && !marker.startsWith('System/')) {
    const after = marker.startsWith('Custom/') ? { after: marker.slice('Custom/'.length) } : {};
    const custom = await ctx.read.list(POLICIES, ctx.place, { limit, ...after });
    found.push(...custom.map((policy) => ({ type: 'Custom' as const, policy })));
  }
  if (type !== 'Custom') {
    const after = marker.startsWith('System/') ? marker.slice('System/'.length) : '';
    const system = allSystemPolicies().filter(({ policyName }) => policyName > after);
    found.push(...system.map((policy) => ({ type: 'System' as const, policy: asRecord(policy) })));
  }
  return found.slice(0, limit);
}

export const ListPolicies = reads({
  product: 'Ram',
  name: 'ListPolicies',
  origin: 'vendor',
  title: 'Lists policies: custom ones, then system ones.',
  input: {
    PolicyType: choice(['System', 'Custom'], { doc: 'Only this kind; default: both.' }),
    Tag: notOffered('Array', 'Roles and policies carry no tags here; leave it out.'),
    ...pageInput,
  },
  output: { Policies: out.list('The policies on the page.', 'Policy', policyOutput), ...pageOutput },
  permissions: [policiesPermission('ram:ListPolicies')],
  throttle: 'query',
  errors: [],
  handle: async (ctx, input) => {
    const found = await policiesAfter(ctx, input.PolicyType, input.Marker ?? '', input.MaxItems + 1);
    const { items, answer } = pageOf(input, found, markerOf);
    return {
      Policies: await Promise.all(items.map(({ type, policy }) => policyAnswer(ctx, type, policy))),
      ...answer,
    };
  },
});
