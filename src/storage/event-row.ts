/** Audit events as rows, and what each look-up attribute reads. */
import { createHash } from 'node:crypto';
import { parseIsoSeconds } from '../core/time.ts';
import type { AuditEvent } from '../domain/audit.ts';
import type { EventField } from '../domain/storage.ts';
import type { EventRow } from './engine.ts';
import type { Value } from './statement.ts';
import { EVENT_COLUMNS, type Tables } from './tables.ts';

type Column = (typeof EVENT_COLUMNS)[number];

/** Longer values would not fit PostgreSQL's indexes. */
const COLUMN_LENGTH = 400;

/**
 * The value as the column keeps it and a filter looks for it. Long ones end in their digest, so that comparing stays
 * exact; what no engine can store (clients send anything) becomes U+FFFD.
 */
export function columnValue(value: string): string {
  if (value.length <= COLUMN_LENGTH && value.isWellFormed() && !value.includes('\0')) return value;
  const clean = value.replaceAll('\0', '\ufffd').toWellFormed();
  if (clean.length <= COLUMN_LENGTH) return clean;
  const digest = createHash('sha256').update(clean).digest('hex');
  return clean.slice(0, COLUMN_LENGTH - digest.length).toWellFormed() + digest;
}

function roleName(event: AuditEvent): string | undefined {
  const { type, userName } = event.userIdentity;
  return type === 'assumed-role' ? userName?.split(':')[0] : undefined;
}

/** The column each look-up attribute is compared with. */
export const FIELD_COLUMNS: Readonly<Record<EventField, keyof Tables['audit_event'] & Column>> = {
  ServiceName: 'service_name',
  EventName: 'event_name',
  User: 'user_name',
  EventId: 'event_id',
  ResourceType: 'resource_type',
  ResourceName: 'resource_name',
  EventRW: 'event_rw',
  EventAccessKeyId: 'access_key_id',
  EventType: 'event_type',
  RoleName: 'role_name',
  PrincipalId: 'principal_id',
  SourceIpAddress: 'source_ip_address',
};

const VALUES: Readonly<Record<Exclude<Column, 'time' | 'body'>, (event: AuditEvent) => string | undefined>> = {
  account: (event) => event.recipientAccountId,
  service_name: (event) => event.serviceName,
  event_name: (event) => event.eventName,
  user_name: (event) => event.userIdentity.userName,
  event_id: (event) => event.eventId,
  resource_type: (event) => event.resourceType,
  resource_name: (event) => event.resourceName,
  event_rw: (event) => event.eventRW,
  access_key_id: (event) => event.userIdentity.accessKeyId,
  event_type: (event) => event.eventType,
  role_name: roleName,
  principal_id: (event) => event.userIdentity.principalId,
  source_ip_address: (event) => event.sourceIpAddress,
};

function timeOf({ eventTime }: AuditEvent): number {
  return (parseIsoSeconds(eventTime) ?? new Date(eventTime)).getTime();
}

/** The event as a row, in the order of EVENT_COLUMNS. */
export function eventRow(event: AuditEvent): EventRow {
  return EVENT_COLUMNS.map((column): Value => {
    if (column === 'time') return timeOf(event);
    if (column === 'body') return JSON.stringify(event);
    const value = VALUES[column](event);
    return value === undefined ? null : columnValue(value);
  });
}
