import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parsePolicy } from '../../src/policy/document.ts';
import type { Decision, PolicyKind, PolicyMeta, Principal } from '../../src/policy/types.ts';
import type { Scenario, ScenarioPolicy } from './scenario.ts';

type PolicyRow =
  | string
  | readonly unknown[]
  | {
      readonly name: string;
      readonly version?: string;
      readonly attachedTo?: PolicyMeta['attachedTo'];
      readonly statements: readonly unknown[];
    };

export interface CallRow {
  readonly action: string;
  readonly resources: readonly string[];
  readonly resourceAccount?: string;
  readonly principal?: string;
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
  readonly policies?: {
    readonly control?: readonly (readonly PolicyRow[])[];
    readonly session?: readonly PolicyRow[];
    readonly account?: readonly PolicyRow[];
    readonly resourceGroup?: readonly PolicyRow[];
    readonly trust?: PolicyRow;
    readonly key?: PolicyRow;
  };
  readonly controlPoliciesApply?: boolean;
  readonly expect: Pick<Decision, 'allowed' | 'noPermissionType' | 'policyType' | 'rootAssume'>;
}

interface DecisionFile {
  readonly accounts: { readonly A: string };
  readonly context: Readonly<Record<string, string>>;
  readonly principals: Readonly<Record<string, Principal>>;
  readonly documents: Readonly<Record<string, readonly unknown[]>>;
  readonly cases: readonly {
    readonly id: number;
    readonly title: string;
    readonly allowed: boolean;
    readonly calls: readonly CallRow[];
  }[];
}

export interface ValidationRow {
  readonly id: string;
  readonly title: string;
  readonly kind: PolicyKind;
  readonly document: string;
  readonly accepted: boolean;
  readonly path?: string;
  readonly padTo?: number;
  readonly withinLimit?: boolean;
  readonly principals?: readonly { readonly account: string; readonly type: string; readonly name: string }[];
}

function read(name: string): unknown {
  return JSON.parse(readFileSync(join(import.meta.dirname, '..', 'vectors', 'policy', name), 'utf8'));
}

export const DECISIONS = read('decisions.json') as DecisionFile;
export const VALIDATION = (read('validation.json') as { readonly cases: readonly ValidationRow[] }).cases;

function policyOf(row: PolicyRow, kind: PolicyKind): ScenarioPolicy {
  const named = typeof row === 'string' ? { name: row, statements: DECISIONS.documents[row]! } : row;
  const meta = 'statements' in named ? named : { name: 'unnamed', statements: named };
  const text = JSON.stringify({ Version: '1', Statement: meta.statements });
  return {
    document: parsePolicy(text, kind, { account: DECISIONS.accounts.A }),
    meta: {
      identifier: meta.name,
      type: 'Custom',
      ...('version' in meta && meta.version !== undefined && { version: meta.version }),
      ...('attachedTo' in meta && meta.attachedTo !== undefined && { attachedTo: meta.attachedTo }),
    },
  };
}

/** A call of the data file as a scenario, with the file's defaults filled in. */
export function scenarioOf(call: CallRow): Scenario {
  const principal = DECISIONS.principals[call.principal ?? 'alice']!;
  const { control, session, account, resourceGroup, trust, key } = call.policies ?? {};
  const all = (rows: readonly PolicyRow[] | undefined, kind: PolicyKind) => rows?.map((row) => policyOf(row, kind));
  const context = new Map<string, string | readonly string[]>(Object.entries(DECISIONS.context));
  if ('arn' in principal) context.set('acs:PrincipalARN', principal.arn);
  for (const [name, value] of Object.entries(call.context ?? {})) context.set(name, value);
  const resource =
    trust !== undefined
      ? { kind: 'trust' as const, policy: policyOf(trust, 'trust') }
      : key !== undefined
        ? { kind: 'key' as const, policy: policyOf(key, 'key') }
        : undefined;
  return {
    action: call.action,
    resources: call.resources,
    resourceAccount: call.resourceAccount ?? DECISIONS.accounts.A,
    principal,
    context,
    control: control?.map((level) => all(level, 'control')!),
    session: all(session, 'session'),
    account: all(account, 'identity'),
    resourceGroup: all(resourceGroup, 'identity'),
    resource,
    controlPoliciesApply: call.controlPoliciesApply,
  };
}
