import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  CONNECTION_EVENTS,
  CONNECTION_RULES,
  CONNECTION_STATES,
  type ConnectionEvent,
  connectionDiagram,
  connectionTable,
  goes,
  transition,
} from './connection-states.ts';
import type { ConnectionState, KeyStoreRecord } from './key-store.ts';

const NETWORK = { vpcId: 'vpc-1', vSwitchIds: ['vsw-1'], zoneIds: ['z'], interfaces: [] };

function store(connection: ConnectionState): KeyStoreRecord {
  return {
    keyStoreId: 'kst-1',
    name: 'n',
    description: '',
    type: 'HSM_CLUSTER',
    creator: '1',
    createdAt: 1,
    hsmClusterId: 'cluster-1',
    sealedPassword: 's',
    securityDomainCertificate: 'c',
    connection,
    connectionChangedAt: 1,
    connectionErrorCode: 'NetworkErrors',
    connectionErrorMessage: 'why',
    epoch: 7,
    network: NETWORK,
    members: [{ instanceId: 'hsm-1', ip: '10.0.0.1' }],
    leftOver: ['sg-1'],
  };
}

const PAIRS = CONNECTION_STATES.flatMap((state) => CONNECTION_EVENTS.map((event) => [state, event] as const));

/** Written out a second time, from the tables of hsm-clusters 8.2 and 16: state, event, outcome. */
const EXPECTED: Readonly<Record<ConnectionState, Readonly<Record<ConnectionEvent, string>>>> = {
  Disconnected: {
    connect: 'Connecting',
    disconnect: 'refuse',
    established: 'stale',
    refused: 'stale',
    detached: 'stale',
    rebind: 'keep',
    relabel: 'keep',
    delete: 'gone',
  },
  Connecting: {
    connect: 'keep',
    disconnect: 'Disconnecting',
    established: 'Connected',
    refused: 'Failed',
    detached: 'stale',
    rebind: 'refuse',
    relabel: 'keep',
    delete: 'refuse',
  },
  Connected: {
    connect: 'keep',
    disconnect: 'Disconnecting',
    established: 'stale',
    refused: 'stale',
    detached: 'stale',
    rebind: 'refuse',
    relabel: 'keep',
    delete: 'refuse',
  },
  Disconnecting: {
    connect: 'refuse',
    disconnect: 'refuse',
    established: 'stale',
    refused: 'stale',
    detached: 'Disconnected',
    rebind: 'refuse',
    relabel: 'keep',
    delete: 'refuse',
  },
  Failed: {
    connect: 'refuse',
    disconnect: 'Disconnecting',
    established: 'stale',
    refused: 'stale',
    detached: 'stale',
    rebind: 'refuse',
    relabel: 'keep',
    delete: 'refuse',
  },
};

describe('the connection of a key store', () => {
  it.each(PAIRS)('in %s on %s does what the specification says', (state, event) => {
    const rule = CONNECTION_RULES[state][event];
    expect(rule.kind === 'go' ? rule.to : rule.kind).toBe(EXPECTED[state][event]);
    if (rule.kind === 'refuse') expect(rule.code).toBe('Rejected.KeyStoreStateInvalid');
  });

  it.each(PAIRS)('in %s on %s changes exactly what its effects name', (state, event) => {
    const rule = CONNECTION_RULES[state][event];
    if (!goes(rule)) return;
    const before = store(state);
    const after = transition(before, rule, { at: 99, error: { code: 'InvalidCredentials', message: 'no' } });
    const has = (effect: (typeof rule.effects)[number]): boolean => rule.effects.includes(effect);
    const { connectionErrorCode: _c, connectionErrorMessage: _m, network: _n, ...rest } = before;
    expect(after).toStrictEqual({
      ...rest,
      connection: rule.to,
      connectionChangedAt: 99,
      epoch: has('new-epoch') ? 8 : 7,
      ...(has('set-error')
        ? { connectionErrorCode: 'InvalidCredentials', connectionErrorMessage: 'no' }
        : has('clear-error')
          ? {}
          : { connectionErrorCode: 'NetworkErrors', connectionErrorMessage: 'why' }),
      ...(has('drop-network') ? { members: [] } : { network: NETWORK }),
      ...(has('stamp-connected') ? { lastConnectedAt: 99 } : {}),
    });
  });

  it('starts work exactly where it enters a passing state, under a new epoch', () => {
    for (const [state, event] of PAIRS) {
      const rule = CONNECTION_RULES[state][event];
      if (rule.kind !== 'go') continue;
      expect(rule.effects.includes('start-connect')).toBe(rule.to === 'Connecting');
      expect(rule.effects.includes('start-disconnect')).toBe(rule.to === 'Disconnecting');
      expect(rule.effects.includes('new-epoch')).toBe(rule.to === 'Connecting' || rule.to === 'Disconnecting');
    }
  });

  it('lets nobody get stuck: every state leads back to Disconnected', () => {
    const reach = new Set<string>(['Disconnected']);
    for (let grown = true; grown; ) {
      grown = false;
      for (const [state, event] of PAIRS) {
        const rule = CONNECTION_RULES[state][event];
        if (rule.kind === 'go' && reach.has(rule.to) && !reach.has(state)) grown = Boolean(reach.add(state));
      }
    }
    expect([...CONNECTION_STATES].filter((state) => !reach.has(state))).toEqual([]);
  });

  it('is drawn from the table', () => {
    expect(connectionDiagram()).toMatchInlineSnapshot(`
      "stateDiagram-v2
        [*] --> Disconnected: create
        Disconnected --> Connecting: connect
        Disconnected --> [*]: delete
        Connecting --> Disconnecting: disconnect
        Connecting --> Connected: established
        Connecting --> Failed: refused
        Connected --> Disconnecting: disconnect
        Disconnecting --> Disconnected: detached
        Failed --> Disconnecting: disconnect
      "
    `);
    expect(connectionTable().split('\n')).toHaveLength(CONNECTION_STATES.length + 3);
  });

  it('is on the page of the documentation as it is here', () => {
    const page = readFileSync(join(import.meta.dirname, '../../../docs/inside/key-store-connection.md'), 'utf8');
    expect(page).toContain(connectionDiagram());
    expect(page).toContain(connectionTable());
  });
});
