import { attachPolicyTo } from './_attachment.ts';

export const AttachPolicyToGroup = attachPolicyTo('group');
