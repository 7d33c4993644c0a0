import { describe, expect, it } from 'vitest';
import type { Credential } from './credential.ts';
import { freshness } from './freshness.ts';

const WALL = new Date('2024-01-02T03:04:05Z');
const credential = (changes: Partial<Credential> = {}): Credential => ({
  scheme: 'V1',
  accessKeyId: 'LTAI5tExampleKeyId0001',
  securityToken: undefined,
  signature: 'c2lnbmF0dXJl',
  timestamp: '2024-01-02T03:04:05Z',
  nonce: 'one',
  signedHeaders: [],
  ...changes,
});
const keyOf = (changes: Partial<Credential>): string => {
  const fresh = freshness(credential(changes), WALL);
  if (fresh.refused) throw new Error(fresh.code);
  return fresh.key;
};

describe('time', () => {
  it.each([
    [undefined, 'IllegalTimestamp'],
    ['', 'IllegalTimestamp'],
    ['yesterday', 'InvalidTimeStamp.Format'],
    ['2024-01-02 03:04:05', 'InvalidTimeStamp.Format'],
    ['2024-01-02T03:04:05.000Z', 'InvalidTimeStamp.Format'],
    ['2024-01-02T03:04:05+08:00', 'InvalidTimeStamp.Format'],
    ['2024-02-30T03:04:05Z', 'InvalidTimeStamp.Format'],
    ['1704164645', 'InvalidTimeStamp.Format'],
    ['2024-01-02T02:49:04Z', 'InvalidTimeStamp.Expired'],
    ['2024-01-02T03:19:06Z', 'InvalidTimeStamp.Expired'],
    ['0001-01-01T00:00:00Z', 'InvalidTimeStamp.Expired'],
  ])('refuses %j with %s', (timestamp, code) => {
    expect(freshness(credential({ timestamp }), WALL)).toMatchObject({ refused: true, code });
  });

  it.each(['2024-01-02T02:49:05Z', '2024-01-02T03:19:05Z'])('takes %s, the edge of the window', (timestamp) => {
    const fresh = freshness(credential({ timestamp }), WALL);
    // INVARIANT: the nonce is remembered past the last moment at which a replay could pass the window.
    const replayableUntil = new Date(timestamp).getTime() + 15 * 60_000;
    expect(fresh).toMatchObject({ refused: false });
    expect(fresh.refused ? 0 : fresh.until.getTime()).toBeGreaterThan(replayableUntil);
  });
});

describe('nonce', () => {
  it('is the same for the same key and nonce, whatever else differs', () => {
    expect(keyOf({ signature: 'x', scheme: 'ACS3-HMAC-SHA256' })).toBe(keyOf({ timestamp: '2024-01-02T03:05:00Z' }));
  });
  it('differs by nonce and by key, without seams', () => {
    const keys = [
      {},
      { nonce: 'two' },
      { accessKeyId: 'other' },
      { accessKeyId: 'a', nonce: 'bc' },
      { accessKeyId: 'ab', nonce: 'c' },
    ];
    expect(new Set(keys.map(keyOf)).size).toBe(keys.length);
  });
  it.each([undefined, ''])('is stood in for by the signature when V1 sends %j', (nonce) => {
    expect(keyOf({ nonce })).toBe(keyOf({ nonce }));
    expect(keyOf({ nonce })).not.toBe(keyOf({ nonce, signature: 'another' }));
  });
});
