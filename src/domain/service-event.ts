import { type Random, uuid } from '../core/random.ts';
import { isoSeconds } from '../core/time.ts';
import type { AuditEvent } from './audit.ts';
import { PRODUCTS, type ProductName } from './products.ts';
import type { Place } from './storage.ts';

/** What a service did by itself: a scheduled deletion, a rotation, the end of a connection attempt. */
export interface ServiceDeed {
  readonly product: ProductName;
  /** Name of the event: `DeleteKey`, `KeyStoreConnected`. */
  readonly name: string;
  readonly place: Place;
  /** Service time. */
  readonly at: Date;
  /** The service as the event names it: `kms.aliyuncs.com`. */
  readonly service: string;
  /** Resources by type: `ACS::KMS::Key` and ids. */
  readonly resources: Readonly<Record<string, readonly string[]>>;
  /** Plain values only. */
  readonly data: Readonly<Record<string, unknown>>;
  /** When the deed failed. */
  readonly error?: { readonly code: string; readonly message: string };
}

/** The audit event of something no caller asked for at that moment (`AliyunServiceEvent`). */
export function serviceEvent(deed: ServiceDeed, random: Random): AuditEvent {
  const product = PRODUCTS[deed.product];
  const types = Object.keys(deed.resources);
  const referenced = Object.fromEntries(types.map((type) => [type, [...deed.resources[type]!]]));
  return {
    eventId: uuid(random),
    eventVersion: '1',
    eventCategory: 'Management',
    eventType: 'AliyunServiceEvent',
    eventName: deed.name,
    eventRW: 'Write',
    eventTime: isoSeconds(deed.at),
    eventSource: product.host(deed.place.region),
    serviceName: product.name,
    requestId: uuid(random),
    ...(types.length === 0
      ? {}
      : {
          referencedResources: referenced,
          resourceType: types.join(';'),
          resourceName: types.map((type) => referenced[type]!.join(',')).join(';'),
        }),
    ...(deed.error === undefined ? {} : { errorCode: deed.error.code, errorMessage: deed.error.message }),
    acsRegion: deed.place.region,
    isGlobal: product.global,
    sourceIpAddress: 'Internal',
    userAgent: deed.service,
    recipientAccountId: deed.place.account,
    additionalEventData: { ...deed.data },
    userIdentity: {
      type: 'system',
      principalId: deed.service,
      accountId: deed.place.account,
      userName: deed.service,
    },
  };
}
