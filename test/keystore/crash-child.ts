/**
 * A Coffer that dies by SIGKILL while it connects a key store: as soon as the network interfaces of step 10 are there.
 * Argument: the file that tells the parent what it needs to go on.
 */
import { writeFileSync } from 'node:fs';
import { NETWORK_INTERFACES } from '../../src/domain/network/network-interface.ts';
import { openTestPipeline } from '../support/pipeline.ts';
import { HSMS, makeCluster, PASSWORD, REGION } from './cluster-rig.ts';

const [out] = process.argv.slice(2);
const pipeline = await openTestPipeline(HSMS);
const rig = await makeCluster(pipeline, pipeline.root);
const { KeyStoreId } = await pipeline.call(pipeline.root, 'Kms', 'CreateKeyStore', {
  KeyStoreName: 'store',
  HsmClusterId: rig.clusterId,
  KeyStorePassword: PASSWORD,
  SecurityDomainCertificate: rig.owner.certificate,
});
writeFileSync(
  out!,
  JSON.stringify({ directory: pipeline.directory, KeyStoreId, accessKeyId: pipeline.root.accessKeyId }),
);
await pipeline.call(pipeline.root, 'Kms', 'ConnectKeyStore', { KeyStoreId: KeyStoreId as string });
const place = { account: pipeline.account, region: REGION };
const look = async (): Promise<void> => {
  if ((await pipeline.coffer.storage.reader.count(NETWORK_INTERFACES, place)) < 2) {
    setImmediate(() => void look());
    return;
  }
  process.kill(process.pid, 'SIGKILL');
};
void look();
