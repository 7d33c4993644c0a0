import { describe, expect, test } from 'vitest';
import { classify, returnCode } from './classify.ts';

describe('return codes', () => {
  test.each([
    ['CKR_DEVICE_REMOVED', 'fatal'],
    ['CKR_DEVICE_ERROR', 'fatal'],
    ['CKR_USER_NOT_LOGGED_IN', 'fatal'],
    ['CKR_OPERATION_ACTIVE', 'session'],
    ['CKR_SESSION_HANDLE_INVALID', 'session'],
    ['CKR_PIN_INCORRECT', 'pin'],
    ['CKR_PIN_LOCKED', 'pin'],
    ['CKR_GENERAL_ERROR', 'unclear'],
    ['CKR_ENCRYPTED_DATA_INVALID', 'request'],
    ['CKR_WRAPPED_KEY_INVALID', 'request'],
    ['CKR_NONE', 'request'],
    ['constructor', 'request'],
    ['__proto__', 'request'],
  ])('%s is %s', (name, verdict) => {
    expect(classify(name)).toBe(verdict);
  });

  test('a vendor may differ, for the codes it names', () => {
    const deviations = { CKR_GENERAL_ERROR: 'fatal' } as const;
    expect(classify('CKR_GENERAL_ERROR', deviations)).toBe('fatal');
    expect(classify('CKR_DEVICE_ERROR', deviations)).toBe('fatal');
    expect(classify('toString', deviations)).toBe('request');
  });

  test.each([
    [new Error('CKR_ATTRIBUTE_READ_ONLY:16\n  at x'), 'CKR_ATTRIBUTE_READ_ONLY'],
    [new Error('CKR_GENERAL_ERROR'), 'CKR_GENERAL_ERROR'],
    [new TypeError('no such thing'), 'CKR_NONE'],
    ['CKR_GENERAL_ERROR', 'CKR_NONE'],
    [undefined, 'CKR_NONE'],
  ])('%s reads %s', (error, name) => {
    expect(returnCode(error)).toBe(name);
  });
});
