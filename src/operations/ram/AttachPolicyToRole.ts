import { attachPolicyTo } from './_attachment.ts';

export const AttachPolicyToRole = attachPolicyTo('role');
