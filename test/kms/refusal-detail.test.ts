import { expect, it } from 'vitest';
import type { Fault } from '../../src/errors/fault.ts';
import { openTestPipeline } from '../support/pipeline.ts';

it('tells when the missing statement covers more than the call, and only then', async () => {
  const pipeline = await openTestPipeline();
  try {
    const { KeyMetadata } = await pipeline.call(pipeline.root, 'Kms', 'CreateKey');
    const { KeyId } = KeyMetadata as { KeyId: string };
    await pipeline.call(pipeline.root, 'Kms', 'CreateAlias', { KeyId, AliasName: 'alias/mine' });
    const sent = { KeyId: 'alias/mine', Plaintext: 'x' };
    const { CiphertextBlob } = await pipeline.call(pipeline.root, 'Kms', 'Encrypt', sent);
    const nobody = await pipeline.user('nobody');
    const refused = async (operation: string, values: Record<string, string>) => {
      const fault = (await pipeline
        .call(nobody, 'Kms', operation, values)
        .catch((error: unknown) => error as Fault)) as Fault;
      const { MissingStatement, Explanation } = fault.detail!;
      return { resource: JSON.parse(MissingStatement!).Resource as string, wider: /every resource/.test(Explanation!) };
    };
    const arn = (id: string) => `acs:kms:cn-hangzhou:${pipeline.account}:key/${id}`;
    expect(await refused('DescribeKey', { KeyId })).toEqual({ resource: arn(KeyId), wider: false });
    expect(await refused('DescribeKey', { KeyId: 'alias/mine' })).toEqual({ resource: arn('*'), wider: true });
    expect(await refused('DescribeKey', { KeyId: 'alias/none' })).toEqual({ resource: arn('*'), wider: true });
    expect(await refused('Decrypt', { CiphertextBlob: CiphertextBlob as string })).toEqual({
      resource: arn('*'),
      wider: true,
    });
  } finally {
    await pipeline.close();
  }
});
