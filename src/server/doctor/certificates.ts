import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DAY_MS } from '../../core/time.ts';
import type { Config } from '../config/schema.ts';
import { endOf, namesOf } from '../tls/private-ca.ts';
import { certificateNames } from '../tls/server-certificate.ts';
import { type Finding, ok, problem, warning } from './check.ts';

const SOON_DAYS = 30;

function ending(what: string, certificate: string, wall: Date, own: boolean): Finding {
  const left = Math.floor((endOf(certificate).getTime() - wall.getTime()) / DAY_MS);
  const renew = own
    ? 'Restart the server: it renews its own certificate.'
    : 'Get a new certificate and restart the server.';
  if (left < 0) return problem(what, `ended ${-left} days ago`, renew);
  return left < SOON_DAYS ? warning(what, `ends in ${left} days`, renew) : ok(what, `good for ${left} more days`);
}

/** Whether the certificates exist, fit their names and are not about to end. */
export async function checkCertificates(config: Config, wall: Date): Promise<Finding[]> {
  if (!config.listen.some((entry) => entry.tls)) return [ok('certificates', 'no listener uses TLS')];
  const { certificateFile } = config.tls;
  const file = certificateFile ?? join(config.dataDir, 'tls', 'server.pem');
  const certificate = await readFile(file, 'utf8').catch(() => undefined);
  if (certificate === undefined) {
    return [
      certificateFile === undefined
        ? warning('certificates', 'none has been made yet', 'Start the server once.')
        : problem('certificates', `${file} cannot be read`, 'Check tls.certificateFile.'),
    ];
  }
  const findings = [ending('server certificate', certificate, wall, certificateFile === undefined)];
  const missing = certificateNames(config).filter((name) => !namesOf(certificate).includes(name));
  if (missing.length > 0 && certificateFile === undefined)
    findings.push(
      warning('server certificate', `lacks ${missing.length} names`, 'Restart the server: it makes a new one.'),
    );
  if (certificateFile === undefined) {
    const ca = await readFile(join(config.dataDir, 'tls', 'ca.pem'), 'utf8').catch(() => undefined);
    findings.push(
      ca === undefined
        ? problem('private CA', 'its certificate is missing', 'Restore tls/ca.pem and tls/ca.key from their backup.')
        : ending('private CA', ca, wall, false),
    );
  }
  return findings;
}
