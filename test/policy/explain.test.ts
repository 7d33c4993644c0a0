import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ERRORS } from '../../src/errors/table.ts';
import { compilePolicy, compileSet } from '../../src/policy/compile.ts';
import { decide } from '../../src/policy/decide.ts';
import { parsePolicy } from '../../src/policy/document.ts';
import { type MissingStatement, missingStatement, refusalSentence } from '../../src/policy/explain.ts';
import {
  type DecisionRequest,
  MAX_NEAR_MISSES,
  type PolicyKind,
  type PolicyMeta,
  type PolicySet,
  type PolicyType,
} from '../../src/policy/types.ts';
import { scenario } from './arbitraries.ts';
import { type Scenario, type ScenarioPolicy, toRequest } from './scenario.ts';
import { DECISIONS, scenarioOf } from './vectors.ts';

function set(statements: readonly object[], meta: Partial<PolicyMeta> = {}, kind: PolicyKind = 'identity'): PolicySet {
  const document = parsePolicy(JSON.stringify({ Version: '1', Statement: statements }), kind);
  return compileSet([compilePolicy(document, { identifier: 'P', type: 'Custom', ...meta })]);
}

const ALICE = { kind: 'user', account: '1', userId: '9', arn: 'acs:ram::1:user/alice', name: 'alice' } as const;

function request(statements: readonly object[], more: Partial<DecisionRequest> = {}): DecisionRequest {
  return {
    action: 'ram:CreateServiceLinkedRole',
    resources: ['acs:ram::1:role/*'],
    resourceAccount: '1',
    principal: ALICE,
    context: new Map([
      ['ram:ServiceName', 'keystore.kms.aliyuncs.com'],
      ['acs:SourceIp', '203.0.113.10'],
    ]),
    policies: { account: set(statements) },
    ...more,
  };
}

describe('the missing statement', () => {
  it('carries the keys the operation declares', () => {
    const asked = request([{ Effect: 'Allow', Action: 'kms:*', Resource: '*' }]);
    expect(missingStatement(asked, decide(asked), ['ram:ServiceName', 'acs:Service'])).toEqual({
      Effect: 'Allow',
      Action: 'ram:CreateServiceLinkedRole',
      Resource: 'acs:ram::1:role/*',
      Condition: { StringEquals: { 'ram:ServiceName': 'keystore.kms.aliyuncs.com' } },
    });
  });

  it('carries the key by which a statement nearby failed, with the value of the request', () => {
    const Condition = { StringEquals: { 'ram:ServiceName': 'nas.aliyuncs.com' } };
    const asked = request([{ Effect: 'Allow', Action: 'ram:*', Resource: '*', Condition }]);
    expect(missingStatement(asked, decide(asked))?.Condition).toEqual({
      StringEquals: { 'ram:ServiceName': 'keystore.kms.aliyuncs.com' },
    });
  });

  it('names the caller where a trust policy is what refuses', () => {
    const { calls } = DECISIONS.cases.find(({ id }) => id === 84)!;
    const asked = toRequest(scenarioOf(calls[0]!));
    expect(missingStatement(asked, decide(asked))).toEqual({
      Effect: 'Allow',
      Principal: { RAM: 'acs:ram::1000000000000001:user/alice' },
      Action: 'sts:AssumeRole',
    });
  });

  it.each([3, 87, 88, 122])('does not exist for example %i, which no Allow can help', (id) => {
    const calls = DECISIONS.cases.find((row) => row.id === id)!.calls.map((call) => toRequest(scenarioOf(call)));
    expect(calls.map((asked) => missingStatement(asked, decide(asked)))).toEqual([undefined]);
  });

  const LAYERS: Readonly<Record<PolicyType, (asked: Scenario, more: ScenarioPolicy) => Scenario>> = {
    ControlPolicy: (asked, more) => ({ ...asked, control: (asked.control ?? []).map((level) => [...level, more]) }),
    SessionPolicy: (asked, more) => ({ ...asked, session: [...asked.session!, more] }),
    AccountLevelIdentityBasedPolicy: (asked, more) => ({ ...asked, account: [...(asked.account ?? []), more] }),
    ResourceGroupLevelIdentityBasedPolicy: (asked) => asked,
    AssumeRolePolicy: (asked, more) => withResource(asked, 'trust', more),
    ResourceBasedPolicy: (asked, more) => withResource(asked, 'key', more),
  };
  const KINDS: Readonly<Record<PolicyType, PolicyKind>> = {
    ControlPolicy: 'control',
    SessionPolicy: 'session',
    AccountLevelIdentityBasedPolicy: 'identity',
    ResourceGroupLevelIdentityBasedPolicy: 'identity',
    AssumeRolePolicy: 'trust',
    ResourceBasedPolicy: 'key',
  };

  function withResource(asked: Scenario, kind: 'trust' | 'key', more: ScenarioPolicy): Scenario {
    const statements = [...(asked.resource?.policy.document.statements ?? []), ...more.document.statements];
    return { ...asked, resource: { kind, policy: { ...more, document: { kind, statements } } } };
  }

  function follow(asked: Scenario, type: PolicyType, statement: MissingStatement): Scenario {
    const text = JSON.stringify({ Version: '1', Statement: [statement] });
    const document = parsePolicy(text, KINDS[type], { account: '1' });
    return LAYERS[type](asked, { document, meta: { identifier: 'advice', type: 'Custom' } });
  }

  it('is a valid statement, and adding it wherever it is missing ends in Allow', () => {
    fc.assert(
      fc.property(scenario, (first) => {
        // A member account without any level cannot be helped by a statement; it is a fault of the directory.
        fc.pre(!(first.controlPoliciesApply === true && (first.control ?? []).length === 0));
        let asked = first;
        const refusedBy: PolicyType[] = [];
        for (;;) {
          const decision = decide(toRequest(asked));
          const statement = missingStatement(toRequest(asked), decision, ['t:Text']);
          if (decision.allowed || statement === undefined) break;
          expect(refusedBy).not.toContain(decision.policyType);
          refusedBy.push(decision.policyType!);
          asked = follow(asked, decision.policyType!, statement);
        }
        const last = decide(toRequest(asked));
        const { principal, resource } = asked;
        const unheard =
          last.policyType === 'AssumeRolePolicy'
            ? !asked.action.startsWith('sts:AssumeRole')
            : last.policyType === 'ResourceBasedPolicy' &&
              (resource?.kind !== 'key' || !/^kms:(Decrypt|Encrypt|ListKeys)$/.test(asked.action));
        const stuck =
          last.noPermissionType === 'ExplicitDeny' ||
          unheard ||
          principal.kind === 'root' ||
          (principal.kind === 'service' && principal.account !== '1') ||
          (principal.kind === 'role' && principal.account !== '1' && last.policyType === 'ResourceBasedPolicy');
        expect(last.allowed || stuck).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('near misses', () => {
  const near = (asked: DecisionRequest) =>
    decide(asked).nearMisses.map(({ statement, mismatch }) => ({ statement, ...mismatch }));

  it('say which part of a statement about the action failed', () => {
    const allow = { Effect: 'Allow', Action: 'ram:Create*', Resource: '*' };
    const asked = request([
      { ...allow, Action: 'kms:*' },
      { ...allow, Resource: 'acs:ram:*:1:user/*' },
      { ...allow, Condition: { StringLike: { 'ram:ServiceName': ['nas.*', 'ecs.*'] } } },
      { ...allow, Condition: { Bool: { 'acs:MFAPresent': true } } },
      { Effect: 'Deny', Action: 'ram:*', Resource: 'acs:ram:*:1:user/*' },
      { Effect: 'Allow', NotAction: 'kms:*', Resource: 'acs:ram:*:1:group/*' },
    ]);
    expect(near(asked)).toEqual([
      { statement: 1, part: 'resource', wanted: ['acs:ram:*:1:user/*'] },
      {
        statement: 2,
        part: 'condition',
        operator: 'StringLike',
        key: 'ram:ServiceName',
        wanted: ['nas.*', 'ecs.*'],
        actual: ['keystore.kms.aliyuncs.com'],
      },
      { statement: 3, part: 'condition', operator: 'Bool', key: 'acs:MFAPresent', wanted: ['true'], actual: undefined },
      { statement: 5, part: 'resource', wanted: ['acs:ram:*:1:group/*'] },
    ]);
  });

  it('tell a principal that is not meant from an account that is left to its identity policies', () => {
    const statement = { Effect: 'Allow', Action: 'kms:*', Resource: '*' };
    const key = set(
      [
        { ...statement, Principal: { RAM: 'acs:ram::1:user/bob' } },
        { ...statement, Principal: { RAM: 'acs:ram::2:*' } },
      ],
      {},
      'key',
    );
    const asked = request([{ Effect: 'Allow', Action: 'kms:*', Resource: '*' }], {
      action: 'kms:Decrypt',
      principal: { ...ALICE, account: '2', arn: 'acs:ram::2:user/alice' },
      policies: { account: set([statement]), resource: { kind: 'key', set: key } },
    });
    expect(near(asked)).toEqual([
      { statement: 0, part: 'principal', wanted: ['acs:ram::1:user/bob'] },
      { statement: 1, part: 'delegation', wanted: ['acs:ram::2:*'] },
    ]);
  });

  it('are bounded', () => {
    const statement = { Effect: 'Allow', Action: '*', Resource: 'acs:ram:*:1:user/*' };
    expect(near(request(Array(100).fill(statement)))).toHaveLength(MAX_NEAR_MISSES);
  });
});

describe('the sentence', () => {
  const CODES = [...Object.keys(ERRORS), 'NotFound'];
  const codesIn = (sentence: string): readonly string[] => CODES.filter((code) => sentence.includes(code));

  it('is one sentence without any error code, for whatever refusal', () => {
    fc.assert(
      fc.property(scenario, (asked) => {
        const made = toRequest(asked);
        const decision = decide(made);
        fc.pre(!decision.allowed);
        const sentence = refusalSentence(made, decision);
        expect(sentence).toMatch(/^[A-Z][^\n.]*\.$/);
        expect(codesIn(sentence)).toEqual([]);
      }),
    );
  });

  it.each(['NotFound', 'EntityNotExist.User'])('shows no name that somebody made to look like %s', (name) => {
    const Condition = { StringEquals: { [`kms:tag/${name}`]: name } };
    const statements = [{ Effect: 'Allow', Action: 'ram:*', Resource: '*', Condition }];
    const asked = request(statements, { policies: { account: set(statements, { identifier: name }) } });
    const sentence = refusalSentence(asked, decide(asked));
    expect(sentence).toContain('a kms:tag key');
    expect(codesIn(sentence)).toEqual([]);
    expect(refusalSentence(asked, decide(asked), () => true)).toContain(
      `policy ${name}, which asks for tags (kms:tag/${name})`,
    );
  });

  it('tells nobody what a trust policy asks for', () => {
    const { calls } = DECISIONS.cases.find(({ id }) => id === 89)!;
    const asked = toRequest(scenarioOf(calls[0]!));
    const decision = decide(asked);
    expect(decision.nearMisses).toMatchObject([{ mismatch: { key: 'sts:ExternalId', wanted: ['abc'] } }]);
    expect(refusalSentence(asked, decision, () => true)).toBe(
      'The trust policy of the role does not allow sts:AssumeRole to the caller.',
    );
    expect(JSON.stringify(missingStatement(asked, decision))).not.toContain('"abc"');
  });

  it.each([
    [1, 'No policy attached to the caller allows kms:Decrypt on the resource.'],
    [3, 'Statement 1 of a policy attached to the caller denies kms:ScheduleKeyDeletion, which no Allow outweighs.'],
    [
      26,
      'No policy attached to the caller allows kms:Decrypt on the resource; the nearest is statement 1 of a policy, which names other resources.',
    ],
    [
      48,
      'No policy attached to the caller allows kms:Decrypt on the resource; the nearest is statement 1 of a policy, which asks for acs:SourceVpc, which the request does not carry.',
    ],
    [77, 'The policy this session was issued with does not allow kms:Encrypt on the resource.'],
    [87, 'The root user of an account may not assume roles; call as a RAM user or a role.'],
    [88, 'A policy that says who may assume the role denies sts:AssumeRole, which no Allow outweighs.'],
    [
      100,
      'No policy attached to the caller allows ram:CreateServiceLinkedRole on the resource; the nearest is statement 1 of a policy, which asks for another value of ram:ServiceName.',
    ],
    [110, "The control policies over the caller's account do not allow kms:Decrypt on the resource."],
    [
      126,
      'The caller has no rights of its own on the resource, and no policy on the resource allows kms:Decrypt to it.',
    ],
  ])('for example %i is right', (id, sentence) => {
    const asked = toRequest(scenarioOf(DECISIONS.cases.find((row) => row.id === id)!.calls[0]!));
    expect(refusalSentence(asked, decide(asked))).toBe(sentence);
  });
});
