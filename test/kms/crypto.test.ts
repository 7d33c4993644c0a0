import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEnvelope } from '../../src/crypto/envelope.ts';
import { ACCOUNT, type Bench, openBench, REGION, STORE_ID } from './support.ts';

async function encrypt(bench: Bench, parameters: Record<string, string>): Promise<string> {
  return (await bench.ok('Encrypt', parameters)).CiphertextBlob as string;
}

async function decrypt(bench: Bench, CiphertextBlob: string, EncryptionContext?: string): Promise<string> {
  const parameters = { CiphertextBlob, ...(EncryptionContext === undefined ? {} : { EncryptionContext }) };
  return (await bench.ok('Decrypt', parameters)).Plaintext as string;
}

const HOMES = [
  ['the default store', {}],
  ['a private key store', { DKMSInstanceId: STORE_ID }],
] as const;

describe.each(HOMES)('Encrypt and Decrypt in %s', (_, home) => {
  it('return any text as it was sent, base64 or not', async () => {
    const bench = await openBench();
    const KeyId = await bench.key(home);
    const texts = [
      'example',
      'plaintext',
      'QQ==',
      'QR==',
      'QQ',
      ' ',
      'a+b/c=',
      '{"a":1}',
      'Überschlüssel 密钥 🔑',
      '\n',
    ];
    for (const Plaintext of texts)
      expect(await decrypt(bench, await encrypt(bench, { KeyId, Plaintext }))).toBe(Plaintext);
    const texting = fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 1 }), async (Plaintext) => {
      expect(await decrypt(bench, await encrypt(bench, { KeyId, Plaintext }))).toBe(Plaintext);
    });
    await fc.assert(texting, { numRuns: 30 });
  });

  it('name the key by its id, and the version that the blob shows', async () => {
    const bench = await openBench();
    const KeyId = await bench.key(home);
    await bench.ok('CreateAlias', { KeyId, AliasName: 'alias/a' });
    const answer = await bench.ok('Encrypt', { KeyId: 'alias/a', Plaintext: 'x' });
    const { versionId } = parseEnvelope(answer.CiphertextBlob as string)!;
    expect(answer).toEqual({ KeyId, KeyVersionId: versionId, CiphertextBlob: expect.any(String) });
    expect(await bench.ok('Decrypt', { CiphertextBlob: answer.CiphertextBlob as string })).toEqual({
      KeyId,
      KeyVersionId: versionId,
      Plaintext: 'x',
    });
  });

  it('never give the same ciphertext twice', async () => {
    const bench = await openBench();
    const KeyId = await bench.key(home);
    const blobs = new Set<string>();
    for (let n = 0; n < 20; n += 1) blobs.add(await encrypt(bench, { KeyId, Plaintext: 'same' }));
    expect(blobs.size).toBe(20);
  });

  it('hold to the encryption context, whatever its order', async () => {
    const bench = await openBench();
    const KeyId = await bench.key(home);
    const CiphertextBlob = await encrypt(bench, { KeyId, Plaintext: 'x', EncryptionContext: '{"a":"1","b":"2"}' });
    expect(await decrypt(bench, CiphertextBlob, '{ "b": "2", "a": "1" }')).toBe('x');
    for (const EncryptionContext of [
      '{}',
      '',
      '{"a":"1"}',
      '{"a":"1","b":"3"}',
      '{"a":"1&b=2"}',
      '{"A":"1","b":"2"}',
    ]) {
      expect(await bench.call('Decrypt', { CiphertextBlob, EncryptionContext })).toMatchObject({
        code: 'InvalidParameter',
        message: expect.stringContaining('CiphertextBlob'),
      });
    }
  });
});

it('takes an empty context for none', async () => {
  const bench = await openBench();
  const KeyId = await bench.key();
  for (const [a, b] of [
    ['{}', undefined],
    ['', '{}'],
    ['{}', ''],
  ] as const) {
    const blob = await encrypt(bench, { KeyId, Plaintext: 'x', EncryptionContext: a });
    expect(await decrypt(bench, blob, b)).toBe('x');
  }
});

it.each([
  ['{"a":1}', 'InvalidParameter'],
  ['{"a":null}', 'InvalidParameter'],
  ['{"a":{"b":"c"}}', 'InvalidParameter'],
  ['["a"]', 'InvalidParameter'],
  ['"a"', 'InvalidParameter'],
  ['null', 'InvalidParameter'],
  ['{"a":"\\ud800"}', 'InvalidParameter'],
  ['{"a":"1","a":"2"}', 'InvalidParameter'],
  ['{"a":"1","\\u0061":"1"}', 'InvalidParameter'],
  [`{"a":"${'x'.repeat(8192)}"}`, 'InvalidParameter'],
  ['a=b', 'ParseRequestParameterException'],
])('refuses the context %.20s with %s', async (EncryptionContext, code) => {
  const bench = await openBench();
  const KeyId = await bench.key();
  for (const [name, parameters] of [
    ['Encrypt', { KeyId, Plaintext: 'x', EncryptionContext }],
    ['GenerateDataKey', { KeyId, EncryptionContext }],
  ] as const) {
    expect(await bench.call(name, parameters)).toMatchObject({
      code,
      status: 400,
      message: expect.stringContaining('EncryptionContext'),
    });
  }
});

describe('the limit of a plaintext', () => {
  it.each([
    ['6 KB as base64', Buffer.alloc(6144).toString('base64'), undefined],
    ['one character more', `${Buffer.alloc(6144).toString('base64')}A`, 'InvalidParameter'],
    ['8,192 bytes of other text', 'ü'.repeat(4096), undefined],
    ['two bytes more', 'ü'.repeat(4097), 'InvalidParameter'],
    ['nothing', '', 'MissingParameter'],
  ])('%s', async (_, Plaintext, code) => {
    const bench = await openBench();
    const KeyId = await bench.key();
    const outcome = await bench.call('Encrypt', { KeyId, Plaintext });
    expect(outcome.code).toBe(code);
    if (code === undefined) expect(await decrypt(bench, outcome.answer!.CiphertextBlob as string)).toBe(Plaintext);
  });
});

describe('a ciphertext that does not open', () => {
  it('gets one answer, whatever is wrong with it', async () => {
    const bench = await openBench();
    const KeyId = await bench.key();
    const blob = await encrypt(bench, { KeyId, Plaintext: 'secret text' });
    const other = await encrypt(bench, { KeyId: await bench.key(), Plaintext: 'secret text' });
    const [bytes, foreign] = [Buffer.from(blob, 'base64'), Buffer.from(other, 'base64')];
    const changed = (at: number) => {
      const copy = Buffer.from(bytes);
      copy[at]! ^= 1;
      return copy.toString('base64');
    };
    const damaged = [
      ...[36, 47, 48, 58, 59, bytes.length - 1].map(changed),
      Buffer.concat([bytes.subarray(0, 36), foreign.subarray(36)]).toString('base64'),
      bytes.subarray(0, -1).toString('base64'),
      Buffer.concat([bytes, Buffer.of(0)]).toString('base64'),
      'AAAA',
      'not base64!',
      `${blob}\n`,
    ];
    const answers = await Promise.all(damaged.map((CiphertextBlob) => bench.call('Decrypt', { CiphertextBlob })));
    const wrongContext = await bench.call('Decrypt', { CiphertextBlob: blob, EncryptionContext: '{"a":"b"}' });
    expect(new Set([...answers, wrongContext].map((answer) => JSON.stringify(answer)))).toEqual(
      new Set([
        JSON.stringify({
          code: 'InvalidParameter',
          message: 'The specified parameter "CiphertextBlob" is not valid.',
          status: 400,
        }),
      ]),
    );
  });

  it('of an unknown version is a key that is not there', async () => {
    const bench = await openBench();
    const blob = await encrypt(bench, { KeyId: await bench.key(), Plaintext: 'x' });
    const bytes = Buffer.from(blob, 'base64');
    bytes.write('00000000-0000-4000-8000-000000000000', 0, 'latin1');
    expect(await bench.call('Decrypt', { CiphertextBlob: bytes.toString('base64') })).toMatchObject({
      code: 'Forbidden.KeyNotFound',
      status: 404,
    });
  });
});

describe('data keys', () => {
  it.each([
    [{}, 32],
    [{ KeySpec: 'AES_256' }, 32],
    [{ KeySpec: 'AES_128' }, 16],
    [{ NumberOfBytes: '1' }, 1],
    [{ NumberOfBytes: '1024' }, 1024],
    [{ KeySpec: 'SM4_128', NumberOfBytes: '16' }, 16],
  ])('%j gives %i bytes, whose base64 is what was encrypted', async (parameters, bytes) => {
    const bench = await openBench();
    const KeyId = await bench.key();
    const answer = await bench.ok('GenerateDataKey', { KeyId, ...parameters });
    expect(Buffer.from(answer.Plaintext as string, 'base64')).toHaveLength(bytes);
    expect(await decrypt(bench, answer.CiphertextBlob as string)).toBe(answer.Plaintext);
    const hidden = await bench.ok('GenerateDataKeyWithoutPlaintext', { KeyId, ...parameters });
    expect(hidden).not.toHaveProperty('Plaintext');
    expect(Buffer.from(await decrypt(bench, hidden.CiphertextBlob as string), 'base64')).toHaveLength(bytes);
  });

  it.each([
    [{ KeySpec: 'SM4_128' }, 'KeySpec'],
    [{ KeySpec: 'toString' }, 'KeySpec'],
    [{ NumberOfBytes: '0' }, 'NumberOfBytes'],
    [{ NumberOfBytes: '1025' }, 'NumberOfBytes'],
    [{ Recipient: 'document' }, 'Recipient'],
  ])('%j are refused', async (parameters, name) => {
    const bench = await openBench();
    const KeyId = await bench.key();
    expect(await bench.call('GenerateDataKey', { KeyId, ...parameters })).toMatchObject({
      code: 'InvalidParameter',
      message: expect.stringContaining(name),
    });
  });

  it('of a private key store are drawn there', async () => {
    const bench = await openBench();
    await bench.ok('GenerateDataKey', { KeyId: await bench.key() });
    expect(bench.stores.randomDrawn).toEqual([]);
    await bench.ok('GenerateDataKey', { KeyId: await bench.key({ DKMSInstanceId: STORE_ID }), NumberOfBytes: '24' });
    expect(bench.stores.randomDrawn).toEqual([24]);
  });
});

describe('ReEncrypt', () => {
  it.each([
    ['default', 'private', {}, { DKMSInstanceId: STORE_ID }],
    ['private', 'default', { DKMSInstanceId: STORE_ID }, {}],
  ])('goes from the %s to the %s store, changing the context', async (_a, _b, from, to) => {
    const bench = await openBench();
    const [source, DestinationKeyId] = [await bench.key(from), await bench.key(to)];
    const CiphertextBlob = await encrypt(bench, { KeyId: source, Plaintext: 'x', EncryptionContext: '{"a":"1"}' });
    const answer = await bench.ok('ReEncrypt', {
      CiphertextBlob,
      DestinationKeyId,
      SourceEncryptionContext: '{"a":"1"}',
      DestinationEncryptionContext: '{"b":"2"}',
    });
    expect(answer.KeyId).toBe(DestinationKeyId);
    expect(await decrypt(bench, answer.CiphertextBlob as string, '{"b":"2"}')).toBe('x');
  });

  it('needs ReEncryptFrom on the one key and ReEncryptTo on the other', async () => {
    const bench = await openBench();
    const [source, DestinationKeyId] = [await bench.key(), await bench.key()];
    const CiphertextBlob = await encrypt(bench, { KeyId: source, Plaintext: 'x' });
    const allowed: string[] = [];
    const may = (...rules: string[]) =>
      bench.call('ReEncrypt', { CiphertextBlob, DestinationKeyId }, ({ action, resources }) => {
        const asked = `${action} ${resources[0]!.split('/').at(-1)}`;
        allowed.push(asked);
        return rules.includes(asked);
      });
    const [from, to] = [`kms:ReEncryptFrom ${source}`, `kms:ReEncryptTo ${DestinationKeyId}`];
    expect((await may(from, to)).code).toBeUndefined();
    expect((await may(from)).code).toBe('Forbidden.NoPermission');
    expect((await may(to)).code).toBe('Forbidden.NoPermission');
    expect(new Set(allowed)).toEqual(new Set([from, to]));
  });

  it('refuses what belongs to public keys', async () => {
    const bench = await openBench();
    const KeyId = await bench.key();
    const CiphertextBlob = await encrypt(bench, { KeyId, Plaintext: 'x' });
    const outcome = await bench.call('ReEncrypt', { CiphertextBlob, DestinationKeyId: KeyId, SourceKeyId: KeyId });
    expect(outcome).toMatchObject({ code: 'InvalidParameter', message: expect.stringContaining('SourceKeyId') });
  });
});

describe('a private key store', () => {
  const calls = async (bench: Bench) => {
    const KeyId = await bench.key({ DKMSInstanceId: STORE_ID });
    const CiphertextBlob = await encrypt(bench, { KeyId, Plaintext: 'x' });
    return {
      KeyId,
      crypto: [
        ['Encrypt', { KeyId, Plaintext: 'x' }],
        ['Decrypt', { CiphertextBlob }],
        ['GenerateDataKey', { KeyId }],
        ['GenerateDataKeyWithoutPlaintext', { KeyId }],
        ['ReEncrypt', { CiphertextBlob, DestinationKeyId: KeyId }],
      ] as const,
    };
  };

  it.each(['Disconnected', 'Connecting', 'Disconnecting', 'Failed'] as const)(
    'that is %s refuses the use of its keys, names itself, and loses nothing',
    async (state) => {
      const bench = await openBench();
      const { KeyId, crypto } = await calls(bench);
      await bench.connect(state);
      for (const [name, parameters] of [...crypto, ['CreateKey', { DKMSInstanceId: STORE_ID }] as const]) {
        expect(await bench.call(name, parameters)).toMatchObject({
          code: 'Rejected.KeyStoreDisconnected',
          status: 409,
          message: `The request was rejected because the key store "${STORE_ID}" is ${state}.`,
        });
      }
      for (const name of ['DisableKey', 'EnableKey', 'DescribeKey', 'ListKeyVersions']) await bench.ok(name, { KeyId });
      expect((await bench.ok('DescribeKey', { KeyId })).KeyMetadata!.KeyState).toBe('Enabled');
      await bench.connect('Connected');
      for (const [name, parameters] of crypto) await bench.ok(name, parameters);
    },
  );

  it('whose HSMs do not answer says so, and clients may try again', async () => {
    const bench = await openBench();
    const { crypto } = await calls(bench);
    bench.stores.down = true;
    for (const [name, parameters] of crypto) {
      expect(await bench.call(name, parameters)).toMatchObject({ code: 'ServiceUnavailableTemporary', status: 503 });
    }
  });
});

it.each([
  ['Encrypt', { Plaintext: 'x' }],
  ['GenerateDataKey', {}],
  ['GenerateDataKeyWithoutPlaintext', {}],
])('a dry run of %s does nothing and says how it would have gone', async (name, parameters) => {
  const bench = await openBench();
  const KeyId = await bench.key();
  const dry = (changes: Record<string, string>) => ({ KeyId, ...parameters, ...changes, DryRun: 'true' });
  expect((await bench.call(name, dry({}))).code).toBe('DryRunOperationError');
  expect((await bench.call(name, dry({ KeyId: 'key-none' }))).code).toBe('ValidationError');
  expect((await bench.call(name, dry({}), () => false)).code).toBe('AccessDeniedError');
});

it('serves Vault: DescribeKey, Encrypt of a base64 key, Decrypt without a key id', async () => {
  const bench = await openBench();
  const KeyId = await bench.key();
  expect((await bench.ok('DescribeKey', { KeyId })).KeyMetadata!.KeyId).toBe(KeyId);
  const Plaintext = Buffer.alloc(32, 7).toString('base64');
  expect(await decrypt(bench, await encrypt(bench, { KeyId, Plaintext }))).toBe(Plaintext);
});

it('takes an ARN of five colons in every cryptographic call, as the encryption SDK sends it', async () => {
  const bench = await openBench();
  const KeyId = `acs:kms:${REGION}:${ACCOUNT}:key/${await bench.key()}`;
  for (const name of ['Encrypt', 'GenerateDataKey', 'GenerateDataKeyWithoutPlaintext']) {
    await bench.ok(name, { KeyId, Plaintext: 'x' });
  }
});
