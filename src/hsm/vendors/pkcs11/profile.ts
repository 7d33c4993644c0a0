import type { VendorProfile } from '../profile.ts';
import { pkcs11Verdicts } from './errors.ts';
import { openPkcs11 } from './open.ts';

/** Any PKCS#11 module with AES-GCM and RFC 5649 key wrap; see NOTES.md for what it must be able to do. */
export const pkcs11: VendorProfile = {
  name: 'pkcs11',
  module: {
    mechanisms: { kwp: 0x210b, oaepHash: 'sha1' },
    quirks: { emptyGcmByFinal: true, slotMovesOnInit: true },
    verdicts: pkcs11Verdicts,
  },
  limits: { pinLength: 16, cachedKeys: 1024 },
  open: openPkcs11,
};
