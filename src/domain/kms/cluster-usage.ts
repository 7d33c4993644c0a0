import type { Place, Reader } from '../storage.ts';
import { KEY_STORES } from './key-store.ts';

/** Whether something works with the HSM cluster just now, so that its last HSM must not go. */
export type ClusterUsage = (read: Reader, place: Place, clusterId: string) => Promise<boolean>;

/** Whether a private key store is connected to the cluster, or connecting. */
export const keyStoreConnected: ClusterUsage = async (read, place, clusterId) => {
  const store = await read.find(KEY_STORES, place, 'cluster', clusterId);
  return store?.connection === 'Connected' || store?.connection === 'Connecting';
};
