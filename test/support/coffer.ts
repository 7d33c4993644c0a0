/** A whole server on loopback, in a directory of its own, for clients that know nothing of Coffer. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '../../src/server/config/load.ts';
import { type Server, startServer } from '../../src/server/server.ts';
import { suiteDatabase } from './database.ts';

export interface TestServer {
  readonly server: Server;
  readonly directory: string;
  /** `host:port` of the plain listener. */
  readonly http: string;
  /** `host:port` of the TLS listener. */
  readonly https: string;
  readonly account: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  /** Stops the server and starts another over the same directory, on other ports. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export async function startTestServer(configuration = ''): Promise<TestServer> {
  const directory = await mkdtemp(join(tmpdir(), 'coffer-server-'));
  const database = await suiteDatabase(directory);
  const config = parseConfig(
    `${database.configuration}\nmode: development\nlog: { level: error }\nshutdownGraceSeconds: 5\ndataDir: data\nlisten:\n  - { host: 127.0.0.1, port: 0 }\n  - { host: 127.0.0.1, port: 0, tls: true }\n${configuration}`,
    'test',
    directory,
  );
  let server = await startServer(config);
  const first = server.coffer.firstStart!;
  return {
    get server() {
      return server;
    },
    directory,
    get http() {
      return server.endpoints[0]!.slice('http://'.length);
    },
    get https() {
      return server.endpoints[1]!.slice('https://'.length);
    },
    account: server.coffer.account,
    accessKeyId: first.accessKeyId,
    accessKeySecret: first.accessKeySecret.revealText(),
    restart: async () => {
      await server.stop();
      server = await startServer(config);
    },
    close: async () => {
      await server.stop();
      await database.drop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
