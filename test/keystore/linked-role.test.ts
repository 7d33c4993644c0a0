/** The state table of service-linked-roles.md section 3, and what the audit shows of it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KEY_STORE_ROLE, KEY_STORE_SERVICE } from '../../src/domain/kms/key-store-role.ts';
import { ROLES } from '../../src/domain/ram/role.ts';
import { Fault } from '../../src/errors/fault.ts';
import type { Caller } from '../../src/operation/context.ts';
import { openTestPipeline, type TestPipeline } from '../support/pipeline.ts';
import { type ClusterRig, HSMS, makeCluster, PASSWORD, REGION } from './cluster-rig.ts';

let pipeline: TestPipeline;
let rig: ClusterRig;
beforeEach(async () => {
  pipeline = await openTestPipeline(HSMS);
  rig = await makeCluster(pipeline, pipeline.root, { size: 1 });
});
afterEach(() => pipeline.close());

const KMS_ONLY = { Effect: 'Allow', Action: 'kms:*', Resource: '*' };
/** The statement of the source document. */
const MAKE_ROLE = {
  Action: 'ram:CreateServiceLinkedRole',
  Resource: '*',
  Effect: 'Allow',
  Condition: { StringEquals: { 'ram:ServiceName': KEY_STORE_SERVICE } },
};
const policy = (...Statement: unknown[]): unknown => ({ Version: '1', Statement });

let made = 0;
function wish(changes: Record<string, string> = {}, cluster = rig): Record<string, string> {
  made += 1;
  return {
    KeyStoreName: `store-${made}`,
    HsmClusterId: cluster.clusterId,
    KeyStorePassword: PASSWORD,
    SecurityDomainCertificate: cluster.owner.certificate,
    ...changes,
  };
}

const create = async (caller: Caller, values = wish()): Promise<string> =>
  (await pipeline.call(caller, 'Kms', 'CreateKeyStore', values)).KeyStoreId as string;

async function role(): Promise<Record<string, string> | undefined> {
  try {
    const { Role } = await pipeline.call(pipeline.root, 'Ram', 'GetRole', { RoleName: KEY_STORE_ROLE });
    return Role as Record<string, string>;
  } catch (error) {
    if (error instanceof Fault && error.code === 'EntityNotExist.Role') return undefined;
    throw error;
  }
}

async function storeCount(): Promise<unknown> {
  return (await pipeline.call(pipeline.root, 'Kms', 'DescribeKeyStores')).TotalCount;
}

interface Seen {
  readonly name: string;
  readonly identity: string;
  readonly error: string | undefined;
  readonly requestId: string;
  readonly invokedBy: unknown;
  readonly text: string;
}

/** Events of some names, oldest first. */
async function events(...names: string[]): Promise<Seen[]> {
  const end = new Date(pipeline.coffer.clock.now().getTime() + 1000);
  const found: Seen[] = [];
  let after: string | undefined;
  do {
    const page = await pipeline.coffer.storage.lookupEvents({
      account: pipeline.account,
      start: new Date(0),
      end,
      direction: 'FORWARD',
      filters: [],
      limit: 50,
      ...(after === undefined ? {} : { after }),
    });
    for (const event of page.events) {
      if (names.length > 0 && !names.includes(event.eventName)) continue;
      found.push({
        name: event.eventName,
        identity: `${event.userIdentity.type} ${event.userIdentity.userName}`,
        error: event.errorCode,
        requestId: event.requestId,
        invokedBy: event.additionalEventData?.invokedBy,
        text: JSON.stringify(event),
      });
    }
    after = page.next;
  } while (after !== undefined);
  return found;
}

async function deleteRole(): Promise<{ Status: string; Reason?: unknown }> {
  const { DeletionTaskId } = await pipeline.call(pipeline.root, 'Ram', 'DeleteServiceLinkedRole', {
    RoleName: KEY_STORE_ROLE,
  });
  for (;;) {
    const answer = await pipeline.call(pipeline.root, 'Ram', 'GetServiceLinkedRoleDeletionStatus', {
      DeletionTaskId: DeletionTaskId as string,
    });
    if (!['NOT_STARTED', 'IN_PROGRESS'].includes(answer.Status as string)) return answer as { Status: string };
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Takes the role away behind everybody's back: the repair case, which the API does not allow. */
async function loseRole(): Promise<void> {
  const place = { account: pipeline.account, region: '' };
  const roleId = (await role())!.RoleId!;
  await pipeline.coffer.storage.transaction((tx) => tx.remove(ROLES, place, roleId));
}

async function settled(KeyStoreId: string): Promise<Record<string, unknown>> {
  for (;;) {
    const { KeyStore } = await pipeline.call(pipeline.root, 'Kms', 'DescribeKeyStore', { KeyStoreId });
    const store = KeyStore as Record<string, unknown>;
    if (!['Connecting', 'Disconnecting'].includes(store.ConnectionState as string)) return store;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('the role of key stores', () => {
  it('1: appears with the first store of the root user, in front of it in the audit', async () => {
    const id = await create(pipeline.root);
    expect(await role()).toMatchObject({ RoleName: KEY_STORE_ROLE });
    const seen = await events();
    const order = seen.map((event) => event.name);
    const [roleAt, assumeAt, lookAt, storeAt] = [
      'CreateServiceLinkedRole',
      'AssumeRole',
      'DescribeClusters',
      'CreateKeyStore',
    ].map((name) => order.lastIndexOf(name));
    expect(roleAt).toBeGreaterThan(0);
    expect(assumeAt).toBeGreaterThan(roleAt!);
    expect(lookAt).toBeGreaterThan(assumeAt!);
    // An event has the second in which its call began, so what the role did for this one may stand behind it.
    expect(storeAt).toBeGreaterThan(roleAt!);
    expect(seen[roleAt!]).toMatchObject({ identity: seen[storeAt!]!.identity, requestId: seen[storeAt!]!.requestId });
    expect(seen[lookAt!]).toMatchObject({
      identity: `assumed-role ${KEY_STORE_ROLE.toLowerCase()}:kms-keystore`,
      invokedBy: KEY_STORE_SERVICE,
    });
    expect(seen[storeAt!]!.text).toContain(id);
    expect(seen[storeAt!]!.text).toMatch(/SecurityDomainCertificateSha256":"[0-9a-f]{64}"/);
    for (const event of seen) {
      expect(event.text).not.toContain(PASSWORD);
      if (event.name === 'CreateKeyStore') expect(event.text).not.toContain('BEGIN CERTIFICATE');
    }
  });

  it('2, 3: a user without the right is refused and told it; with the statement it works', async () => {
    const user = await pipeline.user('alice', policy(KMS_ONLY));
    const refusal = await create(user).then(
      () => undefined,
      (error: unknown) => error as Fault,
    );
    expect(refusal).toMatchObject({
      code: 'Forbidden.NoPermission',
      status: 403,
      detail: {
        AuthAction: 'ram:CreateServiceLinkedRole',
        NoPermissionType: 'ImplicitDeny',
      },
    });
    const missing = JSON.parse(refusal!.detail!.MissingStatement!) as Record<string, unknown>;
    expect(missing).toMatchObject({
      Effect: 'Allow',
      Action: 'ram:CreateServiceLinkedRole',
      Condition: { StringEquals: { 'ram:ServiceName': KEY_STORE_SERVICE } },
    });
    expect(await role()).toBeUndefined();
    expect(await storeCount()).toBe(0);
    const seen = await events('CreateServiceLinkedRole', 'CreateKeyStore');
    expect(seen.map((event) => [event.name, event.identity, event.error])).toEqual([
      ['CreateServiceLinkedRole', 'ram-user alice', 'NoPermission'],
      ['CreateKeyStore', 'ram-user alice', 'Forbidden.NoPermission'],
    ]);
    const bob = await pipeline.user('bob', policy(KMS_ONLY, MAKE_ROLE));
    await create(bob);
    const after = (await events('CreateServiceLinkedRole', 'CreateKeyStore')).slice(2);
    expect(after.map((event) => [event.name, event.identity, event.error])).toEqual([
      ['CreateServiceLinkedRole', 'ram-user bob', undefined],
      ['CreateKeyStore', 'ram-user bob', undefined],
    ]);
    // 4: the role exists now, so the KMS right is enough.
    const second = await makeCluster(pipeline, pipeline.root, { size: 1 });
    await create(user, wish({}, second));
    expect(await storeCount()).toBe(2);
  });

  it('needs the KMS right as well, and says so before anything about the role', async () => {
    const user = await pipeline.user('alice', policy(MAKE_ROLE));
    await expect(create(user)).rejects.toMatchObject({
      code: 'Forbidden.NoPermission',
      detail: { AuthAction: 'kms:CreateKeyStore' },
    });
    expect(await role()).toBeUndefined();
  });

  it('5: one made by hand is used', async () => {
    await pipeline.call(pipeline.root, 'ResourceManager', 'CreateServiceLinkedRole', {
      ServiceName: KEY_STORE_SERVICE,
    });
    const { RoleId } = (await role())!;
    const user = await pipeline.user('alice', policy(KMS_ONLY));
    await create(user);
    expect((await role())!.RoleId).toBe(RoleId);
  });

  it('6: two creators at once make one role and two stores', async () => {
    const second = await makeCluster(pipeline, pipeline.root, { size: 1 });
    const ids = await Promise.all([create(pipeline.root), create(pipeline.root, wish({}, second))]);
    expect(new Set(ids).size).toBe(2);
    expect(await storeCount()).toBe(2);
    const seen = await events('CreateServiceLinkedRole');
    expect(seen.filter((event) => event.error === undefined)).toHaveLength(1);
  });

  it('two creators at once on one cluster: one store', async () => {
    const codes = await Promise.all(
      [1, 2, 3].map(() => pipeline.codeOf(pipeline.root, 'Kms', 'CreateKeyStore', wish())),
    );
    expect(codes.toSorted()).toEqual(['OK', 'Rejected.HsmClusterInUse', 'Rejected.HsmClusterInUse']);
  });

  it('7: stays when the store then is refused, and stands in the way of nothing', async () => {
    const other = await makeCluster(pipeline, pipeline.root, { size: 1 });
    const values = wish({ SecurityDomainCertificate: other.owner.certificate });
    expect(await pipeline.codeOf(pipeline.root, 'Kms', 'CreateKeyStore', values)).toBe(
      'InvalidSecurityDomainCertificate',
    );
    expect(await role()).toBeDefined();
    expect(await deleteRole()).toMatchObject({ Status: 'SUCCEEDED' });
    await create(pipeline.root);
  });

  it('8, 12: cannot be deleted while a store is left; afterwards it goes, and comes anew with the next store', async () => {
    const id = await create(pipeline.root);
    const { RoleId } = (await role())!;
    expect(await deleteRole()).toMatchObject({
      Status: 'FAILED',
      Reason: {
        RoleUsages: {
          RoleUsage: [
            {
              Region: REGION,
              Resources: { Resource: [`acs:kms:${REGION}:${pipeline.account}:keystore/${id}`] },
            },
          ],
        },
      },
    });
    await pipeline.call(pipeline.root, 'Kms', 'DeleteKeyStore', { KeyStoreId: id });
    expect(await deleteRole()).toMatchObject({ Status: 'SUCCEEDED' });
    await create(pipeline.root);
    expect((await role())!.RoleId).not.toBe(RoleId);
  });

  it('9: deleted while a store is being created: never a store without a role', async () => {
    for (let round = 0; round < 3; round += 1) {
      const first = await create(pipeline.root);
      await pipeline.call(pipeline.root, 'Kms', 'DeleteKeyStore', { KeyStoreId: first });
      const [store, deletion] = await Promise.all([
        pipeline.codeOf(pipeline.root, 'Kms', 'CreateKeyStore', wish()),
        deleteRole(),
      ]);
      if (store === 'OK') expect(await role()).toBeDefined();
      else expect(store).toBe('Forbidden.RamRoleNotFound');
      expect(['SUCCEEDED', 'FAILED']).toContain(deletion.Status);
      const { KeyStores } = await pipeline.call(pipeline.root, 'Kms', 'DescribeKeyStores');
      for (const one of (KeyStores as { KeyStore: { KeyStoreId: string }[] }).KeyStore) {
        await pipeline.call(pipeline.root, 'Kms', 'DeleteKeyStore', { KeyStoreId: one.KeyStoreId });
      }
    }
  });

  it('13, 20: missing although there is a store: connecting fails by name; made again by hand, it works', async () => {
    const id = await create(pipeline.root);
    await loseRole();
    await pipeline.call(pipeline.root, 'Kms', 'ConnectKeyStore', { KeyStoreId: id });
    expect(await settled(id)).toMatchObject({
      ConnectionState: 'Failed',
      ConnectionErrorCode: 'ServiceLinkedRoleNotFound',
      ConnectionErrorMessage: expect.stringContaining('CreateServiceLinkedRole'),
    });
    expect(
      await pipeline.codeOf(pipeline.root, 'Kms', 'UpdateKeyStore', { KeyStoreId: id, HsmClusterId: rig.clusterId }),
    ).toBe('Rejected.KeyStoreStateInvalid');
    await pipeline.call(pipeline.root, 'Kms', 'DisconnectKeyStore', { KeyStoreId: id });
    await settled(id);
    expect(
      await pipeline.codeOf(pipeline.root, 'Kms', 'UpdateKeyStore', { KeyStoreId: id, HsmClusterId: rig.clusterId }),
    ).toBe('Forbidden.RamRoleNotFound');
    await pipeline.call(pipeline.root, 'Ram', 'CreateServiceLinkedRole', { ServiceName: KEY_STORE_SERVICE });
    await pipeline.call(pipeline.root, 'Kms', 'ConnectKeyStore', { KeyStoreId: id });
    expect((await settled(id)).ConnectionState).toBe('Connected');
  });

  it('is all that KMS acts with while it connects', async () => {
    const id = await create(pipeline.root);
    const before = (await events()).length;
    await pipeline.call(pipeline.root, 'Kms', 'ConnectKeyStore', { KeyStoreId: id });
    await settled(id);
    const seen = (await events()).slice(before).filter((event) => event.name !== 'DescribeKeyStore');
    const asRole = seen.filter((event) => event.identity.startsWith('assumed-role'));
    expect(new Set(asRole.map((event) => event.invokedBy))).toEqual(new Set([KEY_STORE_SERVICE]));
    expect(asRole.map((event) => event.name)).toEqual(
      expect.arrayContaining(['CreateSecurityGroup', 'CreateNetworkInterface', 'CreateNetworkInterfacePermission']),
    );
    expect(seen.every((event) => event.error === undefined)).toBe(true);
    expect(seen.at(-1)).toMatchObject({ name: 'KeyStoreConnected' });
    expect(seen.filter((event) => event.identity.startsWith('root')).map((event) => event.name)).toEqual([
      'ConnectKeyStore',
    ]);
  });
});

describe('permissions on key stores', () => {
  it.each([
    ['DescribeKeyStores', 'keystore'],
    ['CreateKeyStore', 'keystore'],
    ['DescribeKeyStore', 'keystore/ID'],
    ['ConnectKeyStore', 'keystore/ID'],
    ['DisconnectKeyStore', 'keystore/ID'],
    ['UpdateKeyStore', 'keystore/ID'],
    ['DeleteKeyStore', 'keystore/ID'],
  ])('%s asks for %s, and nothing is told without it', async (operation, resource) => {
    const id = await create(pipeline.root);
    const values = operation === 'CreateKeyStore' ? wish() : operation.endsWith('s') ? {} : { KeyStoreId: id };
    const nobody = await pipeline.user('nobody');
    await expect(pipeline.call(nobody, 'Kms', operation, values)).rejects.toMatchObject({
      code: 'Forbidden.NoPermission',
      detail: { AuthAction: `kms:${operation}` },
    });
    if (!operation.endsWith('s')) {
      const unknown = { ...values, KeyStoreId: 'kst-unknown' };
      expect(await pipeline.codeOf(nobody, 'Kms', operation, unknown)).toBe('Forbidden.NoPermission');
    }
    const arn = `acs:kms:${REGION}:${pipeline.account}:${resource.replace('ID', id)}`;
    const allowed = await pipeline.user(
      'allowed',
      policy({ Effect: 'Allow', Action: `kms:${operation}`, Resource: arn }),
    );
    expect(await pipeline.codeOf(allowed, 'Kms', operation, values)).not.toBe('Forbidden.NoPermission');
  });
});
