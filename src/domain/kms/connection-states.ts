import type { ErrorCode } from '../../errors/table.ts';
import type { ConnectionErrorCode, ConnectionState, KeyStoreRecord } from './key-store.ts';

/** What happens to a store, as far as its connection is concerned. */
export type ConnectionEvent =
  /** ConnectKeyStore. */
  | 'connect'
  /** DisconnectKeyStore. */
  | 'disconnect'
  /** An attempt to connect ended well. */
  | 'established'
  /** An attempt to connect ended for good without a connection. */
  | 'refused'
  /** The sessions are closed and the network parts are taken back. */
  | 'detached'
  /** UpdateKeyStore with a password, a cluster or a certificate. */
  | 'rebind'
  /** UpdateKeyStore with a name or a description. */
  | 'relabel'
  /** DeleteKeyStore. */
  | 'delete';

/** What goes with a transition, in the same transaction. */
export type ConnectionEffect =
  /** Counts the epoch up, so that work for the state before can no longer end. */
  'new-epoch' | 'clear-error' | 'set-error' | 'stamp-connected' | 'drop-network' | 'start-connect' | 'start-disconnect';

export type ConnectionRule =
  | { readonly kind: 'go'; readonly to: ConnectionState | 'gone'; readonly effects: readonly ConnectionEffect[] }
  /** Accepted without any effect. */
  | { readonly kind: 'keep' }
  | { readonly kind: 'refuse'; readonly code: ErrorCode }
  /** News of an attempt that no longer counts: to be ignored. */
  | { readonly kind: 'stale' };

const go = (to: ConnectionState | 'gone', ...effects: readonly ConnectionEffect[]): ConnectionRule => ({
  kind: 'go',
  to,
  effects,
});
const keep: ConnectionRule = { kind: 'keep' };
const stale: ConnectionRule = { kind: 'stale' };
const refuse: ConnectionRule = { kind: 'refuse', code: 'Rejected.KeyStoreStateInvalid' };
const leave = go('Disconnecting', 'new-epoch', 'clear-error', 'start-disconnect');

type Row = Readonly<Record<ConnectionEvent, ConnectionRule>>;

/** The connection's whole life: hsm-clusters 8.2 and 16.2 to 16.6 as data. Nothing else assigns a connection state. */
export const CONNECTION_RULES: Readonly<Record<ConnectionState, Row>> = Object.freeze({
  Disconnected: {
    connect: go('Connecting', 'new-epoch', 'clear-error', 'start-connect'),
    disconnect: refuse,
    established: stale,
    refused: stale,
    detached: stale,
    rebind: keep,
    relabel: keep,
    delete: go('gone'),
  },
  Connecting: {
    connect: keep,
    disconnect: leave,
    established: go('Connected', 'clear-error', 'stamp-connected'),
    refused: go('Failed', 'set-error', 'drop-network'),
    detached: stale,
    rebind: refuse,
    relabel: keep,
    delete: refuse,
  },
  Connected: {
    connect: keep,
    disconnect: leave,
    established: stale,
    refused: stale,
    detached: stale,
    rebind: refuse,
    relabel: keep,
    delete: refuse,
  },
  Disconnecting: {
    connect: refuse,
    disconnect: refuse,
    established: stale,
    refused: stale,
    detached: go('Disconnected', 'drop-network'),
    rebind: refuse,
    relabel: keep,
    delete: refuse,
  },
  Failed: {
    connect: refuse,
    disconnect: leave,
    established: stale,
    refused: stale,
    detached: stale,
    rebind: refuse,
    relabel: keep,
    delete: refuse,
  },
});

export const CONNECTION_STATES = Object.keys(CONNECTION_RULES) as readonly ConnectionState[];
export const CONNECTION_EVENTS = Object.keys(CONNECTION_RULES.Disconnected) as readonly ConnectionEvent[];

/** What an event adds to the record besides the state. */
export interface ConnectionNews {
  /** Service time, milliseconds. */
  readonly at: number;
  /** For `refused`. */
  readonly error?: { readonly code: ConnectionErrorCode; readonly message: string };
}

/** The record after a transition: state, epoch, error, times, network. Tasks are the caller's to enqueue. */
export function transition(
  store: KeyStoreRecord,
  rule: ConnectionRule & { kind: 'go'; to: ConnectionState },
  news: ConnectionNews,
): KeyStoreRecord {
  const { connectionErrorCode, connectionErrorMessage, network, ...rest } = store;
  const has = (effect: ConnectionEffect): boolean => rule.effects.includes(effect);
  const error = has('set-error')
    ? news.error && { connectionErrorCode: news.error.code, connectionErrorMessage: news.error.message }
    : !has('clear-error') && connectionErrorCode !== undefined
      ? { connectionErrorCode, ...(connectionErrorMessage === undefined ? {} : { connectionErrorMessage }) }
      : {};
  return {
    ...rest,
    ...error,
    ...(network === undefined || has('drop-network') ? {} : { network }),
    ...(has('drop-network') ? { members: [] } : {}),
    ...(has('stamp-connected') ? { lastConnectedAt: news.at } : {}),
    connection: rule.to,
    connectionChangedAt: news.at,
    epoch: has('new-epoch') ? store.epoch + 1 : store.epoch,
  };
}

/** A rule that leads to another state of a store that stays. */
export function goes(rule: ConnectionRule): rule is ConnectionRule & { kind: 'go'; to: ConnectionState } {
  return rule.kind === 'go' && rule.to !== 'gone';
}

/** The machine as a Mermaid state diagram, for the documentation. */
export function connectionDiagram(): string {
  const lines = ['stateDiagram-v2', '  [*] --> Disconnected: create'];
  for (const from of CONNECTION_STATES) {
    for (const event of CONNECTION_EVENTS) {
      const rule = CONNECTION_RULES[from][event];
      if (rule.kind === 'go') lines.push(`  ${from} --> ${rule.to === 'gone' ? '[*]' : rule.to}: ${event}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** The whole table as Markdown: one row per state, one column per event. */
export function connectionTable(): string {
  const cell = (rule: ConnectionRule): string =>
    rule.kind === 'go' ? `→ ${rule.to}` : rule.kind === 'refuse' ? `\`${rule.code}\`` : rule.kind;
  return [
    `| state | ${CONNECTION_EVENTS.join(' | ')} |`,
    `|---|${CONNECTION_EVENTS.map(() => '---').join('|')}|`,
    ...CONNECTION_STATES.map(
      (state) => `| ${state} | ${CONNECTION_EVENTS.map((event) => cell(CONNECTION_RULES[state][event])).join(' | ')} |`,
    ),
    '',
  ].join('\n');
}
