import { plainId } from '../core/ids.ts';
import type {
  DeviceModel,
  DeviceStatus,
  HsmAdmin,
  HsmDevices,
  HsmLink,
  ProvisionedDevice,
  UnconfiguredDevice,
} from '../domain/hsm-devices.ts';
import { HsmError } from '../domain/hsm-errors.ts';
import { createAdmin } from './admin.ts';
import { Device } from './device.ts';
import { DeviceFiles, type DeviceRecord } from './device-files.ts';
import type { HsmOptions } from './options.ts';
import { SerialQueue } from './serial-queue.ts';
import { vendorProfile } from './vendors/list.ts';
import type { DeviceConfig, VendorProfile } from './vendors/profile.ts';

interface Model {
  readonly config: DeviceConfig;
  readonly profile: VendorProfile;
  readonly capacity: number;
}

/**
 * Opens the HSMs of a configuration and those already handed out. Starts no process: that happens at first use. Throws
 * an Error with one sentence when the configuration makes no sense or a device's record is damaged.
 */
export async function openHsmDevices(options: HsmOptions): Promise<HsmDevices> {
  const models = readModels(options.devices);
  const files = new DeviceFiles(options.dataDir);
  const devices = new Map<string, { device: Device; admin: HsmAdmin }>();
  const unconfigured = new Map<string, UnconfiguredDevice>();
  const stock = new SerialQueue(256, () => new HsmError('Busy', '', 'too many HSMs are being handed out'));

  const adopt = (record: DeviceRecord, { config, profile }: Model): Device => {
    const device = new Device(record, config, profile, files, options);
    devices.set(record.deviceId, { device, admin: createAdmin(device) });
    return device;
  };
  const free = ({ config, capacity }: Model): number => {
    let taken = 0;
    for (const { device } of devices.values()) if (device.record.model === config.name) taken += 1;
    return Math.max(0, capacity - taken);
  };
  const find = (deviceId: string): { device: Device; admin: HsmAdmin } => {
    const found = devices.get(deviceId);
    if (found !== undefined) return found;
    const why = unconfigured.has(deviceId) ? 'its model is no longer configured' : 'this node does not have it';
    throw new HsmError('DeviceNotFound', deviceId, `HSM ${deviceId}: ${why}`);
  };

  for (const record of await files.all()) {
    const model = models.get(record.model);
    if (model === undefined || model.profile.name !== record.vendor) {
      const fields = { deviceId: record.deviceId, model: record.model };
      unconfigured.set(record.deviceId, fields);
      options.log.warn(fields, 'an HSM in use is no longer configured; it cannot be reached until it is');
    } else adopt(record, model);
  }

  const provision = async (name: string): Promise<ProvisionedDevice> => {
    const model = models.get(name);
    if (model === undefined) throw new HsmError('DeviceNotFound', '', 'no HSM of this name is configured');
    if (free(model) === 0) throw new HsmError('NoCapacity', '', `every HSM of "${name}" is taken`);
    const deviceId = plainId('hsmdev', options.random);
    const label = model.profile.open.label(model.config, deviceId);
    const record: DeviceRecord = { schema: 1, deviceId, model: name, vendor: model.profile.name, label };
    await files.create(record);
    return { deviceId, serial: adopt(record, model).serial, vendor: model.profile.name };
  };

  const release = async (deviceId: string): Promise<void> => {
    if (!devices.has(deviceId) && !unconfigured.has(deviceId)) return;
    const found = find(deviceId);
    await found.admin.zeroise();
    await found.device.supervisor.stop('the HSM was released');
    await found.device.removeFiles();
    devices.delete(deviceId);
  };

  return {
    models: (): DeviceModel[] =>
      [...models.values()].map((model) => ({
        name: model.config.name,
        vendor: model.profile.name,
        free: free(model),
      })),
    devices: () => [...devices.keys()],
    unconfigured: () => [...unconfigured.values()],
    provision: (name) => stock.run(() => provision(name)),
    release: (deviceId) => stock.run(() => release(deviceId)),
    admin: (deviceId) => find(deviceId).admin,
    dial: async (deviceId, timeoutMs): Promise<HsmLink> => find(deviceId).device.dial(timeoutMs),
    status: (deviceId): DeviceStatus => find(deviceId).device.supervisor.status(),
    usage: (deviceId) => find(deviceId).device.usage(),
    close: async () => {
      await Promise.all([...devices.values()].map(({ device }) => device.supervisor.close()));
    },
  };
}

function readModels(configs: readonly DeviceConfig[]): Map<string, Model> {
  const models = new Map<string, Model>();
  for (const config of configs) {
    const profile = vendorProfile(config.vendor);
    if (profile === undefined) throw new Error(`HSM "${config.name}": there is no vendor "${config.vendor}".`);
    if (models.has(config.name)) throw new Error(`HSM "${config.name}" is configured twice.`);
    models.set(config.name, { config, profile, capacity: profile.open.capacity(config) });
  }
  return models;
}
