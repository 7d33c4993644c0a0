/** A user without any policy, and KMS as its service-linked role, before every operation there is. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PRODUCTS } from '../../src/domain/products.ts';
import { Fault } from '../../src/errors/fault.ts';
import type { Caller } from '../../src/operation/context.ts';
import type { Operation, Permission } from '../../src/operation/operation.ts';
import { OPERATIONS } from '../../src/operations/index.ts';
import { execute } from '../../src/pipeline/execute.ts';
import { linkedRole } from '../../src/slr/catalogue.ts';
import { Params } from '../../src/wire/params.ts';
import { eventually } from '../support/eventually.ts';
import { openTestPipeline, type TestPipeline } from '../support/pipeline.ts';
import { requiredParameters } from './shapes.ts';

const SEALED = Buffer.from(`00000000-0000-4000-8000-000000000000${'\u0001'.repeat(40)}`, 'latin1').toString('base64');

let pipeline: TestPipeline;
let nobody: Caller;
beforeAll(async () => {
  pipeline = await openTestPipeline();
  nobody = await pipeline.user('nobody');
});
afterAll(() => pipeline.close());

/** Where only the right form gets as far as a decision. */
const FORMS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Decrypt: { CiphertextBlob: SEALED },
  ReEncrypt: { CiphertextBlob: SEALED },
  TagResource: { KeyId: 'key-hzz000000000000000000' },
  UntagResource: { KeyId: 'key-hzz000000000000000000' },
  GetServiceLinkedRoleDeletionStatus: { DeletionTaskId: `task/acs-service-role/x/y/${'0'.repeat(36)}` },
};

const guarded = OPERATIONS.filter((operation) => operation.permissions !== 'none');

async function refusal(caller: Caller, operation: Operation, parameters: Record<string, string>) {
  try {
    await pipeline.call(caller, operation.product, operation.name, parameters);
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error(`${operation.name} was allowed`);
}

describe('a user without any policy', () => {
  it.each(guarded.map((operation) => [operation.product, operation.name, operation] as const))(
    '%s %s is denied',
    async (product, _name, operation) => {
      const fault = await refusal(nobody, operation, {
        ...requiredParameters(operation),
        ...FORMS[operation.name],
      });
      expect(fault.code, fault.message).toBe(PRODUCTS[product].denied);
      expect(fault.status).toBe(403);
    },
  );
});

const SERVICE = 'keystore.kms.aliyuncs.com';

/** KMS in its own name, as nobody on the wire can be. */
function service(name: string): Caller {
  return {
    principal: { kind: 'service', account: pipeline.account, service: name },
    accessKeyId: undefined,
    identity: {
      type: 'system',
      principalId: name,
      accountId: pipeline.account,
      userName: name,
      sessionContext: { attributes: { mfaAuthenticated: 'false', creationDate: '2026-01-01T00:00:00Z' } },
    },
  };
}

const RoleName = 'AliyunServiceRoleForKMSKeyStore';
const assumed = () => ({
  RoleArn: `acs:ram::${pipeline.account}:role/${RoleName.toLowerCase()}`,
  RoleSessionName: 'attack',
});

describe('the service-linked role', () => {
  const statements = JSON.parse(linkedRole(SERVICE)!.policy.document) as { Statement: { Action: string | string[] }[] };
  const mayDo = new Set(statements.Statement.flatMap(({ Action }) => Action));
  /** What every caller of the operation needs, conditions aside. */
  const needs = (operation: Operation): string[] =>
    (operation.permissions as readonly Permission<never, never>[])
      .filter((permission) => permission.when === undefined)
      .map((permission) => permission.action);
  const beyond = guarded.filter((operation) => needs(operation).some((action) => !mayDo.has(action)));
  let role: Caller;

  beforeAll(async () => {
    const { call, root } = pipeline;
    await call(root, 'Ram', 'CreateServiceLinkedRole', { ServiceName: SERVICE });
    const issued = (await execute(pipeline.coffer.pipeline, {
      operation: pipeline.coffer.pipeline.registry.of('Sts', 'AssumeRole'),
      parameters: Params.of(assumed()),
      caller: service(SERVICE),
      source: { ip: 'Internal', secure: true, userAgent: SERVICE, internal: true },
      region: 'cn-hangzhou',
      requestId: '00000000-0000-4000-8000-000000000000',
      nonce: undefined,
    })) as { Credentials: { AccessKeyId: string; SecurityToken: string } };
    const { AccessKeyId, SecurityToken } = issued.Credentials;
    role = (await pipeline.coffer.authenticate(AccessKeyId, SecurityToken)).caller;
  });

  it('is assumed by nobody else, whatever they may do', async () => {
    const everything = { Version: '1', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
    const admin = await pipeline.user('admin', everything);
    for (const caller of [pipeline.root, admin, role, service('ecs.aliyuncs.com'), service('kms.aliyuncs.com')]) {
      expect(await pipeline.codeOf(caller, 'Sts', 'AssumeRole', assumed())).toBe('NoPermission');
    }
  });

  it('leaves most operations out', () => {
    expect(beyond.length).toBeGreaterThan(guarded.length - 20);
    expect(beyond.length).toBeLessThan(guarded.length);
  });

  it.each(beyond.map((operation) => [operation.product, operation.name, operation] as const))(
    'does not let KMS call %s %s',
    async (product, _name, operation) => {
      const parameters = { ...requiredParameters(operation), ...FORMS[operation.name] };
      for (const caller of [role, service(SERVICE)]) {
        expect((await refusal(caller, operation, parameters)).code).toBe(PRODUCTS[product].denied);
      }
    },
  );

  it('ends with its sessions', async () => {
    const { call, root, codeOf } = pipeline;
    const { Role } = (await call(root, 'Ram', 'GetRole', { RoleName })) as { Role: { RoleId: string } };
    expect(Role.RoleId).toMatch(/^3/);
    expect(await codeOf(role, 'Ecs', 'DescribeSecurityGroups', { RegionId: 'cn-hangzhou' })).toBe('OK');
    await call(root, 'Ram', 'DeleteServiceLinkedRole', { RoleName });
    await eventually(async () =>
      expect(await codeOf(root, 'Ram', 'GetRole', { RoleName })).toBe('EntityNotExist.Role'),
    );
    // The caller as it was authenticated before: even so it may do nothing any more.
    expect(await codeOf(role, 'Ecs', 'DescribeSecurityGroups', { RegionId: 'cn-hangzhou' })).toBe('Forbidden.RAM');
  });
});
