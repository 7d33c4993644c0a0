import { fail } from '../../errors/fault.ts';
import type { LookupContext } from '../../operation/context.ts';
import { text } from '../../schema/fields.ts';
import { findKey, type NamedKey } from './_key-reference.ts';

/** The three ways TagResource and UntagResource name what they change; keys are the only kind there is. */
export const taggedInput = {
  KeyId: text({ doc: 'The key, in any form.', max: 512 }),
  SecretName: text({ doc: 'A secret. There are none here yet, so it is refused.', max: 512 }),
  CertificateId: text({ doc: 'A certificate. Not supported.', max: 512 }),
};

interface Tagged {
  readonly KeyId: string | undefined;
  readonly SecretName: string | undefined;
  readonly CertificateId: string | undefined;
}

/** Finds the key to tag; anything else named, or nothing, is refused. */
export async function findTagged(ctx: LookupContext, input: Tagged): Promise<NamedKey> {
  for (const name of ['SecretName', 'CertificateId'] as const) {
    if (input[name] !== undefined) throw fail('InvalidParameter', { name });
  }
  if (input.KeyId === undefined) throw fail('MissingParameter', { name: 'KeyId' });
  return findKey(ctx, input.KeyId);
}
