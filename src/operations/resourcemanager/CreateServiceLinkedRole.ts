import { createServiceLinkedRole } from '../../slr/create.ts';

export const CreateServiceLinkedRole = createServiceLinkedRole('ResourceManager');
