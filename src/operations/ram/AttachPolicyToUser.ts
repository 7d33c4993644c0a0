import { attachPolicyTo } from './_attachment.ts';

export const AttachPolicyToUser = attachPolicyTo('user');
