import { type Random, randomText } from './random.ts';

const LOWER = 'abcdefghijklmnopqrstuvwxyz0123456789';
const ALNUM = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const DIGITS = '0123456789';

/** Three letters that hint at a region in ids: `cn-hangzhou` gives `hzz`, unknown regions their first letters. */
export function regionLetters(region: string): string {
  const known: Record<string, string> = { 'cn-hangzhou': 'hzz', 'cn-beijing': 'bjj', 'cn-shanghai': 'shh' };
  const place = region
    .split('-')
    .slice(1)
    .join('')
    .replaceAll(/[^a-z]/g, '');
  return Object.hasOwn(known, region) ? known[region]! : place.slice(0, 3).padEnd(3, 'x');
}

/**
 * `key-…` and `kst-…` in the vendor's visible form: region letters, eight hex digits of the Unix time in seconds, ten
 * random characters. Never parsed.
 */
export function timedId(prefix: 'key' | 'kst', region: string, now: Date, random: Random): string {
  const seconds = Math.floor(now.getTime() / 1000)
    .toString(16)
    .padStart(8, '0');
  return `${prefix}-${regionLetters(region)}${seconds}${randomText(random, LOWER, 10)}`;
}

/** `<prefix>-<16 lower-case characters>`: VPCs, vSwitches, groups, interfaces, HSMs, clusters. */
export function plainId(prefix: string, random: Random): string {
  return `${prefix}-${randomText(random, LOWER, 16)}`;
}

/** A number as text whose first digit is fixed: `1…` accounts (16), `2…` users, `3…` roles (18). */
export function numericId(first: '1' | '2' | '3', digits: number, random: Random): string {
  return first + randomText(random, DIGITS, digits - 1);
}

/** `LTAI` and 20 characters. */
export function accessKeyId(random: Random): string {
  return `LTAI${randomText(random, ALNUM, 20)}`;
}

/** 30 characters, as the vendor's secrets. */
export function accessKeySecret(random: Random): string {
  return randomText(random, ALNUM, 30);
}

/** `STS.` and 24 characters. */
export function temporaryAccessKeyId(random: Random): string {
  return `STS.${randomText(random, ALNUM, 24)}`;
}
