import { Generations } from '../core/generations.ts';
import { compilePolicy, compileSet } from '../policy/compile.ts';
import { parsePolicy } from '../policy/document.ts';
import type { CompiledPolicy, PolicyKind, PolicyMeta, PolicySet } from '../policy/types.ts';

/** Compiled documents kept at most; one is some ten times its text. */
const DOCUMENTS_KEPT = 5000;
/** Sets of one document (session, trust and key policies) kept at most. */
const SINGLE_SETS_KEPT = 2000;
/** Merged sets of principals kept at most, for calls that see the database through a transaction. */
const MERGED_SETS_KEPT = 2000;

/** Compiles policies, and remembers. Everything is keyed by the text itself, so nothing kept can be out of date. */
export interface CompiledPolicies {
  one(kind: PolicyKind, document: string, meta: PolicyMeta): CompiledPolicy;
  /** A set of the one document. */
  single(kind: PolicyKind, document: string, meta: PolicyMeta): PolicySet;
  /** Merges the policies of `owner`; the set made last for it serves again while the policies are the same. */
  merged(owner: string, policies: readonly CompiledPolicy[]): PolicySet;
}

function sameMembers(a: readonly CompiledPolicy[], b: readonly CompiledPolicy[]): boolean {
  return a.length === b.length && a.every((policy, at) => policy === b[at]);
}

function keyOf(kind: PolicyKind, document: string, meta: PolicyMeta): string {
  const at = meta.attachedTo;
  return [kind, meta.type, meta.identifier, meta.version ?? '', at?.kind ?? '', at?.name ?? '', document].join('\0');
}

export function createCompiledPolicies(): CompiledPolicies {
  const documents = new Generations<CompiledPolicy>(DOCUMENTS_KEPT);
  const singles = new Generations<PolicySet>(SINGLE_SETS_KEPT);
  const sets = new Generations<PolicySet>(MERGED_SETS_KEPT);

  const one: CompiledPolicies['one'] = (kind, document, meta) => {
    const key = keyOf(kind, document, meta);
    const kept = documents.get(key);
    if (kept !== undefined) return kept;
    const compiled = compilePolicy(parsePolicy(document, kind), meta);
    documents.set(key, compiled);
    return compiled;
  };
  return {
    one,
    single: (kind, document, meta) => {
      const key = keyOf(kind, document, meta);
      const kept = singles.get(key);
      if (kept !== undefined) return kept;
      const set = compileSet([one(kind, document, meta)]);
      singles.set(key, set);
      return set;
    },
    merged: (owner, policies) => {
      const kept = sets.get(owner);
      if (kept !== undefined && sameMembers(kept.policies, policies)) return kept;
      const set = compileSet(policies);
      sets.set(owner, set);
      return set;
    },
  };
}
