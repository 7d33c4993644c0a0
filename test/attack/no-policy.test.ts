/** A user without any policy before every operation there is. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PRODUCTS } from '../../src/domain/products.ts';
import { Fault } from '../../src/errors/fault.ts';
import type { Caller } from '../../src/operation/context.ts';
import { OPERATIONS } from '../../src/operations/index.ts';
import { openTestPipeline, type TestPipeline } from '../support/pipeline.ts';
import { requiredParameters } from './shapes.ts';

const SEALED = Buffer.from(`00000000-0000-4000-8000-000000000000${'\u0001'.repeat(40)}`, 'latin1').toString('base64');

let pipeline: TestPipeline;
let nobody: Caller;
beforeAll(async () => {
  pipeline = await openTestPipeline();
  nobody = await pipeline.user('nobody');
});
afterAll(() => pipeline.close());

/** Where only the right form gets as far as a decision. */
const FORMS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Decrypt: { CiphertextBlob: SEALED },
  ReEncrypt: { CiphertextBlob: SEALED },
  TagResource: { KeyId: 'key-hzz000000000000000000' },
  UntagResource: { KeyId: 'key-hzz000000000000000000' },
  GetServiceLinkedRoleDeletionStatus: { DeletionTaskId: `task/acs-service-role/x/y/${'0'.repeat(36)}` },
};

const guarded = OPERATIONS.filter((operation) => operation.permissions !== 'none');

async function refusal(caller: Caller, operation: (typeof OPERATIONS)[number], parameters: Record<string, string>) {
  try {
    await pipeline.call(caller, operation.product, operation.name, parameters);
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error(`${operation.name} was allowed`);
}

describe('a user without any policy', () => {
  it.each(guarded.map((operation) => [operation.product, operation.name, operation] as const))(
    '%s %s is denied',
    async (product, _name, operation) => {
      const fault = await refusal(nobody, operation, {
        ...requiredParameters(operation),
        ...FORMS[operation.name],
      });
      expect(fault.code, fault.message).toBe(PRODUCTS[product].denied);
      expect(fault.status).toBe(403);
    },
  );
});
