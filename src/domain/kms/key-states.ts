import type { ErrorCode } from '../../errors/table.ts';
import type { KeyState } from './key.ts';

/** Operations that treat key states alike. */
export type KeyOperationClass =
  /** Encrypt, Decrypt, data keys, re-encryption, signatures; new versions and the rotation policy. */
  | 'use'
  /** EnableKey, DisableKey. */
  | 'switch'
  | 'schedule-deletion'
  | 'cancel-deletion'
  | 'create-alias'
  /** UpdateAlias (the key it shall point to), descriptions, tags. */
  | 'describe'
  /** Looking, and removing an alias: fits any state. */
  | 'look';

type Row = Readonly<Record<KeyState, 'ok' | ErrorCode>>;

const modify = 'Rejected.StateModifiedFailed';

/** What each class of operations answers in each key state. Source: the vendor's table of key states (2021). */
export const KEY_STATE_RULES: Readonly<Record<KeyOperationClass, Row>> = Object.freeze({
  use: {
    Enabled: 'ok',
    Disabled: 'Rejected.Disabled',
    PendingDeletion: 'Rejected.PendingDeletion',
    PendingImport: 'Rejected.PendingImport',
  },
  switch: { Enabled: 'ok', Disabled: 'ok', PendingDeletion: modify, PendingImport: modify },
  'schedule-deletion': { Enabled: 'ok', Disabled: 'ok', PendingDeletion: modify, PendingImport: 'ok' },
  'cancel-deletion': { Enabled: modify, Disabled: modify, PendingDeletion: 'ok', PendingImport: modify },
  'create-alias': { Enabled: 'ok', Disabled: 'ok', PendingDeletion: modify, PendingImport: 'ok' },
  describe: { Enabled: 'ok', Disabled: 'ok', PendingDeletion: 'Rejected.PendingDeletion', PendingImport: 'ok' },
  look: { Enabled: 'ok', Disabled: 'ok', PendingDeletion: 'ok', PendingImport: 'ok' },
});

/** What changes a key's state. */
export type KeyEvent = 'enable' | 'disable' | 'schedule-deletion' | 'cancel-deletion';

/**
 * The state after an event the rules allow. A cancelled deletion leaves the key Enabled whatever it was before, as the
 * vendor documents.
 */
export const KEY_STATE_AFTER: Readonly<Record<KeyEvent, KeyState>> = Object.freeze({
  enable: 'Enabled',
  disable: 'Disabled',
  'schedule-deletion': 'PendingDeletion',
  'cancel-deletion': 'Enabled',
});

/** The codes a class can answer, for declarations. */
export function keyStateErrors(group: KeyOperationClass): readonly ErrorCode[] {
  const codes = Object.values(KEY_STATE_RULES[group]).filter((rule): rule is ErrorCode => rule !== 'ok');
  return [...new Set(codes)];
}
