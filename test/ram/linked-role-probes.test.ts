/** The program as it is put together answers for every row of the catalogue. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LINKED_ROLES } from '../../src/slr/catalogue.ts';
import { eventually } from '../support/eventually.ts';
import { openTestPipeline, type TestPipeline } from '../support/pipeline.ts';

let pipeline: TestPipeline;
beforeAll(async () => {
  pipeline = await openTestPipeline();
});
afterAll(() => pipeline.close());

it.each(Object.values(LINKED_ROLES))('there is a usage probe for the role of $serviceName', async (row) => {
  const call = (name: string, values: Record<string, string>) => pipeline.call(pipeline.root, 'Ram', name, values);
  await call('CreateServiceLinkedRole', { ServiceName: row.serviceName });
  const { DeletionTaskId } = await call('DeleteServiceLinkedRole', { RoleName: row.roleName });
  const task = { DeletionTaskId: DeletionTaskId as string };
  // Without a probe it ends as well, with INTERNAL_ERROR.
  const status = await eventually(async () => {
    const { Status } = await call('GetServiceLinkedRoleDeletionStatus', task);
    expect(['NOT_STARTED', 'IN_PROGRESS']).not.toContain(Status);
    return Status;
  });
  expect(status).toBe('SUCCEEDED');
});
