import type { VendorProfile } from '../profile.ts';
import { classifyPkcs11 } from './errors.ts';
import { openPkcs11 } from './open.ts';

/** Any PKCS#11 module with AES-GCM and RFC 5649 key wrap; see NOTES.md for what it must be able to do. */
export const pkcs11: VendorProfile = {
  name: 'pkcs11',
  mechanisms: { kwp: 0x210b, oaepHash: 'sha1' },
  quirks: { emptyGcmByFinal: true, slotMovesOnInit: true },
  limits: { pinLength: 16, cachedKeys: 1024 },
  classify: classifyPkcs11,
  open: openPkcs11,
};
