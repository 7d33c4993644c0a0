import { listPoliciesFor } from './_attachment.ts';

export const ListPoliciesForGroup = listPoliciesFor('group');
