import { expect, it } from 'vitest';
import { localEndpoint } from './local-request.ts';

it.each([
  [['https://0.0.0.0:9443', 'http://127.0.0.1:9080'], 'https://127.0.0.1:9443'],
  [['https://[::]:9443'], 'https://[::1]:9443'],
  [['https://192.0.2.7:9443', 'http://localhost:9080'], 'http://localhost:9080'],
  [['https://192.0.2.7:9443'], 'https://192.0.2.7:9443'],
  [[], undefined],
] as const)('asks a server listening at %j through %s', (endpoints, asked) => {
  expect(localEndpoint(endpoints)).toBe(asked);
});
