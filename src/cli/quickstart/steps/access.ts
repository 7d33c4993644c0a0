import { type Call, type SdkError, sdk } from '../client.ts';
import { type Step, until } from '../story.ts';

const ROLE = 'AliyunServiceRoleForKMSKeyStore';

/** The statement of the vendor's page about the service-linked role for key stores, to the letter. */
const MAY_CREATE_ROLE = {
  Action: 'ram:CreateServiceLinkedRole',
  Resource: '*',
  Effect: 'Allow',
  Condition: { StringEquals: { 'ram:ServiceName': 'keystore.kms.aliyuncs.com' } },
};

function newStore(clusterId: string, password: string, certificate: string) {
  return {
    KeyStoreName: 'quickstart-store',
    HsmClusterId: clusterId,
    Description: 'made by the quickstart',
    KeyStorePassword: password,
    SecurityDomainCertificate: certificate,
  };
}

export const makeUser: Step = {
  title: 'Make the RAM user alice, who may do everything in KMS',
  run: async (story) => {
    const { root } = story;
    await root('Ram', 'CreateUser', { UserName: 'alice' });
    const { AccessKey } = await root('Ram', 'CreateAccessKey', { UserName: 'alice' });
    story.userKey = { accessKeyId: AccessKey.AccessKeyId, accessKeySecret: AccessKey.AccessKeySecret };
    story.user = sdk(story.endpoint, story.userKey);
    const document = { Version: '1', Statement: [{ Effect: 'Allow', Action: 'kms:*', Resource: '*' }] };
    await root('Ram', 'CreatePolicy', { PolicyName: 'use-kms', PolicyDocument: JSON.stringify(document) });
    await root('Ram', 'AttachPolicyToUser', { PolicyName: 'use-kms', PolicyType: 'Custom', UserName: 'alice' });
    return `alice with ${AccessKey.AccessKeyId} and kms:* on everything`;
  },
};

export const refusedStore: Step = {
  title: 'Alice creates a private key store without the right to create its role',
  run: async (story) => {
    const refusal = await story
      .user('Kms', 'CreateKeyStore', newStore(story.clusterId, story.kmsuserPassword, story.ownerCertificate))
      .then(
        () => undefined,
        (error: SdkError) => error,
      );
    if (refusal === undefined) throw new Error('the key store was created, but should have been refused');
    const detail = refusal.data?.AccessDeniedDetail;
    if (detail?.AuthAction !== 'ram:CreateServiceLinkedRole') throw refusal;
    const { TotalCount } = await story.root('Kms', 'DescribeKeyStores');
    if (TotalCount !== 0) throw new Error('a key store was left behind by the refusal');
    return `refused with ${refusal.code}: ${detail.NoPermissionType} of ${detail.AuthAction}; nothing was created; the missing statement is\n      ${detail.MissingStatement}`;
  },
};

export const createdStore: Step = {
  title: 'Attach that statement; alice creates the store, and the service-linked role comes with it',
  run: async (story) => {
    const { root } = story;
    const document = { Version: '1', Statement: [MAY_CREATE_ROLE] };
    await root('Ram', 'CreatePolicy', {
      PolicyName: 'create-key-store-role',
      PolicyDocument: JSON.stringify(document),
    });
    await root('Ram', 'AttachPolicyToUser', {
      PolicyName: 'create-key-store-role',
      PolicyType: 'Custom',
      UserName: 'alice',
    });
    const store = await story.user(
      'Kms',
      'CreateKeyStore',
      newStore(story.clusterId, story.kmsuserPassword, story.ownerCertificate),
    );
    story.keyStoreId = store.KeyStoreId;
    const { Role } = await root('Ram', 'GetRole', { RoleName: ROLE });
    return `${store.KeyStoreId} is ${store.ConnectionState}; ${Role.Arn} exists`;
  },
};

export const roleInUse: Step = {
  title: 'Try to delete the service-linked role',
  run: async (story) => {
    const status = await deleteRole(story.root);
    if (status.Status !== 'FAILED')
      throw new Error(`the deletion ended ${status.Status}, but a key store needs the role`);
    const usages = status.Reason.RoleUsages.RoleUsage.flatMap(
      (usage: { Region: string; Resources: { Resource: string[] } }) => usage.Resources.Resource,
    );
    return `FAILED as it must: held by ${usages.join(', ')}`;
  },
};

export const roleGone: Step = {
  title: 'Delete the service-linked role',
  run: async (story) => {
    const status = await deleteRole(story.root);
    if (status.Status !== 'SUCCEEDED')
      throw new Error(`the deletion ended ${status.Status}: ${JSON.stringify(status.Reason)}`);
    return 'SUCCEEDED: nothing held it any more';
  },
};

async function deleteRole(root: Call) {
  const { DeletionTaskId } = await root('ResourceManager', 'DeleteServiceLinkedRole', { RoleName: ROLE });
  return until(
    'the deletion task',
    30,
    () => root('ResourceManager', 'GetServiceLinkedRoleDeletionStatus', { DeletionTaskId }),
    (answer) => !['NOT_STARTED', 'IN_PROGRESS'].includes(answer.Status),
  );
}
