import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DAY_MS } from '../../src/core/time.ts';
import { parseConfig } from '../../src/server/config/load.ts';
import { checkCertificates } from '../../src/server/doctor/certificates.ts';
import { createCa, isIssuedBy, issueServerCertificate, namesOf } from '../../src/server/tls/private-ca.ts';
import { certificateNames, serverTls } from '../../src/server/tls/server-certificate.ts';

const NOW = new Date('2026-03-01T08:00:00Z');
const later = (days: number) => new Date(NOW.getTime() + days * DAY_MS);

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'coffer-tls-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const config = (text = '') => parseConfig(`dataDir: .\n${text}`, 'test', directory);
const path = (name: string) => join(directory, 'tls', name);
const read = (name: string) => readFileSync(path(name), 'utf8');

describe('the certificate', () => {
  it('is good for the endpoints of every region served, loopback, and the names asked for', async () => {
    const own = config(
      'region: cn-beijing\nfurtherRegions: [cn-shanghai]\ntls: { names: [kms.example, 10.0.0.7, "FD00:0::1"] }',
    );
    const names = certificateNames(own);
    expect(names).toEqual(
      expect.arrayContaining([
        'kms.cn-beijing.aliyuncs.com',
        'kms-vpc.cn-shanghai.aliyuncs.com',
        'ram.aliyuncs.com',
        'localhost',
        '127.0.0.1',
        '::1',
        'kms.example',
        '10.0.0.7',
        'fd00::1',
      ]),
    );
    const { certificate } = await serverTls(own, NOW);
    expect(namesOf(certificate).toSorted()).toEqual(names);
    const parsed = new X509Certificate(certificate);
    expect(parsed.checkHost('kms.cn-beijing.aliyuncs.com')).toBeDefined();
    expect(parsed.checkHost('kms.cn-hangzhou.aliyuncs.com')).toBeUndefined();
    expect(parsed.checkIP('10.0.0.7')).toBeDefined();
  });

  it('is good for what the HTTPS listeners are bound to', async () => {
    const listen = (host: string, tls = true) => `  - { host: "${host}", port: 0, tls: ${tls} }\n`;
    const named = ['127.0.0.2', 'coffer.example', 'fd00:0::2', '', '0.0.0.0', '::', '0:0::0', 'fe80::1%eth0'];
    const own = config(`listen:\n${named.map((host) => listen(host)).join('')}${listen('127.0.0.3', false)}`);
    const fixed = certificateNames(config());
    expect(certificateNames(own).filter((name) => !fixed.includes(name))).toEqual([
      '127.0.0.2',
      'coffer.example',
      'fd00::2',
    ]);
    expect(new X509Certificate((await serverTls(own, NOW)).certificate).checkIP('127.0.0.2')).toBeDefined();
  });

  it('comes with its CA, whose key only the owner reads, and is no CA itself', async () => {
    const { certificate, key, caFile } = await serverTls(config(), NOW);
    const [server, ca] = certificate
      .match(/-----BEGIN[\s\S]+?END CERTIFICATE-----/g)!
      .map((pem) => new X509Certificate(pem));
    expect(caFile).toBe(path('ca.pem'));
    expect(server!.checkIssued(ca!) && server!.verify(ca!.publicKey)).toBe(true);
    expect([server!.ca, ca!.ca]).toEqual([false, true]);
    expect(server!.checkPrivateKey(createPrivateKey(key))).toBe(true);
    for (const name of ['ca.key', 'server.key']) expect(statSync(path(name)).mode & 0o777, name).toBe(0o600);
  });

  it('stays as it is while it is good', async () => {
    const first = await serverTls(config(), NOW);
    expect(await serverTls(config(), later(366))).toEqual({ ...first, newCa: false });
    expect(first.newCa).toBe(true);
  });

  it.each([
    ['ends within 30 days', () => {}, config, later(368)],
    ['lacks a name', () => {}, () => config('tls: { names: [new.example] }'), NOW],
    ['has lost its key', () => rmSync(path('server.key')), config, NOW],
    ['was cut off', () => writeFileSync(path('server.pem'), '-----BEGIN'), config, NOW],
    [
      'has the key of another, as a crash may leave it',
      () => writeFileSync(path('server.key'), read('ca.key')),
      config,
      NOW,
    ],
  ])('is renewed under the same CA when it %s', async (_, harm, changed, wall) => {
    await serverTls(config(), NOW);
    const before = { server: read('server.pem'), ca: read('ca.pem') };
    harm();
    const renewed = await serverTls(changed(), wall);
    expect(read('ca.pem')).toBe(before.ca);
    expect(read('server.pem')).not.toBe(before.server);
    const parsed = new X509Certificate(renewed.certificate);
    expect(parsed.checkPrivateKey(createPrivateKey(renewed.key))).toBe(true);
    expect(parsed.verify(new X509Certificate(before.ca).publicKey)).toBe(true);
    expect(renewed.ends.getTime()).toBeGreaterThan(wall.getTime() + 300 * DAY_MS);
  });

  it('is renewed when the CA is another one', async () => {
    await serverTls(config(), NOW);
    const ca = await createCa(NOW);
    writeFileSync(path('ca.pem'), ca.certificate);
    writeFileSync(path('ca.key'), ca.key);
    const { certificate } = await serverTls(config(), NOW);
    expect(new X509Certificate(certificate).verify(new X509Certificate(ca.certificate).publicKey)).toBe(true);
  });

  it.each([
    ['is lost', () => rmSync(path('ca.key'))],
    ['is another', () => writeFileSync(path('ca.key'), read('server.key'))],
  ])('is not served under a new CA when the key of the old one %s', async (_, harm) => {
    await serverTls(config(), NOW);
    harm();
    await expect(serverTls(config(), NOW)).rejects.toMatchObject({
      name: 'StartRefused',
      message: expect.stringContaining('restore both'),
    });
  });

  it('is not served under a new CA, nor the old key overwritten, when only the certificate of the CA is lost', async () => {
    await serverTls(config(), NOW);
    const [certificate, key] = [read('ca.pem'), read('ca.key')];
    rmSync(path('ca.pem'));
    await expect(serverTls(config(), NOW)).rejects.toMatchObject({
      name: 'StartRefused',
      message: expect.stringContaining('ca.pem is missing beside its key; restore both'),
    });
    expect(read('ca.key')).toBe(key);
    writeFileSync(path('ca.pem'), certificate);
    expect((await serverTls(config(), NOW)).certificate).toContain(certificate);
  });

  it.each(['server.pem', 'server.key'])(
    'is not served under a new CA when %s went with its certificate',
    async (name) => {
      await serverTls(config(), NOW);
      const key = read('ca.key');
      rmSync(path('ca.pem'));
      rmSync(path(name));
      await expect(serverTls(config(), NOW)).rejects.toMatchObject({ name: 'StartRefused' });
      expect(read('ca.key')).toBe(key);
    },
  );

  it('is by a CA over the same key when that is all that is left', async () => {
    await serverTls(config(), NOW);
    const [gone, key] = [read('ca.pem'), read('ca.key')];
    for (const name of ['ca.pem', 'server.pem', 'server.key']) rmSync(path(name));
    const { certificate, newCa } = await serverTls(config(), NOW);
    expect(newCa).toBe(false);
    expect(new X509Certificate(certificate).verify(new X509Certificate(read('ca.pem')).publicKey)).toBe(true);
    // Whoever trusts the certificate that is gone is served as before.
    expect(read('ca.key')).toBe(key);
    expect(isIssuedBy(certificate, { certificate: gone, key })).toBe(true);
  });

  it('has a CA of its own beside a key that is none', async () => {
    await serverTls(config(), NOW);
    for (const name of ['ca.pem', 'server.pem', 'server.key']) rmSync(path(name));
    writeFileSync(path('ca.key'), 'garbage');
    const { certificate } = await serverTls(config(), NOW);
    expect(new X509Certificate(certificate).verify(new X509Certificate(read('ca.pem')).publicKey)).toBe(true);
  });

  it('of the operator is taken as it is, when its key fits', async () => {
    const ca = await createCa(NOW);
    const own = await issueServerCertificate(ca, ['kms.example'], NOW);
    writeFileSync(join(directory, 'own.pem'), own.certificate + ca.certificate);
    writeFileSync(join(directory, 'own.key'), own.key);
    writeFileSync(join(directory, 'ca.key'), ca.key);
    const taken = await serverTls(config('tls: { certificateFile: own.pem, keyFile: own.key }'), NOW);
    expect(taken).toMatchObject({ certificate: own.certificate + ca.certificate, key: own.key, caFile: undefined });
    for (const [key, reason] of [
      ['ca.key', 'is not the key of the certificate'],
      ['none.key', 'cannot be read (ENOENT); check tls.keyFile'],
    ]) {
      const wrong = serverTls(config(`tls: { certificateFile: own.pem, keyFile: ${key} }`), NOW);
      await expect(wrong).rejects.toMatchObject({ name: 'StartRefused', message: expect.stringContaining(reason!) });
    }
  });
});

describe('the doctor on certificates', () => {
  const states = async (text = '', wall = NOW) =>
    (await checkCertificates(config(text), wall)).map(({ what, state, detail }) => `${what} ${state}: ${detail}`);

  it('is content with fresh ones', async () => {
    await serverTls(config(), NOW);
    expect(await states()).toEqual([
      'server certificate ok: good for 397 more days',
      'private CA ok: good for 3650 more days',
    ]);
  });

  it('has nothing to look at without TLS or before the first start', async () => {
    expect(await states('listen: [{ port: 1 }]')).toEqual(['certificates ok: no listener uses TLS']);
    expect(await states()).toEqual(['certificates warning: none has been made yet']);
  });

  it.each([
    ['', 380, ['server certificate warning: ends in 17 days', 'private CA ok: good for 3270 more days']],
    ['', 400, ['server certificate problem: ended 3 days ago', 'private CA ok: good for 3250 more days']],
    ['tls: { names: [new.example] }', 1, ['server certificate warning: lacks 1 names']],
    ['tls: { certificateFile: none.pem, keyFile: none.key }', 1, ['certificates problem: ']],
  ])('finds with %j after %i days', async (text, days, expected) => {
    await serverTls(config(), NOW);
    const found = await states(text, later(days));
    for (const line of expected) expect(found).toContainEqual(expect.stringContaining(line));
  });

  it('misses a CA that is gone', async () => {
    await serverTls(config(), NOW);
    rmSync(path('ca.pem'));
    expect(await states()).toContain('private CA problem: its certificate is missing');
  });
});
