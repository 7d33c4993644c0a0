import { type Step, type Story, until } from '../story.ts';

async function connection(story: Story) {
  const { KeyStore } = await story.user('Kms', 'DescribeKeyStore', { KeyStoreId: story.keyStoreId });
  return KeyStore;
}

export const connectStore: Step = {
  title: 'Connect the store: KMS acts only as the role',
  run: async (story) => {
    await story.user('Kms', 'ConnectKeyStore', { KeyStoreId: story.keyStoreId });
    const store = await until(
      'the connection',
      60,
      () => connection(story),
      (found) => found.ConnectionState !== 'Connecting',
    );
    if (store.ConnectionState !== 'Connected')
      throw new Error(`${store.ConnectionState}: ${store.ConnectionErrorCode} ${store.ConnectionErrorMessage}`);
    // The HSMs' sessions open at first use; a moment after connecting on a busy machine not all may have answered yet.
    const healthy = await until(
      'the HSMs',
      20,
      () => connection(story),
      (found) => found.AvailableHsmNum === found.HsmNum,
    );
    const interfaces = store.NetworkInterfaceIds.NetworkInterfaceId.join(' and ');
    return `Connected; ${healthy.AvailableHsmNum} of ${healthy.HsmNum} HSMs, through ${interfaces} in ${store.SecurityGroupId}`;
  },
};

export const disconnectStore: Step = {
  title: 'Disconnect the store',
  run: async (story) => {
    await story.user('Kms', 'DisconnectKeyStore', { KeyStoreId: story.keyStoreId });
    const store = await until(
      'the disconnection',
      60,
      () => connection(story),
      (found) => found.ConnectionState !== 'Disconnecting',
    );
    if (store.ConnectionState !== 'Disconnected') throw new Error(`the store is ${store.ConnectionState}`);
    return 'Disconnected; its network parts were taken back as far as the role may';
  },
};

export const deleteStore: Step = {
  title: 'Delete the store',
  run: async (story) => {
    const answer = await story.user('Kms', 'DeleteKeyStore', { KeyStoreId: story.keyStoreId });
    const left: string[] = answer.RemainingResources?.RemainingResource ?? [];
    return left.length === 0
      ? 'deleted, nothing left behind'
      : `deleted; left for the owner, since the role may not remove them: ${left.join(', ')}`;
  },
};
