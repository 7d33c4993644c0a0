import { declare } from '../../operation/operation.ts';
import type { LinkedRolePorts } from '../../slr/ports.ts';

/** What ResourceManager operations may use besides records. */
export type ResourceManagerPorts = LinkedRolePorts;

export const { reads } = declare<ResourceManagerPorts>();
