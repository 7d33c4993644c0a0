import { fail } from '../../errors/fault.ts';
import { text } from '../../schema/fields.ts';

/** `Recipient`: an attestation document, for an answer that only its holder can read. */
export function recipient() {
  return text({
    doc: 'Not supported; refused, because an answer in clear is not what its sender wants.',
    max: 262_144,
  });
}

/** Refuses a call with `Recipient`, before anything secret is made. */
export function withoutRecipient(input: { readonly Recipient: string | undefined }): void {
  if (input.Recipient !== undefined) throw fail('InvalidParameter', { name: 'Recipient' });
}
