import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { makeOwner, makeRequest } from '../../test/support/owner.ts';
import { certificateFingerprint, domainMismatch, sameCertificate } from './security-domain.ts';

const owner = makeOwner();
const cluster = owner.sign(makeRequest());
const stranger = makeOwner();
const read = (pem: string): X509Certificate => new X509Certificate(pem);

describe('domainMismatch', () => {
  const certificate = read(owner.certificate);

  it('finds the owner of the cluster', () => {
    expect(domainMismatch(certificate, { owner: owner.certificate, cluster })).toBeUndefined();
  });

  it('refuses the certificate of another cluster', () => {
    expect(domainMismatch(read(stranger.certificate), { owner: owner.certificate, cluster })).toContain('another one');
  });

  it('refuses a second certificate of the same subject', () => {
    expect(stranger.certificate).not.toBe(owner.certificate);
    expect(read(stranger.certificate).subject).toBe(certificate.subject);
    const shown = { owner: stranger.certificate, cluster };
    expect(domainMismatch(read(stranger.certificate), shown)).toContain('does not verify');
  });

  it('refuses clusters that show no certificates', () => {
    expect(domainMismatch(certificate, { owner: '', cluster: '' })).toContain('cannot be read');
  });
});

it('compares certificates by content', () => {
  expect(sameCertificate(owner.certificate, `x\n${owner.certificate.replaceAll('\n', '\r\n')}`)).toBe(true);
  expect(sameCertificate(owner.certificate, stranger.certificate)).toBe(false);
  expect(sameCertificate(owner.certificate, 'x')).toBe(false);
});

it('names a certificate by its SHA-256', () => {
  const shown = certificateFingerprint(read(owner.certificate));
  expect(shown).toMatch(/^[0-9a-f]{64}$/);
  expect(shown).not.toBe(certificateFingerprint(new X509Certificate(cluster)));
});
