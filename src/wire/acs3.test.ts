import fc from 'fast-check';
import { expect, it } from 'vitest';
import { signRequest } from '../../test/support/signing-client.ts';
import { Secret } from '../core/secret.ts';
import { bareValue } from './acs3.ts';
import { decodeRequest } from './request.ts';
import { verifySignature } from './verify.ts';

it('takes blanks and tabs off a header value, and nothing else that looks empty', () => {
  expect(bareValue(' \t a b \t')).toBe('a b');
  expect(bareValue('')).toBe('');
  expect(bareValue(' \t ')).toBe('');
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(' ', '\t', 'a', '\u00a0', '\ufeff', '\v', '\n') }), (text) => {
      expect(bareValue(text)).toBe(text.replace(/^[ \t]+/, '').replace(/[ \t]+$/, ''));
    }),
  );
});

it.each(['\u00a0', '\u00a0\u00a0', '\ufeff', '\v'])('a signed nonce is not another one with %j beside it', (space) => {
  const who = { accessKeyId: 'LTAI5tExampleKeyId0001', accessKeySecret: 'ExampleSecretExampleSecret0001' };
  const raw = signRequest(who, '127.0.0.1', '2016-01-20', 'ListKeys', {}, { scheme: 'ACS3-HMAC-SHA256' });
  const nonce = raw.headers['x-acs-signature-nonce']!;
  const fits = (value: string): boolean => {
    const sent = { ...raw, headers: { ...raw.headers, 'x-acs-signature-nonce': value } };
    const decoded = decodeRequest(sent);
    return !decoded.refused && verifySignature(decoded, sent, Secret.ofText(who.accessKeySecret)).ok;
  };
  expect(fits(nonce)).toBe(true);
  for (const value of [nonce + space, space + nonce]) expect(fits(value)).toBe(false);
});
