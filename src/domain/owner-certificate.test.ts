import { generateKeyPairSync, type X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeOwner, makeRequest } from '../../test/support/owner.ts';
import { readOwnerCertificate, readRsaCertificate } from './owner-certificate.ts';

const owner = makeOwner();
const cluster = owner.sign(makeRequest());
const stranger = makeOwner();
const privateKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
  type: 'pkcs8',
  format: 'pem',
}) as string;

function read(pem: string): X509Certificate {
  const result = readOwnerCertificate(pem);
  if ('fault' in result) throw new Error(result.fault);
  return result.certificate;
}

describe('readOwnerCertificate', () => {
  it.each(['rsa:2048', 'rsa:4096'] as const)('takes a self-signed %s certificate', (kind) => {
    const { certificate } = makeOwner(kind);
    expect(read(certificate).toString()).toBe(certificate);
  });

  it('overlooks text around the block, as openssl prints it', () => {
    expect(read(`Certificate:\n  Data: …\n${owner.certificate}\n`).toString()).toBe(owner.certificate);
  });

  const refusals: readonly (readonly [string, string, string])[] = [
    ['nothing', '', 'found none'],
    ['no PEM', 'MIIB', 'found none'],
    ['two certificates', owner.certificate + stranger.certificate, 'found CERTIFICATE, CERTIFICATE'],
    ['a key beside it', owner.certificate + privateKey, 'found CERTIFICATE, PRIVATE KEY'],
    ['a key instead', privateKey, 'found PRIVATE KEY'],
    ['a request', makeRequest(), 'found CERTIFICATE REQUEST'],
    ['a damaged block', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', 'cannot be read'],
    ['a cut block', owner.certificate.slice(0, 300), 'cannot be read'],
    ['another kind of key', makeOwner('ec').certificate, 'not an RSA key'],
    ['another size of key', makeOwner('rsa:3072').certificate, '3072 bits'],
    ['a certificate signed by another', cluster, 'not self-signed'],
    [
      'a certificate that only names itself its issuer',
      owner.sign(makeRequest('/O=Customer/CN=issuer')),
      'not self-signed',
    ],
  ];
  it.each(refusals)('refuses %s', (_, pem, why) => {
    expect(readOwnerCertificate(pem)).toEqual({ fault: expect.stringContaining(why) });
  });

  it('never throws, whatever is sent', () => {
    const body = fc.base64String({ maxLength: 400 });
    fc.assert(
      fc.property(fc.oneof(fc.string(), body), (text) => {
        expect(readOwnerCertificate(text)).toHaveProperty('fault');
        expect(
          readOwnerCertificate(`-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`),
        ).toHaveProperty('fault');
      }),
    );
  });
});

it('takes a certificate that is not self-signed, or of another size, where it need be no owner', () => {
  for (const pem of [cluster, makeOwner('rsa:3072').certificate]) {
    expect(readRsaCertificate(pem)).toHaveProperty('certificate');
  }
  expect(readRsaCertificate(makeOwner('ec').certificate)).toHaveProperty('fault');
});
