/** Every secret field of every operation, with a canary in it: none may come out in an event. */
import { describe, expect, it } from 'vitest';
import type { Random } from '../../src/core/random.ts';
import type { RequestContext } from '../../src/operation/context.ts';
import { declare, type Operation } from '../../src/operation/operation.ts';
import { OPERATIONS } from '../../src/operations/index.ts';
import { auditEvent } from '../../src/pipeline/audit-event.ts';
import type { InputFields } from '../../src/schema/field.ts';
import { secretText, text } from '../../src/schema/fields.ts';
import { structList } from '../../src/schema/list-fields.ts';
import { encodeAnswer, type Output, type OutputFields, out } from '../../src/schema/output.ts';
import { Params } from '../../src/wire/params.ts';

const CANARY = 'canary-7c21';
const PLAIN = 'plain-7c21';

/** A value for every parameter: the canary where it is secret. */
function sent(fields: InputFields, prefix = ''): [string, string][] {
  return Object.entries(fields).flatMap(([name, field]) => {
    const value = field.secret ? CANARY : PLAIN;
    if (field.members !== undefined && !field.secret) return sent(field.members, `${prefix}${name}.1.`);
    const names = field.type === 'Array' || field.secret ? [name, `${name}.1`] : [name];
    return names.map((each): [string, string] => [`${prefix}${each}`, value]);
  });
}

/** What a handler might return: the canary in each secret member. */
function answered({ type, secret, members, encode }: Output<never>): unknown {
  if (secret) return CANARY;
  if (type === 'Integer') return 1;
  if (type === 'Boolean') return true;
  if (type === 'Object') return answers(members!);
  if (type === 'Free') return { any: PLAIN };
  if (type !== 'List') return PLAIN;
  if (members === undefined) return [PLAIN];
  // A wrapped list declares its element as its only member.
  const wrapper = Object.entries(members).find(([, member]) => member.type === 'Object');
  const wrapped = wrapper !== undefined && Object.hasOwn(encode([] as never) as object, wrapper[0]);
  return [wrapped ? answered(wrapper[1]) : answers(members)];
}

function answers(fields: OutputFields): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, answered(field)]));
}

function hasSecret(fields: OutputFields): boolean {
  return Object.values(fields).some(
    (field) => field.secret || (field.members !== undefined && hasSecret(field.members)),
  );
}

const ctx: RequestContext = {
  requestId: 'r',
  caller: {
    principal: { kind: 'root', account: '1' },
    accessKeyId: 'LTAI',
    identity: { type: 'root-account', principalId: '1', accountId: '1' },
  },
  account: '1',
  region: 'cn-hangzhou',
  place: { account: '1', region: 'cn-hangzhou' },
  now: new Date(0),
  source: { ip: '192.0.2.1', secure: true, userAgent: 'test', internal: false },
};
const random: Random = { bytes: (count) => new Uint8Array(count) };

function eventOf(operation: Operation) {
  const parameters = Params.of(Object.fromEntries(sent(operation.input)));
  const answer = encodeAnswer(operation.output, answers(operation.output) as never);
  return auditEvent(operation, parameters, ctx, 0, { answer, resources: new Map(), notes: {} }, random);
}

describe.each(OPERATIONS.map((operation) => [`${operation.product} ${operation.name}`, operation] as const))(
  'the event of %s',
  (_, operation) => {
    const event = eventOf(operation);
    it('holds no secret', () => {
      expect(JSON.stringify(event)).not.toContain(CANARY);
    });

    it('holds what is no secret', () => {
      const plain = sent(operation.input).filter(([, value]) => value === PLAIN);
      expect(event.requestParameters).toMatchObject(Object.fromEntries(plain));
    });
  },
);

it('leaves secrets out at any depth of an answer and of a list of structures', () => {
  const inner = { Id: out.text(''), Key: out.secret('') };
  const operation = declare<undefined>().writes({
    product: 'Kms',
    name: 'Deep',
    origin: 'extension',
    title: '',
    input: { Item: structList({ Id: text({ doc: '' }), Key: secretText({ doc: '' }) }, { doc: '' }) },
    output: {
      Object: out.object('', inner),
      Wrapped: out.list('', 'One', { ...inner, Deeper: out.object('', inner) }),
      Plain: out.plainList('', 'One', inner),
    },
    permissions: 'none',
    throttle: 'query',
    errors: [],
    handle: async () => ({ Object: { Id: '', Key: '' }, Wrapped: [], Plain: [] }),
  });
  const event = eventOf(operation);
  expect(event.responseElements).toEqual({
    Object: { Id: PLAIN },
    Wrapped: { One: [{ Id: PLAIN, Deeper: { Id: PLAIN } }] },
    Plain: [{ Id: PLAIN }],
  });
  expect(event.requestParameters).toMatchObject({ 'Item.1.Id': PLAIN });
  expect(JSON.stringify(event)).not.toContain(CANARY);
});

it('meets secrets at all', () => {
  expect(OPERATIONS.filter(({ input }) => Object.values(input).some((field) => field.secret)).length).toBeGreaterThan(
    5,
  );
  expect(OPERATIONS.filter(({ output }) => hasSecret(output)).length).toBeGreaterThan(3);
});

it('keeps no secret answer for repeated tokens', () => {
  const kept = OPERATIONS.filter(
    ({ input, output }) => Object.values(input).some((field) => field.role === 'client-token') && hasSecret(output),
  );
  expect(kept.map(({ name }) => name)).toEqual([]);
});
