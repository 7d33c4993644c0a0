import type { Parameters } from '../core/parameters.ts';
import { type Random, uuid } from '../core/random.ts';
import { lookup } from '../core/table.ts';
import { isoSeconds } from '../core/time.ts';
import { PlainList, type WireObject } from '../core/wire-value.ts';
import type { AuditEvent } from '../domain/audit.ts';
import { PRODUCTS, type Product } from '../domain/products.ts';
import type { Fault } from '../errors/fault.ts';
import type { RequestContext } from '../operation/context.ts';
import type { Operation } from '../operation/operation.ts';
import type { OutputFields } from '../schema/output.ts';

/** What happened to one call, as far as its event is concerned. */
export interface Outcome {
  readonly fault?: Fault;
  readonly answer?: WireObject;
  readonly resources: ReadonlyMap<string, ReadonlySet<string>>;
  readonly notes: Readonly<Record<string, unknown>>;
}

/** Characters of one value that an event keeps: no policy document is longer. */
const VALUE_CHARACTERS = 8_192;
/** Characters of all values together. */
const ALL_CHARACTERS = 24_576;

/** Whether the operation reads a parameter of this name, and it is no secret: a field, an item of a list, its member. */
function isRecorded({ input }: Operation, name: string): boolean {
  const [head, item, member, ...deeper] = name.split('.');
  const field = lookup(input, head!);
  if (field === undefined || field.secret || deeper.length > 0) return false;
  if (item === undefined) return true;
  if (field.type !== 'Array' || !/^\d+$/.test(item)) return false;
  if (field.members === undefined) return member === undefined;
  return member !== undefined && lookup(field.members, member)?.secret === false;
}

function shortened(value: string): string {
  if (value.length <= VALUE_CHARACTERS) return value;
  return `${value.slice(0, VALUE_CHARACTERS).toWellFormed()}… (${value.length} characters)`;
}

/**
 * Parameters as sent, as far as the operation reads them: secret ones and those nobody declared are left out. Bounded,
 * since callers without any right send what they like.
 */
function requestParameters(operation: Operation, parameters: Parameters): Record<string, unknown> {
  const recorded: Record<string, unknown> = {};
  let room = ALL_CHARACTERS;
  let omitted = 0;
  for (const name of parameters.names()) {
    if (!isRecorded(operation, name)) continue;
    const value = shortened(parameters.get(name)!);
    if (value.length > room) {
      omitted += 1;
      continue;
    }
    room -= name.length + value.length;
    recorded[name] = value;
  }
  return omitted === 0 ? recorded : { ...recorded, '...': `${omitted} more` };
}

function withoutSecret(members: OutputFields, value: unknown): unknown {
  if (value instanceof PlainList) return withoutSecret(members, value.items);
  if (Array.isArray(value)) return value.map((item) => withoutSecret(members, item));
  return typeof value === 'object' && value !== null ? withoutSecrets(members, value as WireObject) : value;
}

function withoutSecrets(fields: OutputFields, answer: WireObject): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const name in answer) {
    const field = fields[name];
    if (field?.secret === true) continue;
    kept[name] = field?.members === undefined ? answer[name] : withoutSecret(field.members, answer[name]);
  }
  return kept;
}

function resourceFields(resources: Outcome['resources']): Partial<AuditEvent> {
  if (resources.size === 0) return {};
  const referenced: Record<string, string[]> = {};
  for (const [type, names] of resources) referenced[type] = [...names];
  return {
    referencedResources: referenced,
    resourceType: Object.keys(referenced).join(';'),
    resourceName: Object.values(referenced)
      .map((names) => names.join(','))
      .join(';'),
  };
}

/** What the vendor's gateway adds to the parameters, besides the RegionId where none was sent. */
function gatewayMembers({ requestId, region }: RequestContext, product: Product): Record<string, string> {
  const host = product.host(region);
  return {
    AcsHost: host,
    AcsProduct: product.name,
    ServiceCode: product.name.toLowerCase(),
    HostId: host,
    RequestId: requestId,
  };
}

/** The event of one API call, in ActionTrail's shape. */
export function auditEvent(
  operation: Operation,
  parameters: Parameters,
  ctx: RequestContext,
  clockOffsetMs: number,
  outcome: Outcome,
  random: Random,
): AuditEvent {
  const product = PRODUCTS[operation.product];
  const sent = requestParameters(operation, parameters);
  const { principal } = ctx.caller;
  const session: Record<string, unknown> =
    principal.kind === 'session'
      ? {
          stsTokenPrincipalName: `${principal.roleName.toLowerCase()}/${principal.sessionName}`,
          stsTokenPlayerUid: principal.playerUid,
        }
      : {};
  const additional: Record<string, unknown> = {
    Scheme: ctx.source.internal ? 'internal' : ctx.source.secure ? 'https' : 'http',
    ...(principal.kind === 'session' && principal.linkedService !== undefined
      ? { invokedBy: principal.linkedService, serviceLinkedRole: 'true' }
      : {}),
    ...(clockOffsetMs === 0 ? {} : { developmentClockOffsetSeconds: Math.round(clockOffsetMs / 1000) }),
    ...outcome.notes,
  };
  return {
    eventId: uuid(random),
    eventVersion: '1',
    eventCategory: 'Management',
    eventType: 'ApiCall',
    eventName: operation.name,
    eventRW: operation.access,
    eventTime: isoSeconds(ctx.now),
    eventSource: product.host(ctx.region),
    serviceName: product.name,
    apiVersion: product.version,
    requestId: ctx.requestId,
    requestParameters: { RegionId: ctx.region, ...sent, ...session, ...gatewayMembers(ctx, product) },
    requestParameterJson: JSON.stringify(sent),
    ...(outcome.answer !== undefined && operation.recordsAnswer
      ? { responseElements: withoutSecrets(operation.output, outcome.answer) }
      : {}),
    ...resourceFields(outcome.resources),
    ...(outcome.fault === undefined ? {} : { errorCode: outcome.fault.code, errorMessage: outcome.fault.message }),
    acsRegion: ctx.region,
    isGlobal: product.global,
    sourceIpAddress: ctx.source.ip,
    userAgent: ctx.source.userAgent,
    ...(ctx.source.vpcId === undefined ? {} : { vpcId: ctx.source.vpcId }),
    recipientAccountId: ctx.account,
    additionalEventData: additional,
    userIdentity: ctx.caller.identity,
  };
}
