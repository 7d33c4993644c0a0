import { listPoliciesFor } from './_attachment.ts';

export const ListPoliciesForRole = listPoliciesFor('role');
