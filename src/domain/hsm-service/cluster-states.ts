/**
 * States of a cluster: hsm-clusters 3.1 without SYNCHRONIZING (members are copied before the call that asks for it
 * returns) and DELETED (a deleted cluster's record goes).
 */
export type ClusterState =
  /** Made, with its first member; not initialised. */
  | 'NEW'
  /** In use; HSMs may join. */
  | 'INITIALIZED'
  /** Its master has left. There is no way back. */
  | 'TO_DELETE';

export type ClusterEvent =
  /** Name, vSwitches, whitelist. */
  | 'configure'
  | 'initialize'
  | 'add-member'
  /** A member other than the master leaves. */
  | 'remove-member'
  /** The master leaves as the last one. */
  | 'remove-master'
  | 'change-master'
  | 'synchronize'
  | 'delete';

export type ClusterRule =
  | { readonly kind: 'go'; readonly to: ClusterState | 'gone' }
  | { readonly kind: 'keep' }
  | { readonly kind: 'refuse' };

const go = (to: ClusterState | 'gone'): ClusterRule => ({ kind: 'go', to });
const keep: ClusterRule = { kind: 'keep' };
const refuse: ClusterRule = { kind: 'refuse' };

type Row = Readonly<Record<ClusterEvent, ClusterRule>>;

const NOTHING: Row = {
  configure: refuse,
  initialize: refuse,
  'add-member': refuse,
  'remove-member': refuse,
  'remove-master': refuse,
  'change-master': refuse,
  synchronize: refuse,
  delete: refuse,
};

/** The cluster's whole life. Nothing else assigns its state. */
export const CLUSTER_RULES: Readonly<Record<ClusterState, Row>> = Object.freeze({
  NEW: { ...NOTHING, configure: keep, initialize: go('INITIALIZED'), 'remove-master': go('TO_DELETE') },
  INITIALIZED: {
    ...NOTHING,
    configure: keep,
    'add-member': keep,
    'remove-member': keep,
    'remove-master': go('TO_DELETE'),
    'change-master': keep,
    synchronize: keep,
  },
  TO_DELETE: { ...NOTHING, delete: go('gone') },
});

export const CLUSTER_STATES = Object.keys(CLUSTER_RULES) as readonly ClusterState[];
export const CLUSTER_EVENTS = Object.keys(NOTHING) as readonly ClusterEvent[];

/** The state after an event; undefined when the state refuses it. */
export function clusterAfter(state: ClusterState, event: ClusterEvent): ClusterState | 'gone' | undefined {
  const rule = CLUSTER_RULES[state][event];
  return rule.kind === 'refuse' ? undefined : rule.kind === 'keep' ? state : rule.to;
}
