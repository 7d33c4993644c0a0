import type { Storage } from '../../domain/storage.ts';
import { declare } from '../../operation/operation.ts';

export interface ActionTrailPorts {
  readonly events: Pick<Storage, 'lookupEvents'>;
}

export const { reads } = declare<ActionTrailPorts>();
