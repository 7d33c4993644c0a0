import { readFileSync } from 'node:fs';
import type { FirstStart } from '../server/coffer.ts';
import type { Server } from '../server/server.ts';

/** `host:port` of the first endpoint of a scheme. */
export function hostPort(endpoints: readonly string[], scheme: 'http' | 'https'): string | undefined {
  return endpoints.find((endpoint) => endpoint.startsWith(`${scheme}://`))?.slice(scheme.length + 3);
}

/** What a first start prints once the account exists: its root AccessKey, never shown again, as settings to paste. */
export function rootKeyText(first: FirstStart, region: string): string {
  return [
    `A new account was made: ${first.accountId}. Its root AccessKey is shown this once:`,
    '',
    '  # for the SDKs',
    `  export ALIBABA_CLOUD_ACCESS_KEY_ID=${first.accessKeyId}`,
    `  export ALIBABA_CLOUD_ACCESS_KEY_SECRET=${first.accessKeySecret.revealText()}`,
    `  export ALIBABA_CLOUD_REGION_ID=${region}`,
    '',
    '',
  ].join('\n');
}

/** What a first start prints once it listens: settings for the command line, the CA certificate. */
export function clientsText(server: Server, first: FirstStart): string {
  const plain = hostPort(server.endpoints, 'http');
  const secure = hostPort(server.endpoints, 'https');
  const endpoint = plain ?? secure;
  const lines = [
    '  # for the aliyun command line',
    `  aliyun configure set --profile coffer --mode AK --region ${server.coffer.config.region} --access-key-id ${first.accessKeyId} --access-key-secret ${first.accessKeySecret.revealText()}`,
    `  aliyun --profile coffer kms ListKeys --endpoint ${endpoint}${plain === undefined ? '' : ' --insecure'}`,
    '',
  ];
  if (server.caFile !== undefined) {
    lines.push(`HTTPS clients must trust this CA (${server.caFile}):`, readFileSync(server.caFile, 'utf8'));
  }
  return `${lines.join('\n')}\n`;
}
