import type { MemberClone } from '../domain/hsm-devices.ts';
import type { CloneFacts } from '../hsm-worker/admin.ts';
import type { ClusterRecord, UserRecord } from './device-files.ts';

/*
 * clone := json { payload, signature }; payload := json text of Payload. The cluster's identity key signs the payload
 * behind a prefix of its own, so that nobody on the way can change the users or certificates in it.
 */
interface Payload {
  readonly version: 1;
  readonly cluster: ClusterRecord;
  readonly users: readonly UserRecord[];
  readonly sealed: string;
  readonly identity: string;
}

export interface CloneParts {
  readonly cluster: ClusterRecord;
  readonly users: readonly UserRecord[];
  /** Cluster key under the transport key. */
  readonly sealed: Buffer;
  /** Identity key under the cluster key. */
  readonly identity: Buffer;
}

const PREFIX = Buffer.from('Coffer HSM member clone v1\0', 'latin1');
const LARGEST = 512 * 1024;

export async function packClone(
  parts: CloneParts,
  sign: (statement: Uint8Array) => Promise<Uint8Array>,
): Promise<MemberClone> {
  const content: Payload = {
    version: 1,
    cluster: parts.cluster,
    users: parts.users,
    sealed: parts.sealed.toString('base64'),
    identity: parts.identity.toString('base64'),
  };
  const payload = JSON.stringify(content);
  const signature = Buffer.from(await sign(statementOf(payload))).toString('base64');
  return { bytes: Buffer.from(JSON.stringify({ payload, signature }), 'utf8') };
}

/** Takes a clone apart; undefined when it has not the form. The signature is for the new member's HSM to judge. */
export function unpackClone(clone: MemberClone): (CloneParts & { facts: CloneFacts }) | undefined {
  if (clone.bytes.length > LARGEST) return undefined;
  try {
    const { payload, signature } = JSON.parse(Buffer.from(clone.bytes).toString('utf8')) as Record<string, string>;
    if (typeof payload !== 'string' || typeof signature !== 'string') return undefined;
    const { version, cluster, users, sealed, identity } = JSON.parse(payload) as Payload;
    if (version !== 1 || !Array.isArray(users)) return undefined;
    const facts: CloneFacts = {
      clusterId: cluster.clusterId,
      spki: cluster.spki,
      statement: statementOf(payload).toString('base64'),
      signature,
      ...(cluster.certificates === undefined ? {} : { certificates: cluster.certificates }),
    };
    return { facts, cluster, users, sealed: Buffer.from(sealed, 'base64'), identity: Buffer.from(identity, 'base64') };
  } catch {
    return undefined;
  }
}

function statementOf(payload: string): Buffer {
  return Buffer.concat([PREFIX, Buffer.from(payload, 'utf8')]);
}
