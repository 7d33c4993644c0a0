/** The vendor's own clients, told nothing but an address and an AccessKey. */
import { readFileSync } from 'node:fs';
import openapi from '@alicloud/openapi-client';
import PopCore from '@alicloud/pop-core';
import { PRODUCTS, type ProductName } from '../../src/domain/products.ts';
import type { TestServer } from './coffer.ts';

/** What signs: an AccessKey, or the temporary one of a session with its token. */
export interface Key {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly securityToken?: string;
}

/** What a client talks to, and as whom. */
export interface Peer {
  readonly server: TestServer;
  /** The account's root AccessKey when left out. */
  readonly key?: Key;
  /** HTTPS with the server's own CA. */
  readonly secure?: boolean;
}

// biome-ignore lint/suspicious/noExplicitAny: answers of generic clients are untyped JSON
export type Answer = any;

/** Calls any operation. */
export type Call = (
  product: ProductName,
  action: string,
  parameters?: Readonly<Record<string, unknown>>,
) => Promise<Answer>;

export function rootKey(server: TestServer): Key {
  return { accessKeyId: server.accessKeyId, accessKeySecret: server.accessKeySecret };
}

/** PEM of the CA that signed the server's certificate. */
export function caOf(server: TestServer): string {
  return readFileSync(server.server.caFile!, 'utf8');
}

/** A product's client of the vendor; their configuration classes differ, their members do not. */
export function sdkClient<C, T>(client: new (config: C) => T, peer: Peer): T {
  const { server, key = rootKey(server), secure = false } = peer;
  const config = {
    ...key,
    endpoint: secure ? server.https : server.http,
    protocol: secure ? 'https' : 'http',
    regionId: server.server.coffer.config.region,
    ...(secure ? { ca: caOf(server) } : {}),
  };
  return new client(config as C);
}

/** Calls through `@alicloud/pop-core`: signature V1, everything in the query (GET) or in the form (POST). */
export function popCall(peer: Peer, method: 'GET' | 'POST' = 'POST'): Call {
  const { server, key = rootKey(server) } = peer;
  const clients = new Map<ProductName, PopCore>();
  return (product, action, parameters = {}) => {
    let client = clients.get(product);
    if (client === undefined) {
      client = new PopCore({ ...key, endpoint: `http://${server.http}`, apiVersion: PRODUCTS[product].version });
      clients.set(product, client);
    }
    return client.request(action, parameters, { method, timeout: 60_000 });
  };
}

/** How the generic client signs and sends. */
export interface GenericOptions {
  /** `v2` is signature V1. */
  readonly signatureAlgorithm?: 'ACS3-HMAC-SHA256' | 'ACS3-HMAC-SM3' | 'v2';
  readonly method?: 'GET' | 'POST';
  /** Where the operation's parameters go. */
  readonly place?: 'query' | 'body';
}

/** Calls through `@alicloud/openapi-client`; answers the body. */
export function genericCall(peer: Peer, options: GenericOptions = {}): Call {
  const { method = 'POST', place = 'query', signatureAlgorithm } = options;
  const client = sdkClient(
    class extends openapi.default {
      constructor(config: Record<string, unknown>) {
        super(new openapi.Config({ ...config, ...(signatureAlgorithm === undefined ? {} : { signatureAlgorithm }) }));
      }
    },
    peer,
  );
  return async (product, action, parameters = {}) => {
    const params = new openapi.Params({
      action,
      version: PRODUCTS[product].version,
      protocol: peer.secure === true ? 'HTTPS' : 'HTTP',
      pathname: '/',
      method,
      authType: 'AK',
      style: 'RPC',
      reqBodyType: 'formData',
      bodyType: 'json',
    });
    const request = new openapi.OpenApiRequest({ [place]: parameters });
    // Its connect timeout is a limit on silence, which a cluster's RSA key pair may need on a busy machine.
    const runtime = { readTimeout: 60_000, connectTimeout: 60_000 } as Parameters<typeof client.callApi>[2];
    return (await client.callApi(params, request, runtime)).body;
  };
}

/** An error as the vendor's clients show it, whichever it was. */
export interface Refusal {
  readonly code: string;
  /** HTTP status; undefined where a client does not tell. */
  readonly status: number | undefined;
  readonly message: string;
  /** The body. */
  readonly data: Answer;
}

/** What a call was refused with; fails when it was not. */
export async function refusalOf(promise: Promise<unknown>): Promise<Refusal> {
  const error = await promise.then(
    (answer) => {
      throw new Error(`expected a refusal, got ${JSON.stringify(answer)}`);
    },
    (caught: Answer) => caught,
  );
  if (error.code === undefined) throw error;
  return {
    code: String(error.code),
    status: error.statusCode ?? error.entry?.response.statusCode ?? error.data?.statusCode,
    message: error.message,
    data: error.data,
  };
}
