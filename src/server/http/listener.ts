import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Reply } from './reply.ts';

/** Query strings of tens of kilobytes are normal: SDKs put whole secrets there. */
const MAX_HEADER_BYTES = 128 * 1024;
const HEADERS_TIMEOUT_MS = 15_000;
const REQUEST_TIMEOUT_MS = 60_000;
const KEEP_ALIVE_MS = 65_000;
/** Open connections of one listener, idle ones included; more are closed at once. */
const MAX_CONNECTIONS = 20_000;

/** Why bytes never become a request to handle: head too large, too slow, no HTTP, or a tunnel asked for. */
export type Unserved = 'headers' | 'timeout' | 'malformed' | 'connect';

export interface ListenerOptions {
  readonly host: string;
  readonly port: number;
  /** PEM certificate chain and key; plain HTTP without. */
  readonly tls: { readonly certificate: string; readonly key: string } | undefined;
  readonly handle: (request: IncomingMessage, secure: boolean) => Promise<Reply>;
  /** The answer to what is no HTTP request at all: status and the bytes after the status line. */
  readonly refuse: (reason: Unserved) => Reply;
}

/** A bound port. */
export interface Listener {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** Takes no new connection, lets running requests end, closes idle connections; cuts what is left after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

const STATUS_TEXT: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

function rawReply(reply: Reply): string {
  const length = Buffer.byteLength(reply.body);
  return `HTTP/1.1 ${reply.status} ${STATUS_TEXT[reply.status] ?? 'Error'}\r\nContent-Type: ${reply.contentType}\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n${reply.body}`;
}

function onClientError(options: ListenerOptions) {
  return (error: NodeJS.ErrnoException, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const reason =
      error.code === 'HPE_HEADER_OVERFLOW'
        ? 'headers'
        : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
          ? 'timeout'
          : 'malformed';
    socket.end(rawReply(options.refuse(reason)));
  };
}

function send(response: ServerResponse, reply: Reply): void {
  response.writeHead(reply.status, {
    'content-type': reply.contentType,
    'content-length': Buffer.byteLength(reply.body),
    ...reply.headers,
  });
  response.end(reply.body);
}

/** Binds a port and serves it. Rejects when the address cannot be bound. */
export async function listen(options: ListenerOptions): Promise<Listener> {
  const secure = options.tls !== undefined;
  const limits = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: 5_000,
    noDelay: true,
    // Node would answer such a request itself, with no API error in it; the signatures that need a Host ask for it.
    requireHostHeader: false,
  };
  let closing = false;
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    options.handle(request, secure).then(
      (reply) => {
        if (closing) response.setHeader('connection', 'close');
        send(response, reply);
      },
      () => response.destroy(),
    );
  };
  const server: Server =
    options.tls === undefined
      ? createServer(limits, onRequest)
      : createTlsServer(
          { ...limits, cert: options.tls.certificate, key: options.tls.key, minVersion: 'TLSv1.2' },
          onRequest,
        );
  server.maxConnections = MAX_CONNECTIONS;
  // Likewise: Node answers expectations it does not know and requests for a tunnel by itself.
  server.on('checkExpectation', onRequest);
  server.on('connect', (_: IncomingMessage, socket: Duplex) => {
    socket.on('error', () => socket.destroy());
    socket.end(rawReply(options.refuse('connect')));
  });
  server.on('clientError', onClientError(options));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    host: options.host,
    port: (server.address() as AddressInfo).port,
    tls: secure,
    close: (graceMs) =>
      new Promise((resolve) => {
        closing = true;
        const cut = setTimeout(() => server.closeAllConnections(), graceMs);
        server.close(() => {
          clearTimeout(cut);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}
