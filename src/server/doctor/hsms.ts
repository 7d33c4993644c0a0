import { access, constants, stat } from 'node:fs/promises';
import type { HsmDevices } from '../../domain/hsm-devices.ts';
import type { Storage } from '../../domain/storage.ts';
import { absentDevices, strayDevices } from '../../hsm-tasks/absent-devices.ts';
import type { Config } from '../config/schema.ts';
import { type Finding, ok, problem, warning } from './check.ts';

const DIAL_MS = 10_000;

/** Whether it can be read, as far as can be told without reading: a pipe gives what it holds only once. */
async function readable(path: string): Promise<boolean> {
  try {
    await access(path, constants.R_OK);
    return !(await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

async function checkModule(hsm: Config['hsms'][number]): Promise<Finding[]> {
  const what = `HSM module ${hsm.name}`;
  // A name without a folder is looked for by the system's loader, which alone knows where.
  const byLoader = !hsm.library.includes('/');
  const findings: Finding[] = [];
  if (!byLoader && !(await readable(hsm.library))) {
    const advice = hsm.vendor === 'softhsm2' ? 'Install it: apt-get install softhsm2' : 'Check hsms: library.';
    findings.push(problem(what, `${hsm.library} cannot be read`, advice));
  }
  if (hsm.vendor === 'pkcs11' && !(await readable(hsm.soPinFile)))
    findings.push(problem(what, `${hsm.soPinFile} cannot be read`, 'Check hsms: soPinFile.'));
  if (findings.length > 0) return findings;
  return [ok(what, byLoader ? `${hsm.library}, which the system's loader looks for` : hsm.library)];
}

/** Whether each configured module and its PIN can be read, as far as their place is known. */
export async function checkModules(config: Config): Promise<Finding[]> {
  return (await Promise.all(config.hsms.map(checkModule))).flat();
}

/** Whether the HSMs handed out are here, and can be reached by the configuration. */
export async function checkPresence(config: Config, devices: HsmDevices, storage: Storage): Promise<Finding[]> {
  const unconfigured = devices
    .unconfigured()
    .map(({ deviceId, model }) =>
      problem(
        `HSM ${deviceId}`,
        `its model "${model}" is not in the configuration, or is of another vendor`,
        'Put the model back under hsms; until then the HSM can be neither used nor wiped.',
      ),
    );
  const absent = (await absentDevices(devices, storage)).map(({ deviceId, instanceId }) => {
    const what = `HSM ${deviceId}`;
    if (config.storage.kind === 'sqlite') {
      return problem(
        what,
        `${instanceId} has no directory below ${config.dataDir}/hsm`,
        'Restore hsm/ from the same backup as the database. If it is lost for good, take the HSM out of its cluster and release it.',
      );
    }
    return warning(
      what,
      `${instanceId} is not on this node`,
      "Nothing to do when another node has it; otherwise restore hsm/ from its node's backup.",
    );
  });
  const stray = (await strayDevices(devices, storage)).map((deviceId) =>
    warning(
      `HSM ${deviceId}`,
      'it holds something, and no record names it: the database is older than it is',
      `Restore the newer database, or, when nothing in it is needed, move ${config.dataDir}/hsm/${deviceId} away while the server is stopped.`,
    ),
  );
  return [...unconfigured, ...absent, ...stray];
}

/** Whether each HSM handed out answers. Only while no server runs, since it starts their processes. */
export async function checkDevices(devices: HsmDevices): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const deviceId of devices.devices()) {
    const what = `HSM ${deviceId}`;
    if (!devices.admin(deviceId).initialised()) {
      findings.push(ok(what, 'not initialised yet'));
      continue;
    }
    try {
      const digest = await devices.admin(deviceId).digest();
      if (digest !== undefined) (await devices.dial(deviceId, DIAL_MS)).close();
      findings.push(
        digest === undefined ? ok(what, 'answers; in no cluster') : ok(what, `answers; digest ${digest.slice(0, 16)}`),
      );
    } catch (error) {
      findings.push(
        problem(what, (error as Error).message, 'Check the HSM and its module; see docs/guides about HSMs.'),
      );
    }
  }
  return findings;
}

/** What a running server says of its HSMs. */
export function reportedDevices(hsms: readonly { deviceId: string; state: string; reason?: string }[]): Finding[] {
  return hsms.map((hsm) => {
    const what = `HSM ${hsm.deviceId}`;
    if (hsm.state === 'up' || hsm.state === 'idle') return ok(what, hsm.state);
    return warning(
      what,
      `${hsm.state}${hsm.reason === undefined ? '' : `: ${hsm.reason}`}`,
      'It is tried again by itself; check the HSM when this lasts.',
    );
  });
}
