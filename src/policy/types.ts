import type { AnchorIndex } from './anchor-index.ts';
import type { OperatorName, SetPrefix, ValueReader } from './operators.ts';

/**
 * What a document is for, which decides its grammar. `identity`: system and custom policies; `session`: passed to
 * AssumeRole; `control`: resource directory; `trust`: who may assume a role; `key`: who may use a KMS key or secret.
 */
export type PolicyKind = 'identity' | 'session' | 'control' | 'trust' | 'key';

export type Effect = 'Allow' | 'Deny';

/** A principal as a trust or key policy names it. `all` is `acs:ram::<account>:*`. */
export type PrincipalPattern =
  | {
      readonly entity: 'RAM';
      readonly text: string;
      readonly account: string;
      readonly type: 'root' | 'all' | 'user' | 'role';
      /** Name of the user or role as written; empty for `root` and `all`. */
      readonly name: string;
    }
  | { readonly entity: 'Service'; readonly text: string }
  | { readonly entity: 'Federated'; readonly text: string };

/** One line of a Condition block: the operator as written, one key, its values. */
export interface Condition {
  readonly operator: string;
  readonly prefix: SetPrefix | undefined;
  readonly name: OperatorName;
  readonly key: string;
  /** At least one; numbers and booleans as text. */
  readonly values: readonly string[];
}

export interface Statement {
  /** Place in the document, from 0. */
  readonly index: number;
  readonly sid: string | undefined;
  readonly effect: Effect;
  /** True when the actions come from NotAction: the statement is about every other action. */
  readonly exceptActions: boolean;
  readonly actions: readonly string[];
  /** Undefined where a trust or key policy leaves Resource out: any. */
  readonly resources: readonly string[] | undefined;
  /** Undefined in identity, session and control policies. */
  readonly principals: readonly PrincipalPattern[] | undefined;
  readonly conditions: readonly Condition[];
}

/** A document that passed validation. */
export interface PolicyDocument {
  readonly kind: PolicyKind;
  /** At least one. */
  readonly statements: readonly Statement[];
}

/** Where a policy comes from, for explanations. The engine decides nothing by it. */
export interface PolicyMeta {
  /** Policy name or ARN. */
  readonly identifier: string;
  /** `Inline`: the document is part of the thing itself, as a trust, key or session policy. */
  readonly type: 'System' | 'Custom' | 'Inline';
  /** Version in force, such as `v2`. */
  readonly version?: string;
  readonly attachedTo?: {
    readonly kind: 'RamUser' | 'RamGroup' | 'RamRole' | 'ResourceDirectoryTarget' | 'Resource' | 'Session';
    readonly name: string;
  };
}

/** A condition ready for evaluation. */
export interface CompiledCondition {
  readonly source: Condition;
  readonly read: ValueReader;
  readonly negated: boolean;
  /** Verdict when the request does not carry the key. */
  readonly whenAbsent: boolean;
  readonly matches: (given: unknown) => boolean;
}

export interface CompiledStatement {
  readonly policy: PolicyMeta;
  readonly source: Statement;
  /** Of Action or NotAction: in lower case, sorted, each once. */
  readonly actionPatterns: readonly string[];
  readonly conditions: readonly CompiledCondition[];
}

export interface CompiledPolicy {
  readonly kind: PolicyKind;
  readonly meta: PolicyMeta;
  readonly statements: readonly CompiledStatement[];
}

/** A statement inside a set. */
export interface SetStatement extends CompiledStatement {
  /** Filed under several patterns, so that one request may find it repeatedly. */
  readonly mayRepeat: boolean;
  readonly denies: boolean;
  /** Place of its Action or NotAction in {@link PolicySet.actionLists}. */
  readonly actionList: number;
  /** For each condition, its place in {@link PolicySet.conditions}. */
  readonly slots: readonly number[];
}

/** Says of an action in lower case whether a statement is about it. */
export type ActionList = (action: string) => boolean;

/** A condition that any number of statements of a set have in common. */
export interface SetCondition {
  readonly condition: CompiledCondition;
  /** Place of the reading it judges in {@link PolicySet.readings}. */
  readonly reading: number;
}

/** The values of one key, read in one way: at most once in a decision. */
export interface Reading {
  readonly key: string;
  readonly read: ValueReader;
}

/**
 * Policies merged for evaluation; immutable, made by `compileSet`. A statement about certain resources is found by
 * them, one about any resource by its actions, one about any resource and all but some actions by looking.
 */
export interface PolicySet {
  readonly policies: readonly CompiledPolicy[];
  readonly statements: readonly SetStatement[];
  readonly byResource: AnchorIndex<SetStatement>;
  readonly byAction: AnchorIndex<SetStatement>;
  readonly byException: readonly SetStatement[];
  readonly actionLists: readonly ActionList[];
  readonly conditions: readonly SetCondition[];
  readonly readings: readonly Reading[];
}

/** Who asks. */
export type Principal =
  | { readonly kind: 'root'; readonly account: string }
  | {
      readonly kind: 'user';
      readonly account: string;
      readonly userId: string;
      /** `acs:ram::<account>:user/<name>`; key and trust policies are compared with it. */
      readonly arn: string;
      readonly name: string;
    }
  | {
      readonly kind: 'role';
      readonly account: string;
      /** ARN of the role with the name in lower case; not the session's. */
      readonly arn: string;
      readonly roleName: string;
      readonly sessionName: string;
      /** Control policies do not bind service-linked roles. */
      readonly serviceLinked: boolean;
    }
  /** A service in its own name, acting for `account`. */
  | { readonly kind: 'service'; readonly service: string; readonly account: string }
  /** Somebody an identity provider vouches for; `arn` is the provider's. */
  | { readonly kind: 'federated'; readonly arn: string; readonly account: string };

/** Condition keys of a request with their values. A key with an empty list counts as absent. */
export type RequestContext = ReadonlyMap<string, string | readonly string[]>;

export interface DecisionRequest {
  /** `kms:Decrypt`, in any case. */
  readonly action: string;
  /** Spellings of one resource, the usual one first. An Allow must match one of them, a Deny hits on any. */
  readonly resources: readonly string[];
  /** Account that owns the resource. For what nobody owns (system policies, `*`): the caller's. */
  readonly resourceAccount: string;
  readonly principal: Principal;
  readonly context: RequestContext;
  readonly policies: {
    /** Control policies of each level from the caller's account up to the Root folder. */
    readonly control?: readonly PolicySet[];
    /** The policy a role session was issued with. */
    readonly session?: PolicySet;
    /** Identity policies at account level: the user's and its groups', or the role's. */
    readonly account?: PolicySet;
    /** Identity policies granted on the resource group that holds the resource. */
    readonly resourceGroup?: PolicySet;
    readonly resource?: { readonly kind: 'trust' | 'key'; readonly set: PolicySet };
  };
  /**
   * Whether the caller's account is a member of a resource directory with control policies switched on. Default: when
   * `policies.control` has levels. When true, no levels means nothing is allowed.
   */
  readonly controlPoliciesApply?: boolean;
}

export type NoPermissionType = 'ImplicitDeny' | 'ExplicitDeny';

/** Which policies refused. The vendor documents all but the last, which is ours for key policies. */
export type PolicyType =
  | 'AccountLevelIdentityBasedPolicy'
  | 'ResourceGroupLevelIdentityBasedPolicy'
  | 'SessionPolicy'
  | 'ControlPolicy'
  | 'AssumeRolePolicy'
  | 'ResourceBasedPolicy';

/** A statement that led to the decision. */
export interface MatchedStatement {
  readonly policy: PolicyMeta;
  /** Place in the policy's document, from 0. */
  readonly statement: number;
  readonly sid: string | undefined;
  readonly effect: Effect;
  readonly policyType: PolicyType;
}

/** Why a statement about the action did not apply. */
export type Mismatch =
  | { readonly part: 'principal'; readonly wanted: readonly string[] }
  /** The key policy names the whole account, which leaves the matter to identity policies. */
  | { readonly part: 'delegation'; readonly wanted: readonly string[] }
  | { readonly part: 'resource'; readonly wanted: readonly string[] }
  | {
      readonly part: 'condition';
      /** As written, with its set prefix. */
      readonly operator: string;
      readonly key: string;
      readonly wanted: readonly string[];
      /** The request's values; undefined when it does not carry the key. */
      readonly actual: readonly string[] | undefined;
    };

/** An Allow that was about the action and yet did not apply. */
export interface NearMiss {
  readonly policy: PolicyMeta;
  readonly statement: number;
  readonly sid: string | undefined;
  readonly policyType: PolicyType;
  readonly mismatch: Mismatch;
}

export interface Decision {
  readonly allowed: boolean;
  /** Present when refused. */
  readonly noPermissionType?: NoPermissionType;
  /** Present when refused. */
  readonly policyType?: PolicyType;
  /**
   * When allowed: the Allow statements of every layer that was asked (none for a root user). On an explicit deny: the
   * Deny statements of the layer that refused. On an implicit deny: none.
   */
  readonly matched: readonly MatchedStatement[];
  /** On an implicit deny, Allow statements that came near, at most {@link MAX_NEAR_MISSES}. Worked out when read. */
  readonly nearMisses: readonly NearMiss[];
  /** Refused because root users may not assume roles, whatever policies say. */
  readonly rootAssume?: true;
}

/** Bound of {@link Decision.nearMisses}. */
export const MAX_NEAR_MISSES = 16;
