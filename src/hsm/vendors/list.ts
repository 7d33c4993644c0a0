import { lookup, table } from '../../core/table.ts';
import { pkcs11 } from './pkcs11/profile.ts';
import type { VendorProfile } from './profile.ts';
import { softhsm2 } from './softhsm2/profile.ts';

/** Every kind of HSM Coffer knows. A new vendor is a folder beside the others and a name here. */
export const VENDORS = table({ softhsm2, pkcs11 });

/** The profile of a vendor; undefined for an unknown name. */
export function vendorProfile(name: string): VendorProfile | undefined {
  return lookup<VendorProfile>(VENDORS, name);
}
