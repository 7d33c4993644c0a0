/** Requests as the official SDKs send them, signed, as bytes for a socket. */
import { createHash, randomBytes } from 'node:crypto';
import { Secret } from '../../src/core/secret.ts';
import { isoSeconds } from '../../src/core/time.ts';
import { bodyHash, canonicalRequest, signAcs3, stringToSignAcs3 } from '../../src/wire/acs3.ts';
import { percentEncode } from '../../src/wire/percent.ts';
import { signV1, stringToSignV1 } from '../../src/wire/v1.ts';

export type Signing = 'ACS3' | 'V1';

export interface RequestPlan {
  readonly host: string;
  readonly signing: Signing;
  readonly action: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly version?: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
}

const KMS_VERSION = '2016-01-20';

function queryOf(pairs: readonly (readonly [string, string])[]): string {
  return pairs.map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`).join('&');
}

function bytesOf(target: string, headers: Readonly<Record<string, string>>): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`POST ${target} HTTP/1.1\r\n${lines.join('')}content-length: 0\r\nconnection: keep-alive\r\n\r\n`);
}

function acs3(plan: RequestPlan): Buffer {
  const query = Object.entries(plan.parameters);
  const headers: Record<string, string> = {
    host: plan.host,
    'x-acs-action': plan.action,
    'x-acs-version': plan.version ?? KMS_VERSION,
    'x-acs-date': isoSeconds(new Date()),
    'x-acs-signature-nonce': randomBytes(16).toString('hex'),
    'x-acs-content-sha256': bodyHash('ACS3-HMAC-SHA256', new Uint8Array(0)),
  };
  const names = Object.keys(headers).sort();
  const hash = headers['x-acs-content-sha256']!;
  const toSign = stringToSignAcs3('ACS3-HMAC-SHA256', canonicalRequest('POST', query, headers, names, hash));
  const signature = signAcs3('ACS3-HMAC-SHA256', toSign, Secret.ofText(plan.accessKeySecret));
  return bytesOf(`/?${queryOf(query)}`, {
    ...headers,
    accept: 'application/json',
    'user-agent': 'AlibabaCloud (linux; x64) Node.js/v20 Core/1.0.1 TeaDSL/1',
    authorization: `ACS3-HMAC-SHA256 Credential=${plan.accessKeyId},SignedHeaders=${names.join(';')},Signature=${signature}`,
  });
}

function v1(plan: RequestPlan): Buffer {
  const parameters: [string, string][] = Object.entries({
    ...plan.parameters,
    Action: plan.action,
    Version: plan.version ?? KMS_VERSION,
    Format: 'json',
    AccessKeyId: plan.accessKeyId,
    SignatureMethod: 'HMAC-SHA1',
    SignatureVersion: '1.0',
    SignatureNonce: createHash('md5').update(randomBytes(16)).digest('hex'),
    Timestamp: isoSeconds(new Date()),
  });
  const signature = signV1(stringToSignV1('POST', parameters), Secret.ofText(plan.accessKeySecret));
  return bytesOf(`/?${queryOf([...parameters, ['Signature', signature]])}`, {
    host: plan.host,
    'user-agent': 'AlibabaCloud (linux; x64) Node.js/v20 Core/1.0.1 TeaDSL/1',
    'x-acs-action': plan.action,
    'x-acs-version': plan.version ?? KMS_VERSION,
  });
}

/** One request with a nonce of its own and the present time. */
export function signedRequest(plan: RequestPlan): Buffer {
  return plan.signing === 'ACS3' ? acs3(plan) : v1(plan);
}
