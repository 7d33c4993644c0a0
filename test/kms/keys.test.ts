import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../src/core/time.ts';
import { KEY_VERSIONS, KEYS, type KeyState } from '../../src/domain/kms/key.ts';
import { KEY_STATE_RULES, type KeyOperationClass } from '../../src/domain/kms/key-states.ts';
import { ACCOUNT, type Bench, openBench, PLACE, REGION, STORE_ID } from './support.ts';

describe('CreateKey', () => {
  it('answers the metadata of the vendor, with empty texts where there is nothing', async () => {
    const bench = await openBench();
    const { KeyMetadata } = await bench.ok('CreateKey', { Description: 'for tests' });
    expect(KeyMetadata).toEqual({
      KeyId: expect.stringMatching(/^key-hzz[0-9a-f]{8}[a-z0-9]{10}$/),
      Arn: `acs:kms:${REGION}:${ACCOUNT}:key/${KeyMetadata!.KeyId}`,
      CreationDate: '2026-03-01T08:00:00Z',
      Creator: ACCOUNT,
      Description: 'for tests',
      KeySpec: 'Aliyun_AES_256',
      KeyState: 'Enabled',
      KeyUsage: 'ENCRYPT/DECRYPT',
      Origin: 'Aliyun_KMS',
      ProtectionLevel: 'SOFTWARE',
      LastRotationDate: '2026-03-01T08:00:00Z',
      DeleteDate: '',
      MaterialExpireTime: '',
      AutomaticRotation: 'Disabled',
      PrimaryKeyVersion: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  it.each(['Aliyun_AES_256', 'Aliyun_AES_192', 'Aliyun_AES_128'])('makes and uses %s', async (KeySpec) => {
    const bench = await openBench();
    const KeyId = await bench.key({ KeySpec });
    const { CiphertextBlob } = await bench.ok('Encrypt', { KeyId, Plaintext: 'hello' });
    expect((await bench.ok('Decrypt', { CiphertextBlob: CiphertextBlob as string })).Plaintext).toBe('hello');
  });

  it.each([
    [{ KeySpec: 'RSA_2048' }, 'InvalidParameter', 'KeySpec'],
    [{ KeySpec: 'constructor' }, 'InvalidParameter', 'KeySpec'],
    [{ KeyUsage: 'SIGN/VERIFY' }, 'InvalidParameter', 'KeyUsage'],
    [{ Origin: 'EXTERNAL' }, 'InvalidParameter', 'Origin'],
    [{ Origin: 'aliyun_kms' }, 'InvalidParameter', 'Origin'],
    [{ ProtectionLevel: 'HSM' }, 'Unsupported.ProtectionLevel', ''],
    [{ ProtectionLevel: 'PAPER' }, 'InvalidParameter', 'ProtectionLevel'],
    [{ EnableAutomaticRotation: 'true' }, 'InvalidParameter', 'EnableAutomaticRotation'],
    [{ RotationInterval: '7d' }, 'InvalidParameter', 'RotationInterval'],
    [{ Policy: '{}' }, 'InvalidParameter', 'Policy'],
    [{ KeyStorageMechanism: 'HsmInternal' }, 'InvalidParameter', 'KeyStorageMechanism'],
    [{ DKMSInstanceId: 'kst-unknown' }, 'Forbidden.DKMSInstanceNotFound', ''],
    [{ DKMSInstanceId: STORE_ID, KeyStoreId: 'kst-other' }, 'InvalidParameter', 'KeyStoreId'],
    [{ DKMSInstanceId: STORE_ID, Origin: 'EXTERNAL' }, 'UnsupportedOperation', ''],
    [{ DKMSInstanceId: STORE_ID, EnableAutomaticRotation: 'true' }, 'UnsupportedOperation', ''],
    [{ Tags: '[{"TagKey":"acs:x","TagValue":"1"}]' }, 'InvalidParameter', 'Tags'],
    [{ Tags: 'team=a' }, 'ParseRequestParameterException', 'Tags'],
    [{ Description: 'x'.repeat(8193) }, 'InvalidParameter', 'Description'],
  ])('refuses %j with %s', async (parameters, code, name) => {
    const bench = await openBench();
    const outcome = await bench.call('CreateKey', parameters);
    expect(outcome).toMatchObject({ code, message: expect.stringContaining(name) });
    expect((await bench.ok('ListKeys')).TotalCount).toBe(0);
  });

  it('takes a store under either name, and makes an HSM key whatever level was sent', async () => {
    const bench = await openBench();
    for (const parameters of [{ DKMSInstanceId: STORE_ID }, { KeyStoreId: STORE_ID, ProtectionLevel: 'SOFTWARE' }]) {
      const { KeyMetadata } = await bench.ok('CreateKey', parameters);
      expect(KeyMetadata).toMatchObject({ ProtectionLevel: 'HSM', DKMSInstanceId: STORE_ID });
    }
  });

  it('keeps to the quota', async () => {
    const bench = await openBench(undefined, { keys: 2 });
    await bench.key();
    await bench.key();
    expect(await bench.call('CreateKey')).toMatchObject({ code: 'Rejected.LimitExceeded', status: 400 });
  });

  it('needs the permission on the store, too', async () => {
    const bench = await openBench();
    const onlyKeys = (question: { resources: readonly string[] }) => question.resources[0]!.endsWith(':key');
    expect(await bench.call('CreateKey', { DKMSInstanceId: STORE_ID }, onlyKeys)).toMatchObject({
      code: 'Forbidden.NoPermission',
      message: expect.stringContaining(`keystore/${STORE_ID}`),
    });
    expect((await bench.call('CreateKey', {}, onlyKeys)).code).toBeUndefined();
  });
});

/** One call per class of operations, in the form that succeeds on an enabled key. */
const CALLS: Readonly<
  Record<string, readonly [KeyOperationClass, (bench: Bench, key: Prepared) => Record<string, string>]>
> = {
  Encrypt: ['use', (_, { KeyId }) => ({ KeyId, Plaintext: 'x' })],
  Decrypt: ['use', (_, { CiphertextBlob }) => ({ CiphertextBlob })],
  GenerateDataKey: ['use', (_, { KeyId }) => ({ KeyId })],
  GenerateDataKeyWithoutPlaintext: ['use', (_, { KeyId }) => ({ KeyId })],
  ReEncrypt: ['use', (_, { KeyId, CiphertextBlob }) => ({ CiphertextBlob, DestinationKeyId: KeyId })],
  EnableKey: ['switch', (_, { KeyId }) => ({ KeyId })],
  DisableKey: ['switch', (_, { KeyId }) => ({ KeyId })],
  ScheduleKeyDeletion: ['schedule-deletion', (_, { KeyId }) => ({ KeyId, PendingWindowInDays: '7' })],
  CancelKeyDeletion: ['cancel-deletion', (_, { KeyId }) => ({ KeyId })],
  CreateAlias: ['create-alias', (_, { KeyId }) => ({ KeyId, AliasName: 'alias/new' })],
  UpdateAlias: ['describe', (_, { KeyId }) => ({ KeyId, AliasName: 'alias/old' })],
  UpdateKeyDescription: ['describe', (_, { KeyId }) => ({ KeyId, Description: '' })],
  DescribeKey: ['look', (_, { KeyId }) => ({ KeyId })],
  ListKeyVersions: ['look', (_, { KeyId }) => ({ KeyId })],
  ListAliasesByKeyId: ['look', (_, { KeyId }) => ({ KeyId })],
  DeleteAlias: ['look', () => ({ AliasName: 'alias/old' })],
};

interface Prepared {
  readonly KeyId: string;
  readonly CiphertextBlob: string;
}

async function prepared(bench: Bench, state: KeyState): Promise<Prepared> {
  const KeyId = await bench.key();
  const { CiphertextBlob } = await bench.ok('Encrypt', { KeyId, Plaintext: 'x' });
  await bench.ok('CreateAlias', { KeyId, AliasName: 'alias/old' });
  await bench.storage.transaction(async (tx) => {
    const key = (await tx.get(KEYS, PLACE, KeyId))!;
    const deleteAt = state === 'PendingDeletion' ? { deleteAt: key.createdAt + DAY_MS } : {};
    await tx.update(KEYS, PLACE, { ...key, state, ...deleteAt });
  });
  return { KeyId, CiphertextBlob: CiphertextBlob as string };
}

const STATES: readonly KeyState[] = ['Enabled', 'Disabled', 'PendingDeletion', 'PendingImport'];
const PAIRS = Object.keys(CALLS).flatMap((name) => STATES.map((state) => [name, state] as const));

describe('key states', () => {
  it.each(PAIRS)('%s of a key that is %s', async (name, state) => {
    const bench = await openBench();
    const key = await prepared(bench, state);
    const [group, parameters] = CALLS[name]!;
    const outcome = await bench.call(name, parameters(bench, key));
    const rule = KEY_STATE_RULES[group][state];
    expect(outcome.code ?? 'ok').toBe(rule);
    if (rule !== 'ok') expect(outcome.status).toBe(409);
  });

  it('go through disable, enable, schedule and cancel', async () => {
    const bench = await openBench();
    const KeyId = await bench.key();
    const state = async () => (await bench.ok('DescribeKey', { KeyId })).KeyMetadata!;
    await bench.ok('DisableKey', { KeyId });
    await bench.ok('DisableKey', { KeyId });
    expect((await state()).KeyState).toBe('Disabled');
    await bench.ok('EnableKey', { KeyId });
    expect((await state()).KeyState).toBe('Enabled');
    await bench.ok('DisableKey', { KeyId });
    await bench.ok('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: '30' });
    expect(await state()).toMatchObject({ KeyState: 'PendingDeletion', DeleteDate: '2026-03-31T08:00:00Z' });
    await bench.ok('CancelKeyDeletion', { KeyId });
    expect(await state()).toMatchObject({ KeyState: 'Enabled', DeleteDate: '' });
  });

  it.each(['6', '367', '0', '-7', '7.5', 'soon'])('refuse a waiting time of %s days', async (PendingWindowInDays) => {
    const bench = await openBench();
    const KeyId = await bench.key();
    expect(await bench.call('ScheduleKeyDeletion', { KeyId, PendingWindowInDays })).toMatchObject({
      code: 'InvalidParameter',
      message: expect.stringContaining('PendingWindowInDays'),
    });
  });
});

describe('the destruction of a key', () => {
  async function scheduled(changes = {}): Promise<[Bench, string]> {
    const bench = await openBench();
    const KeyId = await bench.key(changes);
    await bench.ok('CreateAlias', { KeyId, AliasName: 'alias/doomed' });
    await bench.ok('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: '7' });
    return [bench, KeyId];
  }

  it('comes at its time, with all that belongs to the key, and is an event', async () => {
    const [bench, KeyId] = await scheduled();
    await bench.advance(7 * DAY_MS - 1000);
    expect((await bench.call('DescribeKey', { KeyId })).code).toBeUndefined();
    await bench.advance(1000);
    expect((await bench.call('DescribeKey', { KeyId })).code).toBe('Forbidden.KeyNotFound');
    expect((await bench.ok('ListAliases')).TotalCount).toBe(0);
    expect(await bench.storage.reader.count(KEY_VERSIONS, PLACE)).toBe(0);
    const [event] = await bench.events('DeleteKey');
    expect(event).toMatchObject({
      eventType: 'AliyunServiceEvent',
      resourceName: KeyId,
      additionalEventData: { KeyId, Aliases: ['alias/doomed'] },
    });
    expect(event!.additionalEventData).not.toHaveProperty('HsmKeyDeleted');
  });

  it('does not come when it was cancelled', async () => {
    const [bench, KeyId] = await scheduled();
    await bench.ok('CancelKeyDeletion', { KeyId });
    await bench.advance(8 * DAY_MS);
    expect((await bench.ok('DescribeKey', { KeyId })).KeyMetadata!.KeyState).toBe('Enabled');
  });

  it.each([
    ['later', '30', 8, 31],
    ['earlier', '7', 6, 10],
  ])('comes at the new time when it was scheduled anew for %s', async (_, days, tooEarly, due) => {
    const [bench, KeyId] = await scheduled();
    await bench.advance(DAY_MS);
    await bench.ok('CancelKeyDeletion', { KeyId });
    await bench.ok('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: days });
    await bench.advance((tooEarly - 1) * DAY_MS);
    expect((await bench.ok('DescribeKey', { KeyId })).KeyMetadata!.KeyState).toBe('PendingDeletion');
    await bench.advance((due - tooEarly) * DAY_MS);
    expect((await bench.call('DescribeKey', { KeyId })).code).toBe('Forbidden.KeyNotFound');
  });

  it('of a private key store tells the HSMs', async () => {
    const [bench, KeyId] = await scheduled({ DKMSInstanceId: STORE_ID });
    await bench.advance(7 * DAY_MS);
    expect(bench.stores.forgotten).toHaveLength(1);
    expect((await bench.events('DeleteKey'))[0]).toMatchObject({
      additionalEventData: { KeyId, KeyStoreId: STORE_ID, HsmKeyDeleted: true },
    });
  });

  it.each([
    ['disconnected', async (bench: Bench) => bench.connect('Disconnected')],
    [
      'left by a member that may hold the key',
      async (bench: Bench) => void bench.stores.silent.push('HSM hsm-1: cut off.'),
    ],
  ])('goes through while the store is %s, and says so', async (_, disturb) => {
    const [bench, KeyId] = await scheduled({ DKMSInstanceId: STORE_ID });
    await disturb(bench);
    await bench.advance(7 * DAY_MS);
    expect((await bench.call('DescribeKey', { KeyId })).code).toBe('Forbidden.KeyNotFound');
    const [event] = await bench.events('DeleteKey');
    expect(event).toMatchObject({ additionalEventData: { HsmKeyDeleted: false } });
    for (const member of bench.stores.silent) expect(event!.additionalEventData!.Destruction).toContain(member);
  });
});

describe('ListKeys', () => {
  it('pages, counts, and shows an empty page past the end', async () => {
    const bench = await openBench();
    const made: string[] = [];
    for (let n = 0; n < 5; n += 1) made.push(await bench.key());
    const seen: string[] = [];
    for (const PageNumber of ['1', '2', '3', '4']) {
      const answer = await bench.ok('ListKeys', { PageNumber, PageSize: '2' });
      expect(answer).toMatchObject({ PageNumber: Number(PageNumber), PageSize: 2, TotalCount: 5 });
      seen.push(...(answer.Keys as { Key: { KeyId: string }[] }).Key.map(({ KeyId }) => KeyId));
    }
    expect(seen).toEqual([...made].sort());
  });

  it.each(['0', '101', 'x'])('refuses a page size of %s', async (PageSize) => {
    const bench = await openBench();
    expect((await bench.call('ListKeys', { PageSize })).code).toBe('InvalidParameter');
  });

  it('filters by every documented property', async () => {
    const bench = await openBench();
    const plain = await bench.key();
    const small = await bench.key({ KeySpec: 'Aliyun_AES_128', Tags: '[{"TagKey":"team","TagValue":"a"}]' });
    const hsm = await bench.key({ DKMSInstanceId: STORE_ID });
    await bench.ok('DisableKey', { KeyId: small });
    await bench.ok('CreateAlias', { KeyId: hsm, AliasName: 'alias/hsm' });
    const listed = async (...filters: readonly (readonly [string, readonly string[]])[]) => {
      const Filters = JSON.stringify(filters.map(([Key, Values]) => ({ Key, Values })));
      const answer = await bench.ok('ListKeys', { Filters });
      const ids = (answer.Keys as { Key: { KeyId: string }[] }).Key.map(({ KeyId }) => KeyId);
      expect(answer.TotalCount).toBe(ids.length);
      return ids;
    };
    const sorted = (...ids: string[]) => ids.sort();
    expect(await listed()).toEqual(sorted(plain, small, hsm));
    expect(await listed(['KeyState', ['Disabled']])).toEqual([small]);
    expect(await listed(['KeyState', ['Disabled', 'Enabled']])).toEqual(sorted(plain, small, hsm));
    expect(await listed(['KeyState', ['Enabled']], ['ProtectionLevel', ['SOFTWARE']])).toEqual([plain]);
    expect(await listed(['KeySpec', ['Aliyun_AES_128', 'RSA_2048']])).toEqual([small]);
    expect(await listed(['DKMSInstanceId', [STORE_ID]])).toEqual([hsm]);
    expect(await listed(['keyId', [plain, hsm, 'key-none']])).toEqual(sorted(plain, hsm));
    expect(await listed(['KeyId', [plain]], ['KeyId', [hsm]])).toEqual([]);
    expect(await listed(['AliasName', ['alias/hsm', 'alias/none']])).toEqual([hsm]);
    expect(await listed(['CreatorType', ['Service']])).toEqual([]);
    expect(await listed(['Creator', [ACCOUNT]], ['CreatorType', ['User']])).toHaveLength(3);
    expect(await listed(['TagKey', ['team']], ['TagValue', ['a']])).toEqual([small]);
    expect(await listed(['TagKey', ['team']], ['TagValue', ['b']])).toEqual([]);
    expect(await listed(['KeyUsage', ['ENCRYPT/DECRYPT']], ['KeySpec', []])).toHaveLength(3);
    for (const filter of [
      ['KeyState', ['Disabled', 'Enabled', 'Disabled']],
      ['KeyState', ['Enabled']],
      ['KeyId', [hsm, small, plain]],
      ['KeyUsage', ['ENCRYPT/DECRYPT']],
    ] as const) {
      const all = await listed(filter);
      const Filters = JSON.stringify([{ Key: filter[0], Values: filter[1] }]);
      const pages: string[] = [];
      for (let page = 1; page <= all.length + 1; page += 1) {
        const answer = await bench.ok('ListKeys', { Filters, PageNumber: String(page), PageSize: '1' });
        expect(answer.TotalCount).toBe(all.length);
        pages.push(...(answer.Keys as { Key: { KeyId: string }[] }).Key.map(({ KeyId }) => KeyId));
      }
      expect(pages).toEqual(all);
    }
  });

  it.each(['{}', '[{"Key":"Colour","Values":["red"]}]', '[{"Key":"KeyState","Values":"Enabled"}]', '[1]'])(
    'refuses the filters %s',
    async (Filters) => {
      const bench = await openBench();
      expect(await bench.call('ListKeys', { Filters })).toMatchObject({ code: 'InvalidParameter' });
    },
  );
});
