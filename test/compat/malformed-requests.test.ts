import { Agent, request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../support/coffer.ts';
import { acs3, type RawCall, send, sendBytes, v1 } from '../support/raw-request.ts';
import { type Key, rootKey } from '../support/sdk.ts';
import { errorCode, success } from '../support/well-formed.ts';

let server: TestServer;
let root: Key;
beforeAll(async () => {
  server = await startTestServer();
  root = rootKey(server);
});
afterAll(() => server.close());

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

async function codeOf(call: RawCall): Promise<string> {
  const answer = await send(server.http, call);
  return answer.status === 200 ? 'OK' : errorCode(answer);
}

/** An unsigned request to a target. */
const plain = (target: string, method = 'GET', body = '', headers = {}): RawCall => ({ method, target, headers, body });

describe('path and method', () => {
  it.each(['/kms', '/index.html', '//', '/?a=b/../', '/-/nothing', '/%2e%2e/', '/favicon.ico'])(
    'refuses %s',
    async (path) => {
      const answer = await send(server.http, plain(path));
      const code = errorCode(answer);
      if (path.startsWith('/?')) expect(code).toBe('MissingAccessKeyId');
      else expect([code, answer.status]).toEqual(['InvalidPath', 404]);
    },
  );

  it.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND'])('refuses %s', async (method) => {
    const { target } = v1(root, 'Kms', 'ListKeys');
    const answer = await send(server.http, plain(target, method));
    expect([errorCode(answer), answer.status]).toEqual(['UnsupportedHTTPMethod', 403]);
  });

  it('refuses HEAD, which has no body', async () => {
    const answer = await send(server.http, plain(v1(root, 'Kms', 'ListKeys').target, 'HEAD'));
    expect([answer.status, answer.text]).toEqual([403, '']);
    expect(answer.headers['content-type']).toBe('application/json;charset=utf-8');
  });

  it('takes an absolute target, as proxies send it', async () => {
    const { target } = v1(root, 'Kms', 'ListKeys');
    expect(await codeOf(plain(`http://kms.cn-hangzhou.aliyuncs.com${target}`))).toBe('OK');
  });
});

describe('what is no HTTP', () => {
  const host = 'Host: x\r\n';
  it.each([
    ['noise', '\u0000\u0001\u0002 nothing of HTTP\r\n\r\n', 400],
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n\r\n', 400],
    ['a broken header', `GET / HTTP/1.1\r\n${host}no colon here\r\n\r\n`, 400],
    ['two lengths', `POST / HTTP/1.1\r\n${host}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`, 400],
    [
      'length and chunks',
      `POST / HTTP/1.1\r\n${host}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      400,
    ],
    ['an expectation it does not know', `GET / HTTP/1.1\r\n${host}Expect: a-miracle\r\nConnection: close\r\n\r\n`, 400],
    ['no Host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
    ['CONNECT', `CONNECT x:443 HTTP/1.1\r\n${host}\r\n`, 403],
  ])('%s is answered with an API error', async (_, bytes, status) => {
    const { head, json } = await sendBytes(server.http, bytes);
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(head.toLowerCase()).toContain('content-type: application/json;charset=utf-8');
    expect(json).toMatchObject({
      Code: expect.stringMatching(/./),
      Message: expect.stringMatching(/./),
      HttpStatus: status,
    });
  });

  it('serves others afterwards', async () => {
    expect(await codeOf(v1(root, 'Kms', 'ListKeys'))).toBe('OK');
  });
});

describe('sizes', () => {
  it('serves a query of 100 KB', async () => {
    expect(await codeOf(v1(root, 'Kms', 'ListKeys', { Ignored: 'x'.repeat(100_000) }))).toBe('OK');
  });

  it.each([1, 2, 3])('refuses a query of 200 KB so that the client can read why (%i)', async () => {
    const answer = await send(server.http, v1(root, 'Kms', 'ListKeys', { Ignored: 'x'.repeat(200_000) }));
    expect([errorCode(answer), answer.status]).toEqual(['RequestHeaderTooLarge', 431]);
  });

  it('serves a body of 900 KB', async () => {
    expect(await codeOf(v1(root, 'Kms', 'ListKeys', { Ignored: 'x'.repeat(900_000) }, 'POST'))).toBe('OK');
  });

  it.each([1, 2, 3])('refuses a body of 2 MB so that the client can read why (%i)', async () => {
    const answer = await send(server.http, v1(root, 'Kms', 'ListKeys', { Ignored: 'x'.repeat(2_000_000) }, 'POST'));
    expect([errorCode(answer), answer.status]).toEqual(['RequestTooLarge', 413]);
  });

  it('refuses a body without a length as soon as it is too large', async () => {
    const call = v1(root, 'Kms', 'ListKeys', { Ignored: 'x'.repeat(2_000_000) }, 'POST');
    const chunked = { ...call, headers: { ...call.headers, 'transfer-encoding': 'chunked' } };
    const answer = await send(server.http, chunked);
    expect([errorCode(answer), answer.status]).toEqual(['RequestTooLarge', 413]);
  });

  it('reads a chunked form', async () => {
    const call = v1(root, 'Kms', 'ListKeys', {}, 'POST');
    expect(await codeOf({ ...call, headers: { ...call.headers, 'transfer-encoding': 'chunked' } })).toBe('OK');
  });
});

describe('parameters', () => {
  const many = (count: number): Record<string, string> =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`P${index}`, '']));

  it('takes at most 1,000', async () => {
    const own = 9;
    expect(await codeOf(v1(root, 'Kms', 'ListKeys', many(1000 - own)))).toBe('OK');
    expect(await codeOf(v1(root, 'Kms', 'ListKeys', many(1001 - own)))).toBe('MalformedRequest');
  });

  it.each(['/?Action=%E4%B8', '/?Action=%', '/?Action=%zz', '/?%ff=1', '/?a=%C0%80'])('refuses %s', async (target) => {
    expect(await codeOf(plain(target))).toBe('MalformedRequest');
    expect(await codeOf(plain('/', 'POST', target.slice(2), FORM))).toBe('MalformedRequest');
  });

  it('refuses one name with two values, in the query, the form or both', async () => {
    const { target } = v1(root, 'Kms', 'ListKeys');
    expect(await codeOf(plain(`${target}&Action=CreateKey`))).toBe('DuplicateParameter');
    expect(await codeOf(plain(target, 'POST', 'Action=CreateKey', FORM))).toBe('DuplicateParameter');
    expect(await codeOf(plain('/', 'POST', 'A=1&A=2', FORM))).toBe('DuplicateParameter');
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype'])(
    'knows no operation, version or parameter called %s',
    async (name) => {
      expect(await codeOf(v1(root, 'Kms', name))).toBe('InvalidAction.NotFound');
      expect(await codeOf(v1(root, 'Kms', 'ListKeys', { Version: name }))).toBe('InvalidVersion');
      const parameters = Object.fromEntries([[name, 'x']]);
      expect(await codeOf(v1(root, 'Kms', 'ListKeys', parameters))).toBe('OK');
      expect(await codeOf(acs3(root, 'Kms', 'ListKeys', parameters, { host: server.http }))).toBe('OK');
      expect(await codeOf(acs3(root, 'Kms', name, {}, { host: server.http }))).toBe('InvalidAction.NotFound');
      expect(await codeOf(v1(root, 'Kms', 'DescribeKey', { KeyId: name }))).toBe('Forbidden.KeyNotFound');
      expect(await codeOf(v1(root, 'Ram', 'GetUser', { UserName: name }))).toMatch(
        /^(EntityNotExist|InvalidParameter)/,
      );
    },
  );

  it('knows operations by their exact name and version', async () => {
    for (const action of ['listKeys', 'LISTKEYS', 'ListKeys ', 'CreateUser', 'Nothing'])
      expect(await codeOf(v1(root, 'Kms', action))).toBe('InvalidAction.NotFound');
    expect(await codeOf(v1(root, 'Kms', 'ListKeys', { Version: '2016-01-21' }))).toBe('InvalidVersion');
    expect(await codeOf(v1(root, 'Kms', 'ListKeys', { Version: undefined }))).toBe('MissingVersion');
    expect(await codeOf(v1(root, 'Kms', 'ListKeys', { Action: undefined }))).toBe('MissingAction');
  });

  it('merges query and form', async () => {
    const { body } = v1(root, 'Kms', 'ListKeys', { PageSize: '7' }, 'POST');
    const pairs = body.split('&');
    const answer = await send(
      server.http,
      plain(`/?${pairs.slice(0, 4).join('&')}`, 'POST', pairs.slice(4).join('&'), FORM),
    );
    expect(success(answer)).toMatchObject({ PageSize: 7 });
  });
});

it('keeps a connection open after refusals and successes alike', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ports = new Set<number | undefined>();
  const targets = [v1(root, 'Kms', 'ListKeys').target, '/nothing', v1(root, 'Kms', 'ListKeys').target];
  for (const path of targets) {
    await new Promise<void>((resolve, reject) => {
      const request = httpRequest(`http://${server.http}`, { path, agent }, (response) => {
        ports.add(response.socket.localPort);
        response.resume().on('end', () => resolve());
      });
      request.on('error', reject).end();
    });
  }
  agent.destroy();
  expect(ports.size).toBe(1);
});
