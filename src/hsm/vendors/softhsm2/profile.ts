import type { VendorProfile } from '../profile.ts';
import { classifySofthsm2 } from './errors.ts';
import { openSofthsm2 } from './open.ts';

/** SoftHSM 2.6 as Debian packages it; see NOTES.md. */
export const softhsm2: VendorProfile = {
  name: 'softhsm2',
  mechanisms: { kwp: 0x210a, oaepHash: 'sha1' },
  quirks: { emptyGcmByFinal: true, slotMovesOnInit: true },
  limits: { pinLength: 24, cachedKeys: 4096 },
  classify: classifySofthsm2,
  open: openSofthsm2,
};
