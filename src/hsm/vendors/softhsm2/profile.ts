import type { VendorProfile } from '../profile.ts';
import { softhsm2Verdicts } from './errors.ts';
import { openSofthsm2 } from './open.ts';

/** SoftHSM 2.6 as Debian packages it; see NOTES.md. */
export const softhsm2: VendorProfile = {
  name: 'softhsm2',
  module: {
    mechanisms: { kwp: 0x210a, oaepHash: 'sha1' },
    quirks: { emptyGcmByFinal: true, slotMovesOnInit: true },
    verdicts: softhsm2Verdicts,
  },
  limits: { pinLength: 24, cachedKeys: 4096 },
  open: openSofthsm2,
};
