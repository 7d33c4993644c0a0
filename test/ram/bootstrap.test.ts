import { expect, it } from 'vitest';
import { bootstrap } from '../../src/access/bootstrap.ts';
import { Secret } from '../../src/core/secret.ts';
import { createSealer } from '../../src/seal/sealer.ts';
import { ACCOUNT, openIdentities, START } from './support.ts';

it('makes one account with a root key and shows the secret once', async () => {
  const { storage, bootstrapped, authenticator, root, events } = await openIdentities();
  expect(bootstrapped.accountId).toBe(ACCOUNT);
  expect(bootstrapped.rootKey?.accessKeyId).toMatch(/^LTAI[A-Za-z0-9]{20}$/);
  const secret = bootstrapped.rootKey!.secret;
  expect(secret.revealText()).toMatch(/^[A-Za-z0-9]{30}$/);
  expect((await authenticator.find(bootstrapped.rootKey!.accessKeyId, undefined)).secret.equals(secret)).toBe(true);
  expect(root).toMatchObject({
    principal: { kind: 'root', account: ACCOUNT },
    identity: { type: 'root-account', principalId: ACCOUNT, accountId: ACCOUNT, userName: 'root' },
  });
  const random = { bytes: (count: number) => new Uint8Array(count) };
  const sealer = createSealer(new Secret(new Uint8Array(32)), random);
  const again = await Promise.all([1, 2].map(() => bootstrap({ storage, sealer, random, now: START })));
  expect(again).toEqual([{ accountId: ACCOUNT }, { accountId: ACCOUNT }]);
  const made = (await events()).filter(({ eventName }) => eventName === 'AccountCreated');
  expect(made).toHaveLength(1);
  expect(JSON.stringify(made)).not.toContain(secret.revealText());
});
