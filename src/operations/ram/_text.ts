/** Parameters that several operations share: lengths and characters as the vendor documents them. */
import { text } from '../../schema/fields.ts';

const NAME = { pattern: /^[A-Za-z0-9._-]+$/, form: 'letters, digits, `.`, `_`, `-`' };

/** An attribute that may be cleared by sending it empty. */
const OPEN = { min: 0 } as const;

export const userName = (doc = 'Name of the user.') => text({ doc, required: true, max: 64, ...NAME });
export const optionalUserName = (doc: string) => text({ doc, max: 64, ...NAME });
export const groupName = (doc = 'Name of the group.') => text({ doc, required: true, max: 64, ...NAME });
export const optionalGroupName = (doc: string) => text({ doc, max: 64, ...NAME });
export const policyName = (doc = 'Name of the policy.') =>
  text({ doc, required: true, max: 128, pattern: /^[A-Za-z0-9-]+$/, form: 'letters, digits, `-`' });

export const displayName = (doc = 'Name to show.') =>
  text({ doc, max: 128, ...OPEN, pattern: /^[\p{L}\p{N}@._-]*$/u, form: 'letters, digits, `@`, `.`, `_`, `-`' });
export const mobilePhone = (doc = 'Phone number: `86-1868888****`.') =>
  text({
    doc,
    max: 64,
    ...OPEN,
    pattern: /^(\d{1,4}-[\d*]{4,20})?$/,
    form: 'country code, `-`, number',
    breach: 'format',
  });
export const email = (doc = 'Mail address.') =>
  text({ doc, max: 128, ...OPEN, pattern: /^([^\s@]+@[^\s@]+)?$/, form: 'a mail address', breach: 'format' });
export const comments = (doc = 'Remarks.') => text({ doc, max: 128, ...OPEN });
export const description = (doc = 'Description.') => text({ doc, max: 1024, ...OPEN });
