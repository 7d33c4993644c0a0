import { detachPolicyFrom } from './_attachment.ts';

export const DetachPolicyFromGroup = detachPolicyFrom('group');
