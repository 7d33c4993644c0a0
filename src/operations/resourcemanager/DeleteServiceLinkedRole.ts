import { deleteServiceLinkedRole } from '../../slr/delete.ts';

export const DeleteServiceLinkedRole = deleteServiceLinkedRole('ResourceManager');
