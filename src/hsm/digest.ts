import { createHash } from 'node:crypto';
import type { ClusterRecord } from './device-files.ts';

/**
 * Digest of what members of a cluster have in common. Passwords are left out: they belong to one HSM each, and equal
 * passwords have different hashes.
 */
export function stateDigest(cluster: ClusterRecord, users: readonly string[]): string {
  const { clusterId, spki, certificates } = cluster;
  const state = [clusterId, spki, certificates?.owner ?? '', certificates?.cluster ?? '', ...[...users].sort()];
  return createHash('sha256').update(JSON.stringify(state)).digest('hex');
}
