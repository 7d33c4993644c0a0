import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigInvalid, loadConfig, parseConfig } from '../../src/server/config/load.ts';
import { distance, suggestion } from '../../src/server/config/suggest.ts';

const parse = (text: string) => parseConfig(text, 'coffer.yaml', '/etc/coffer');

function problems(text: string): string {
  try {
    parse(text);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigInvalid);
    return (error as Error).message;
  }
  throw new Error(`taken: ${text}`);
}

describe('what is left out', () => {
  it('has its default everywhere', () => {
    expect(parse('')).toEqual({
      mode: 'production',
      region: 'cn-hangzhou',
      furtherRegions: [],
      dataDir: '/etc/coffer/.coffer',
      listen: [
        { host: '127.0.0.1', port: 9080, tls: false },
        { host: '127.0.0.1', port: 9443, tls: true },
      ],
      tls: { names: [] },
      storage: { kind: 'sqlite' },
      unwrappers: [{ id: 'key-file', type: 'file', path: 'root-unwrap.key' }],
      hsms: [{ name: 'softhsm', vendor: 'softhsm2', library: '/usr/lib/softhsm/libsofthsm2.so', count: 16 }],
      throttle: {},
      ramQuotas: expect.any(Object),
      limits: expect.objectContaining({ requestBytes: 1_048_576, requestsInFlight: 2_000, keyStoresPerRegion: 10 }),
      log: { level: 'info' },
      metrics: { host: '127.0.0.1' },
      shutdownGraceSeconds: 20,
    });
  });

  it('has its default inside alternatives and lists too', () => {
    const config = parse(
      'storage: { kind: postgres, url: "postgres://x/y" }\nhsms: [{ name: a, vendor: softhsm2 }]\nlisten: [{ port: 1 }]\nlimits: { keysPerRegion: 5 }',
    );
    expect(config.storage).toEqual({ kind: 'postgres', url: 'postgres://x/y', poolSize: 10 });
    expect(config.hsms).toEqual([
      { name: 'a', vendor: 'softhsm2', library: '/usr/lib/softhsm/libsofthsm2.so', count: 16 },
    ]);
    expect(config.listen).toEqual([{ host: '127.0.0.1', port: 1, tls: false }]);
    expect(config.limits).toMatchObject({ keysPerRegion: 5, requestsInFlight: 2_000 });
  });
});

it('starts relative paths where the file is', () => {
  const config = parse(`
dataDir: data
tls: { certificateFile: a.pem, keyFile: /b.key }
storage: { kind: postgres, urlFile: url, caFile: ca.pem }
hsms:
  - { name: a, vendor: pkcs11, library: lib.so, serial: "1", soPinFile: pin }
  - { name: b, vendor: pkcs11, library: ./lib.so, serial: "2", soPinFile: /pin }
`);
  expect(config).toMatchObject({
    dataDir: '/etc/coffer/data',
    tls: { certificateFile: '/etc/coffer/a.pem', keyFile: '/b.key' },
    storage: { urlFile: 'url', caFile: '/etc/coffer/ca.pem' },
    hsms: [
      { library: 'lib.so', soPinFile: '/etc/coffer/pin' },
      { library: '/etc/coffer/lib.so', soPinFile: '/pin' },
    ],
  });
});

it('takes what a PKCS#11 module needs besides', () => {
  const hsm = 'name: a, vendor: pkcs11, library: l, serial: "1", soPinFile: p';
  const { hsms } = parse(`hsms: [{ ${hsm}, kwpMechanism: 0x210A, environment: { CONF: etc/x } }]`);
  expect(hsms[0]).toMatchObject({ kwpMechanism: 8458, environment: { CONF: 'etc/x' } });
  expect(parse(`hsms: [{ ${hsm} }]`).hsms[0]).not.toHaveProperty('kwpMechanism');
});

describe('refused, with the place and what was meant', () => {
  it.each([
    ['regoin: cn-beijing', 'unknown key "regoin"; did you mean "region"?'],
    ['limits: { keyPerRegion: 1 }', 'unknown key "limits.keyPerRegion"; did you mean "keysPerRegion"?'],
    ['listen: [{ prot: 1 }]', 'unknown key "listen.0.prot"; did you mean "port"?'],
    ['storage: { kind: postgres, poolsize: 3 }', 'did you mean "poolSize"?'],
    ['hsms: [{ name: a, vendor: pkcs11, pinFile: x }]', 'did you mean "soPinFile"?'],
    ['storage: { kind: sqlite, url: "postgres://u:canary@db/c" }', 'unknown key "storage.url"; known here: kind'],
    ['storage: { kind: sqlite, poolSize: 5 }', 'unknown key "storage.poolSize"'],
    ['unwrappers: [{ id: a, type: file, path: x, threshold: 2 }]', 'unknown key "unwrappers.0.threshold"'],
    ['unwrappers: [{ id: a, type: shares, files: [x, y], threshold: 2, path: x }]', 'unknown key "unwrappers.0.path"'],
    ['hsms: [{ name: a, vendor: softhsm2, tokenLabel: t }]', 'unknown key "hsms.0.tokenLabel"'],
    [
      'hsms: [{ name: a, vendor: pkcs11, library: l, serial: s, soPinFile: p, count: 2 }]',
      'unknown key "hsms.0.count"',
    ],
    ['storage: { kind: postgres, postgres://u:canary@h/d }', 'unknown key "storage.…"'],
    ['storage: { kind: postgres, url: postgres://u:canary: x@h/d }', 'line 1, column '],
    ['storage: { kind: postgres, url: @postgres://u:canary@h/d }', 'line 1, column '],
    ['region: "canary\\R"', 'line 1, column '],
    ['storage: { kind: postgres, url: {{ canary }} }', 'storage.url: must be string'],
    [
      'hsms: [{ name: a, vendor: pkcs11, library: l, serial: s, soPinFile: p, environment: { PIN=canary!x } }]',
      'hsms.0.environment.…: must be string',
    ],
    ['%YAML 1.1\n---\nlimits: !!omap [keysPerRegion: 5]', 'limits: must be object'],
    ['%YAML 1.1\n---\nlimits: 2001-01-01', 'limits: must be object'],
    ['data-dir: x', 'unknown key "data-dir"; did you mean "dataDir"?'],
    ['listen: *nope', 'an alias'],
    ['limits: !!omap [keysPerRegion: 5]', 'limits: must be object'],
    ['limits: !!timestamp 2001-01-01', 'limits: must be object'],
    ['zzzzzzzzzz: 1', 'unknown key "zzzzzzzzzz"; known here: mode, accountId, region'],
    ['constructor: 1', 'unknown key "constructor"'],
    ['__proto__: { mode: development }', 'unknown key "__proto__"'],
    ['tls: { constructor: { name: x } }', 'unknown key "tls.constructor"'],
    ['mode: development\nmode: production', 'line 2, column 1: is not YAML as it should be (duplicate key)'],
    ['mode: [', 'coffer.yaml'],
    ['just a text', '(top): '],
    ['- a list', '(top): must be object'],
    ['tls: []', 'tls: must be object'],
    ['tls: text', 'tls: must be object'],
    ['listen: [[]]', 'listen.0: must be object'],
    ['storage: []', 'storage: must be object'],
    ['storage: {}', 'storage.kind: must be one of sqlite, postgres'],
    ['dataDir: 7', 'dataDir: must be string'],
    ['listen: [{ port: 1.5 }]', 'listen.0.port: must be integer'],
    ['listen: [{ port: 1, tls: 1 }]', 'listen.0.tls: must be boolean'],
    ['mode: test', 'mode: must be one of production, development'],
    ['region: Hangzhou', 'region: '],
    ['region: "../x-y"', 'region: '],
    ['furtherRegions: [x]', 'furtherRegions.0: must match pattern'],
    ['listen: []', 'listen: must have at least 1 entry'],
    ['listen: [{ port: 70000 }]', 'listen.0.port: must be <= 65535'],
    ['listen: [{ host: 127.0.0.1 }]', 'listen.0.port: is missing'],
    ['hsms: [{ name: a }]', 'hsms.0.vendor: must be one of softhsm2, pkcs11'],
    ['unwrappers: [key]', 'unwrappers.0: must be object'],
    ['unwrappers: { id: key }', 'unwrappers: must be list'],
    ['listen: [{ host: 0.0.0.0, port: 1 }]', 'listen.0: 0.0.0.0 is not loopback, so it needs tls: true'],
    ['listen: [{ host: "::", port: 1 }]', 'needs tls: true'],
    ['listen: [{ host: 127.example.com, port: 1 }]', 'needs tls: true'],
    ['listen: [{ host: "", port: 1 }]', 'needs tls: true'],
    ['metrics: { port: 1, host: 0.0.0.0 }', 'metrics.host: '],
    ['tls: { certificateFile: a }', 'certificateFile and keyFile go together'],
    ['tls: { keyFile: a }', 'certificateFile and keyFile go together'],
    ['storage: { kind: mysql }', 'storage.kind: must be one of sqlite, postgres'],
    ['storage: { kind: postgres, url: "host=db password=canary" }', 'storage.url: is not postgres://user:password@'],
    ['storage: { kind: postgres, url: "postgres://u:can/ary#@h/d" }', 'storage.url: is not postgres://user:password@'],
    ['storage: { kind: postgres }', 'give either url or urlFile'],
    ['storage: { kind: postgres, url: a, urlFile: b }', 'give either url or urlFile'],
    ['unwrappers: []', 'unwrappers: '],
    ['unwrappers: [{ id: a, type: file, path: x }, { id: a, type: file, path: y }]', 'id "a" is used twice'],
    ['unwrappers: [{ id: A, type: file, path: x }]', 'unwrappers.0.id: must match pattern'],
    ['unwrappers: [{ id: a, type: shares, files: [x, y], threshold: 3 }]', 'threshold is above the number of files'],
    ['unwrappers: [{ id: a, type: shares, files: [x, y], threshold: 1 }]', 'unwrappers.0.threshold: must be >= 2'],
    ['hsms: [{ name: a, vendor: pkcs11, library: l, soPinFile: p }]', 'give either tokenLabel or serial'],
    [
      'hsms: [{ name: a, vendor: pkcs11, library: l, soPinFile: p, tokenLabel: t, serial: s }]',
      'give either tokenLabel or serial',
    ],
    [
      'hsms: [{ name: a, vendor: pkcs11, library: l, serial: s, soPinFile: p, kwpMechanism: 1 }]',
      'hsms.0.kwpMechanism: must be one of 8458, 8459',
    ],
    [
      'hsms: [{ name: a, vendor: pkcs11, library: l, serial: s, soPinFile: p, environment: { A: 1 } }]',
      'hsms.0.environment.A: must be string',
    ],
    [
      'hsms: [{ name: a, vendor: pkcs11, library: l, serial: s, soPinFile: p, environment: { constructor: x } }]',
      'hsms.0.environment.constructor: is no name that can be used',
    ],
    [
      'hsms: [{ name: a, vendor: pkcs11, library: l, serial: s, soPinFile: p, environment: [A] }]',
      'hsms.0.environment: must be object',
    ],
    ['hsms: [{ name: a, vendor: softhsm2 }, { name: a, vendor: softhsm2 }]', 'name "a" is used twice'],
    ['throttle: { query: 0 }', 'throttle.query: '],
    ['limits: { requestBytes: 1 }', 'limits.requestBytes: '],
    ['log: { level: loud }', 'log.level: must be one of error, warn, info, debug'],
    ['log:', 'log: '],
    ['shutdownGraceSeconds: 0', 'shutdownGraceSeconds: '],
    ['shutdownGraceSeconds: "10"', 'shutdownGraceSeconds: '],
  ])('%s', (text, expected) => {
    const said = problems(text);
    expect(said).toContain(expected);
    expect(said).not.toContain('canary');
  });

  it('all at once, each once', () => {
    const text = problems('mode: test\nregion: X\nshutdownGraceSeconds: 0\nstorage: { kind: mysql }');
    expect(text.split('\n').map((line) => /^ +- ([\w.]+): /.exec(line)?.[1])).toEqual([
      undefined,
      'mode',
      'region',
      'storage.kind',
      'shutdownGraceSeconds',
    ]);
  });

  it('a file that is not there', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'coffer-config-'));
    try {
      await expect(loadConfig('none.yaml', directory)).rejects.toThrow('cannot be read: ENOENT');
      await expect(loadConfig('.', directory)).rejects.toThrow('cannot be read: EISDIR');
      writeFileSync(join(directory, 'c.yaml'), 'dataDir: here');
      expect((await loadConfig('c.yaml', directory)).dataDir).toBe(join(directory, 'here'));
      expect((await loadConfig(undefined, directory)).dataDir).toBe(join(directory, '.coffer'));
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe('suggestions', () => {
  it.each([
    ['', '', 0],
    ['abc', '', 3],
    ['abc', 'abd', 1],
    ['abc', 'acb', 1],
    ['abc', 'ab', 1],
    ['kitten', 'sitting', 3],
  ])('%s is as far from %s as it takes: %i', (a, b, off) => {
    expect(distance(a, b)).toBe(off);
    expect(distance(b, a)).toBe(off);
  });

  it('name what is near, whatever the case, and nothing that is far', () => {
    expect(suggestion('DATADIR', ['dataDir', 'mode'])).toBe('dataDir');
    expect(suggestion('completely', ['dataDir', 'mode'])).toBeUndefined();
    expect(suggestion('x', [])).toBeUndefined();
  });
});
