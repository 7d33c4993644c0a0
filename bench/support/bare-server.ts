/**
 * A server that does nothing: `node:http` with its defaults, one answer for all. The parent sets the answer and learns
 * the port by message. Run as a process of its own.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

let body = '{}';
const server = createServer({ maxHeaderSize: 128 * 1024, noDelay: true }, (_request, response) => {
  response.writeHead(200, {
    'content-type': 'application/json;charset=utf-8',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
});

process.on('message', (message: { readonly answer: string }) => {
  body = message.answer;
  process.send!({ set: true });
});
process.on('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', () => process.send!({ port: (server.address() as AddressInfo).port }));
