import { isoSeconds } from '../../core/time.ts';
import type { KeyVersionRecord } from '../../domain/kms/key.ts';
import { out } from '../../schema/output.ts';

/** `KeyVersion` in answers. */
export const keyVersionOutput = {
  KeyId: out.text('Id of the key.'),
  KeyVersionId: out.text('Id of the version.'),
  CreationDate: out.text('When the version was made.'),
};

export function keyVersionAnswer(version: KeyVersionRecord) {
  return {
    KeyId: version.keyId,
    KeyVersionId: version.versionId,
    CreationDate: isoSeconds(new Date(version.createdAt)),
  };
}
