import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Reply } from './reply.ts';

/** Query strings of tens of kilobytes are normal: SDKs put whole secrets there. */
const MAX_HEADER_BYTES = 128 * 1024;
/** How long clients may take. */
const TIMES = {
  headersMs: 15_000,
  /** For a body of 1 MiB it takes 0.5 Mbit/s: who is slower holds memory, and has shown no AccessKey yet. */
  requestMs: 20_000,
  keepAliveMs: 65_000,
  /** Between two looks for clients that took too long. */
  lookMs: 5_000,
  /** For reading the answer to a refused connection, and closing it. */
  lingerMs: 2_000,
} as const;

/**
 * Open connections of one listener, idle ones included; more are closed at once. Each is a file descriptor, and a process
 * may often have 4,096 (Node raises its limit to the highest allowed): without any left, database and HSMs fail too.
 */
const MAX_CONNECTIONS = 4_000;

/** Why bytes never become a request to handle: head too large, too slow, no HTTP, or a tunnel asked for. */
export type Unserved = 'headers' | 'timeout' | 'malformed' | 'connect';

export interface ListenerOptions {
  readonly host: string;
  readonly port: number;
  /** PEM certificate chain and key; plain HTTP without. */
  readonly tls: { readonly certificate: string; readonly key: string } | undefined;
  readonly handle: (request: IncomingMessage, secure: boolean) => Promise<Reply>;
  /** Other times than usual, for tests. */
  readonly times?: Readonly<Partial<Record<keyof typeof TIMES, number>>>;
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

function onClientError(options: ListenerOptions, lingerMs: number) {
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
    endInTime(socket, rawReply(options.refuse(reason)), lingerMs);
  };
}

/** Node watches a connection no longer once it has been refused: one that its client keeps open would stay for ever. */
function endInTime(socket: Duplex, reply: string, lingerMs: number): void {
  const cut = setTimeout(() => socket.destroy(), lingerMs);
  cut.unref();
  socket.once('close', () => clearTimeout(cut));
  socket.end(reply);
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
  const times = { ...TIMES, ...options.times };
  const limits = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: times.headersMs,
    requestTimeout: times.requestMs,
    keepAliveTimeout: times.keepAliveMs,
    connectionsCheckingInterval: times.lookMs,
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
          {
            ...limits,
            cert: options.tls.certificate,
            key: options.tls.key,
            minVersion: 'TLSv1.2',
            handshakeTimeout: times.headersMs,
          },
          onRequest,
        );
  server.maxConnections = MAX_CONNECTIONS;
  // Likewise: Node answers expectations it does not know and requests for a tunnel by itself.
  server.on('checkExpectation', onRequest);
  server.on('connect', (_: IncomingMessage, socket: Duplex) => {
    socket.on('error', () => socket.destroy());
    endInTime(socket, rawReply(options.refuse('connect')), times.lingerMs);
  });
  server.on('clientError', onClientError(options, times.lingerMs));
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
