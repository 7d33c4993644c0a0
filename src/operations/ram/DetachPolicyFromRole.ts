import { detachPolicyFrom } from './_attachment.ts';

export const DetachPolicyFromRole = detachPolicyFrom('role');
