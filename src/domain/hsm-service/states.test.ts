import { describe, expect, it } from 'vitest';
import {
  CLUSTER_EVENTS,
  CLUSTER_STATES,
  type ClusterEvent,
  type ClusterState,
  clusterAfter,
} from './cluster-states.ts';
import {
  INSTANCE_EVENTS,
  INSTANCE_NUMBERS,
  INSTANCE_STATES,
  type InstanceEvent,
  type InstanceState,
  instanceAfter,
} from './instance-states.ts';

/** Written out a second time, from hsm-clusters 2.1 and 2.2: what is not here is refused. */
const INSTANCES: Readonly<Record<InstanceState, Partial<Record<InstanceEvent, string>>>> = {
  PENDING: { 'configure-network': 'ACTIVE', 'join-cluster': 'ACTIVE', release: 'INVALID' },
  ACTIVE: {
    'configure-network': 'ACTIVE',
    'configure-whitelist': 'ACTIVE',
    pause: 'PAUSED',
    reset: 'RESET',
    release: 'INVALID',
    administer: 'ACTIVE',
    'found-cluster': 'ACTIVE',
    'join-cluster': 'ACTIVE',
    'leave-cluster': 'RESET',
  },
  PAUSED: { resume: 'ACTIVE', 'reset-paused': 'RESET', release: 'INVALID', 'leave-cluster': 'RESET' },
  RESET: { release: 'INVALID', wiped: 'ACTIVE' },
  INVALID: { wiped: 'gone' },
};

/** The same for clusters, from 3.1 and 3.2. */
const CLUSTERS: Readonly<Record<ClusterState, Partial<Record<ClusterEvent, string>>>> = {
  NEW: { configure: 'NEW', initialize: 'INITIALIZED', 'remove-master': 'TO_DELETE' },
  INITIALIZED: {
    configure: 'INITIALIZED',
    'add-member': 'INITIALIZED',
    'remove-member': 'INITIALIZED',
    'remove-master': 'TO_DELETE',
    'change-master': 'INITIALIZED',
    synchronize: 'INITIALIZED',
  },
  TO_DELETE: { delete: 'gone' },
};

const pairs = <S, E>(states: readonly S[], events: readonly E[]): (readonly [S, E])[] =>
  states.flatMap((state) => events.map((event) => [state, event] as const));

describe('an HSM', () => {
  it.each(pairs(INSTANCE_STATES, INSTANCE_EVENTS))('in %s on %s does what the specification says', (state, event) => {
    expect(instanceAfter(state, event)).toBe(INSTANCES[state][event]);
  });

  it('has a number for each state', () => {
    expect(Object.keys(INSTANCE_NUMBERS).sort()).toEqual([...INSTANCE_STATES].sort());
    expect(new Set(Object.values(INSTANCE_NUMBERS)).size).toBe(INSTANCE_STATES.length);
  });
});

describe('a cluster', () => {
  it.each(pairs(CLUSTER_STATES, CLUSTER_EVENTS))('in %s on %s does what the specification says', (state, event) => {
    expect(clusterAfter(state, event)).toBe(CLUSTERS[state][event]);
  });
});
