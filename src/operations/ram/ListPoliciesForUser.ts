import { listPoliciesFor } from './_attachment.ts';

export const ListPoliciesForUser = listPoliciesFor('user');
