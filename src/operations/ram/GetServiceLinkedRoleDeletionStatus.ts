import { getServiceLinkedRoleDeletionStatus } from '../../slr/deletion-status.ts';

export const GetServiceLinkedRoleDeletionStatus = getServiceLinkedRoleDeletionStatus('Ram');
