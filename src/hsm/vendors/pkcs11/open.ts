import type { VendorOpen } from '../profile.ts';

/** An HSM that exists already: a slot of the configured module, found by its token's label or serial number. */
export const openPkcs11: VendorOpen = {
  capacity(config) {
    if ((config.tokenLabel === undefined) === (config.serial === undefined)) {
      throw new Error(`HSM "${config.name}": name its token by either tokenLabel or serial.`);
    }
    if (config.soPinFile === undefined) {
      throw new Error(`HSM "${config.name}": soPinFile must name the file with the security officer's PIN.`);
    }
    if (config.count !== undefined) throw new Error(`HSM "${config.name}": count is for tokens made on demand.`);
    return 1;
  },
  prepare: async () => ({}),
  select: (config) => (config.serial === undefined ? { label: config.tokenLabel ?? '' } : { serial: config.serial }),
  label: (config, deviceId) => config.tokenLabel ?? deviceId,
};
