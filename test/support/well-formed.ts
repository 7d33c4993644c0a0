import { expect } from 'vitest';
import type { RawAnswer } from './raw-request.ts';

/** Asserts that an answer is an error as every client can read it, and answers its code. */
export function errorCode({ status, headers, json, text }: RawAnswer): string {
  expect(headers['content-type'], text).toBe('application/json;charset=utf-8');
  expect(status).toBeGreaterThanOrEqual(400);
  expect(json).toMatchObject({
    Code: expect.stringMatching(/^[A-Za-z0-9.]{5,}$/),
    Message: expect.stringMatching(/\S/),
    RequestId: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
    HttpStatus: status,
  });
  return json.Code;
}

/** Asserts that an answer is a success that no client takes for an error. */
export function success({ status, headers, json, text }: RawAnswer): Record<string, unknown> {
  expect(status, text).toBe(200);
  expect(headers['content-type']).toBe('application/json;charset=utf-8');
  for (const name of ['Code', 'Success', 'Message']) expect(json).not.toHaveProperty(name);
  expect(json.RequestId).toMatch(/^[0-9a-f-]{36}$/);
  return json;
}
