import type { Server } from '../../server/server.ts';
import type { AccessKey, Call } from './client.ts';

/** What the chapters of the quickstart know and leave for each other. */
export interface Story {
  readonly server: Server;
  /** `http://127.0.0.1:9080`. */
  readonly endpoint: string;
  readonly region: string;
  readonly account: string;
  readonly rootKey: AccessKey;
  readonly root: Call;
  /** A fresh directory for the files the story makes. */
  readonly directory: string;
  vpcId: string;
  vSwitchIds: string[];
  instanceIds: string[];
  clusterId: string;
  /** PEM of the owner's CA certificate: the security domain certificate. */
  ownerCertificate: string;
  kmsuserPassword: string;
  user: Call;
  userKey: AccessKey;
  keyStoreId: string;
  keyId: string;
}

/** One step: what it does, and one line about what happened. Throws when it fails. */
export interface Step {
  readonly title: string;
  readonly run: (story: Story) => Promise<string>;
}

/** Asks until `done` likes the answer, at most `seconds`. */
export async function until<T>(
  what: string,
  seconds: number,
  ask: () => Promise<T>,
  done: (answer: T) => boolean,
): Promise<T> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (done(answer)) return answer;
    if (performance.now() > end)
      throw new Error(`${what} did not happen within ${seconds} s: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
