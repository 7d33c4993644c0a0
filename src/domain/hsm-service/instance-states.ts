/**
 * States of an HSM: hsm-clusters 2.1 without those that only a subscription or a slow hypervisor brings about
 * (MODIFYING, EXPIRED, FAILURE).
 */
export type InstanceState =
  /** Taken, without an address. */
  | 'PENDING'
  /** In service. */
  | 'ACTIVE'
  /** Taken out of service by its owner: nobody reaches it. Keeps everything. */
  | 'PAUSED'
  /** Being wiped. */
  | 'RESET'
  /** Being given back, wiped on the way. */
  | 'INVALID';

export type InstanceEvent =
  | 'configure-network'
  | 'configure-whitelist'
  | 'pause'
  | 'resume'
  /** ResetInstance. */
  | 'reset'
  /** ResetPausedInstance. */
  | 'reset-paused'
  | 'release'
  /** Taking over as officer, and all that officers do with users. */
  | 'administer'
  /** Becoming the first member of a cluster. */
  | 'found-cluster'
  | 'join-cluster'
  /** Leaving a cluster, which wipes. */
  | 'leave-cluster'
  /** The wipe is done. */
  | 'wiped';

export type InstanceRule =
  | { readonly kind: 'go'; readonly to: InstanceState | 'gone' }
  | { readonly kind: 'keep' }
  | { readonly kind: 'refuse' };

const go = (to: InstanceState | 'gone'): InstanceRule => ({ kind: 'go', to });
const keep: InstanceRule = { kind: 'keep' };
const refuse: InstanceRule = { kind: 'refuse' };

type Row = Readonly<Record<InstanceEvent, InstanceRule>>;

const NOTHING: Row = {
  'configure-network': refuse,
  'configure-whitelist': refuse,
  pause: refuse,
  resume: refuse,
  reset: refuse,
  'reset-paused': refuse,
  release: refuse,
  administer: refuse,
  'found-cluster': refuse,
  'join-cluster': refuse,
  'leave-cluster': refuse,
  wiped: refuse,
};

/** The HSM's whole life. Nothing else assigns its state. */
export const INSTANCE_RULES: Readonly<Record<InstanceState, Row>> = Object.freeze({
  PENDING: { ...NOTHING, 'configure-network': go('ACTIVE'), 'join-cluster': go('ACTIVE'), release: go('INVALID') },
  ACTIVE: {
    ...NOTHING,
    'configure-network': keep,
    'configure-whitelist': keep,
    pause: go('PAUSED'),
    reset: go('RESET'),
    release: go('INVALID'),
    administer: keep,
    'found-cluster': keep,
    'join-cluster': keep,
    'leave-cluster': go('RESET'),
  },
  PAUSED: {
    ...NOTHING,
    resume: go('ACTIVE'),
    'reset-paused': go('RESET'),
    release: go('INVALID'),
    'leave-cluster': go('RESET'),
  },
  // An HSM that is lost never comes back from its wipe: its owner must be able to give it up.
  RESET: { ...NOTHING, release: go('INVALID'), wiped: go('ACTIVE') },
  INVALID: { ...NOTHING, wiped: go('gone') },
});

export const INSTANCE_STATES = Object.keys(INSTANCE_RULES) as readonly InstanceState[];
export const INSTANCE_EVENTS = Object.keys(NOTHING) as readonly InstanceEvent[];

/** The state after an event; undefined when the state refuses it. */
export function instanceAfter(state: InstanceState, event: InstanceEvent): InstanceState | 'gone' | undefined {
  const rule = INSTANCE_RULES[state][event];
  return rule.kind === 'refuse' ? undefined : rule.kind === 'keep' ? state : rule.to;
}

/**
 * `HsmStatus` of DescribeInstances. The vendor's numbers are unpublished; these are ours, and `Status` says the same
 * in words.
 */
export const INSTANCE_NUMBERS: Readonly<Record<InstanceState, number>> = Object.freeze({
  PENDING: 0,
  ACTIVE: 1,
  PAUSED: 2,
  RESET: 3,
  INVALID: 7,
});
