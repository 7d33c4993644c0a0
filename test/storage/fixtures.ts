import type { AuditEvent } from '../../src/domain/audit.ts';
import type { Collection, Place } from '../../src/domain/storage.ts';

export interface Thing {
  readonly id: string;
  readonly name?: string;
  readonly email?: string;
  readonly tags?: readonly string[];
  readonly state?: string;
  readonly size?: number;
}

/** A collection with every kind of index. */
export const THING: Collection<Thing> = {
  kind: 'test.thing',
  group: 'test',
  schema: 1,
  id: (thing) => thing.id,
  unique: { name: (thing) => thing.name, email: (thing) => thing.email },
  indexes: { tag: (thing) => thing.tags, state: (thing) => thing.state },
};

/** Another kind of the same group. */
export const OTHER: Collection<Thing> = { ...THING, kind: 'test.other' };

export const HERE: Place = { account: '1000000000000001', region: 'cn-hangzhou' };
export const THERE: Place = { account: '1000000000000001', region: 'cn-beijing' };
export const ELSEWHERE: Place = { account: '1000000000000002', region: 'cn-hangzhou' };

let made = 0;

/** An event that differs from others in its id. */
export function event(changes: Partial<AuditEvent> = {}): AuditEvent {
  made += 1;
  return {
    eventId: `event-${made}`,
    eventVersion: '1',
    eventCategory: 'Management',
    eventType: 'ApiCall',
    eventName: 'Encrypt',
    eventRW: 'Read',
    eventTime: '2026-03-01T08:00:00Z',
    eventSource: 'kms.cn-hangzhou.aliyuncs.com',
    serviceName: 'Kms',
    requestId: `request-${made}`,
    acsRegion: 'cn-hangzhou',
    sourceIpAddress: '203.0.113.10',
    userAgent: 'test',
    recipientAccountId: HERE.account,
    userIdentity: {
      type: 'ram-user',
      principalId: '200000000000000001',
      accountId: HERE.account,
      accessKeyId: 'LTAI0000000000000000test',
      userName: 'alice',
    },
    ...changes,
  };
}
