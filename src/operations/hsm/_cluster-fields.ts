import { text } from '../../schema/fields.ts';

/** A cluster's name: 1 to 24 characters. */
export function clusterName<R extends boolean>(required: R) {
  return text({ doc: 'Name of the cluster. Need not be unique.', required, max: 24 });
}
