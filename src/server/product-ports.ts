/** What each product's operations may use from the edge, and the tasks that run beside them. */

import type { Random } from '../core/random.ts';
import type { HsmDevices } from '../domain/hsm-devices.ts';
import { InstanceClaims } from '../domain/hsm-service/claims.ts';
import type { KeyBackends } from '../domain/kms/backend.ts';
import { keyStoreConnected } from '../domain/kms/cluster-usage.ts';
import { KEY_STORE_SERVICE } from '../domain/kms/key-store-role.ts';
import { keyStoreUsage } from '../domain/kms/key-store-usage.ts';
import type { ProductName } from '../domain/products.ts';
import { findRole } from '../domain/ram/role.ts';
import type { SessionTokens } from '../domain/ram/session.ts';
import type { Sealer } from '../domain/seal.ts';
import type { Storage } from '../domain/storage.ts';
import type { TaskHandler } from '../domain/tasks.ts';
import { createHsmWipe } from '../hsm-tasks/wipe.ts';
import { createSoftwareBackend } from '../keystore/backends/software/software-backend.ts';
import { createConnections } from '../keystore/connect/connections.ts';
import { createFabricPaths } from '../keystore/fabric-paths.ts';
import { createKeyBackends } from '../keystore/key-backends.ts';
import { processTimers } from '../keystore/timers.ts';
import { createKeyDeletion } from '../kms-tasks/key-deletion.ts';
import { createKeyRotation } from '../kms-tasks/key-rotation.ts';
import { createMessageLedger } from '../kms-tasks/message-ledger.ts';
import { createNetworkFabric } from '../network/fabric.ts';
import type { ServiceClient } from '../operation/service-client.ts';
import type { ActionTrailPorts } from '../operations/actiontrail/_product.ts';
import type { CofferPorts } from '../operations/coffer/_product.ts';
import type { EcsPorts } from '../operations/ecs/_product.ts';
import type { HsmPorts } from '../operations/hsm/_product.ts';
import type { KmsPorts } from '../operations/kms/_product.ts';
import type { RamPorts } from '../operations/ram/_product.ts';
import type { ResourceManagerPorts } from '../operations/resourcemanager/_product.ts';
import type { StsPorts } from '../operations/sts/_product.ts';
import type { VpcPorts } from '../operations/vpc/_product.ts';
import type { Log } from '../pipeline/ports.ts';
import { createRoleDeletion, createRoleDeletionForget } from '../slr/deletion-task.ts';
import type { ServiceClock } from './clock.ts';
import type { Config } from './config/schema.ts';
import { VERSION } from './version.ts';

export interface Edge {
  readonly config: Config;
  readonly storage: Storage;
  readonly clock: ServiceClock;
  readonly random: Random;
  readonly sealer: Sealer;
  readonly tokens: SessionTokens;
  readonly devices: HsmDevices;
  readonly services: ServiceClient;
  readonly log: Log;
  readonly startedAt: Date;
}

export interface ProductPorts {
  readonly ports: Readonly<Record<ProductName, unknown>>;
  readonly tasks: readonly TaskHandler<never>[];
  /** How many HSMs of a connected key store answer. */
  readonly storeHealth: KeyBackends['health'];
}

function cofferPorts(edge: Edge): CofferPorts {
  const { config, clock, devices } = edge;
  return {
    clock:
      config.mode === 'development'
        ? {
            offsetMs: () => clock.offsetMs,
            advance: (tx, byMs) => clock.advance(tx, byMs),
          }
        : undefined,
    status: async () => ({
      version: VERSION,
      mode: config.mode,
      region: config.region,
      startedAt: edge.startedAt,
      storage: config.storage.kind,
      hsms: devices.devices().map((deviceId) => {
        const { state, pid } = devices.status(deviceId);
        return { deviceId, state, ...(pid === undefined ? {} : { pid }) };
      }),
    }),
  };
}

/** Puts together what the products need. Nothing of it has to be closed but what {@link Edge} holds. */
export function createProductPorts(edge: Edge): ProductPorts {
  const { config, storage, random, sealer, services, log, devices } = edge;
  const software = createSoftwareBackend({ sealer, random });
  const fabric = createNetworkFabric({ storage, clock: edge.clock, random });
  const members = { devices, sealer, random, paths: createFabricPaths(fabric, storage.reader) };
  const backends = createKeyBackends({ ...members, software, reader: storage.reader, timers: processTimers });
  const connections = createConnections({
    ...members,
    services,
    fabric,
    backends,
    read: storage.reader,
    timers: processTimers,
    log,
  });
  const kms: KmsPorts = {
    random,
    backends,
    sealer,
    services,
    clearAway: connections.clearAway,
    linkedRoleExists: async (account, roleName, read) =>
      (await findRole(read, account, roleName))?.linkedService !== undefined,
    quotas: {
      keys: config.limits.keysPerRegion,
      aliases: config.limits.aliasesPerRegion,
      keyStores: config.limits.keyStoresPerRegion,
    },
    messages: createMessageLedger({ storage, log }),
    regions: [config.region, ...config.furtherRegions],
  };
  const ram: RamPorts = { random, sealer, quotas: config.ramQuotas };
  const sts: StsPorts = { random, tokens: edge.tokens };
  const resourcemanager: ResourceManagerPorts = { random };
  const vpc: VpcPorts = { random, regions: kms.regions };
  const ecs: EcsPorts = { random, regions: kms.regions };
  const hsm: HsmPorts = {
    random,
    devices,
    regions: kms.regions,
    clusterInUse: keyStoreConnected,
    claims: new InstanceClaims(),
  };
  const actiontrail: ActionTrailPorts = { events: storage };
  const ports: Readonly<Record<ProductName, unknown>> = {
    Kms: kms,
    Ram: ram,
    Sts: sts,
    ResourceManager: resourcemanager,
    Ecs: ecs,
    Vpc: vpc,
    Hsm: hsm,
    ActionTrail: actiontrail,
    Coffer: cofferPorts(edge),
  };
  return {
    ports,
    storeHealth: backends.health,
    tasks: [
      createRoleDeletion({ usageProbes: { [KEY_STORE_SERVICE]: keyStoreUsage }, random }),
      createRoleDeletionForget(),
      ...connections.tasks,
      createKeyDeletion({ backends, random }),
      createKeyRotation({ backends, random }),
      createHsmWipe({ devices, log, random, claims: hsm.claims, onlyNode: config.storage.kind === 'sqlite' }),
    ],
  };
}
