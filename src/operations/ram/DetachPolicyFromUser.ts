import { detachPolicyFrom } from './_attachment.ts';

export const DetachPolicyFromUser = detachPolicyFrom('user');
