import type { Clock } from '../../core/time.ts';
import { isoSeconds, MINUTE_MS } from '../../core/time.ts';
import type { HsmDevices } from '../../domain/hsm-devices.ts';
import { ACCOUNTS } from '../../domain/ram/account.ts';
import type { Storage } from '../../domain/storage.ts';
import { softwareSelfTest } from '../../keystore/backends/software/self-test.ts';
import { proveUnwrappers } from '../../seal/root.ts';
import { UnwrapperAway } from '../../seal/unwrapper.ts';
import type { StorageOptions } from '../../storage/options.ts';
import type { Config } from '../config/schema.ts';
import { unwrappersOf } from '../parts.ts';
import { checkCertificates } from './certificates.ts';
import { type Finding, ok, problem, warning } from './check.ts';
import { checkAccount, checkContents, checkRegions, checkSpace, checkWrites } from './database.ts';
import { checkDevices, checkModules, checkPresence, reportedDevices } from './hsms.ts';
import { checkKeyStores, type StoreHealth } from './key-stores.ts';

/** What the doctor looks at. */
export interface Patient {
  readonly config: Config;
  readonly storage: Storage;
  readonly storageOptions: StorageOptions;
  readonly clock: Clock;
  /** Undefined when the root key does not open, so that the devices' PINs cannot be read. */
  readonly devices: HsmDevices | undefined;
  /** Whether a server is at work, so that HSM processes must not be started just to look. */
  readonly serving: boolean;
  /** Asks the HSMs of a connected key store; only a server at work can. */
  readonly storeHealth?: StoreHealth;
}

async function checkUnwrappers(patient: Patient): Promise<Finding[]> {
  const proofs = await proveUnwrappers(patient.storage, unwrappersOf(patient.config));
  const findings = proofs.map(({ unwrapper, problem: found }) => {
    const what = `root key: ${unwrapper.id}`;
    if (found instanceof UnwrapperAway)
      return ok(what, `wrapped copy present; ${unwrapper.description}: none placed, so not proven`);
    return found === undefined
      ? ok(what, `${unwrapper.description} opens it`)
      : problem(what, found.message, found.advice);
  });
  const working = findings.filter((finding) => finding.state === 'ok').length;
  if (working === 1)
    findings.push(
      warning(
        'root key',
        'only one unwrapper opens it; losing that one loses everything',
        'Add another, e.g. with coffer shares.',
      ),
    );
  return findings;
}

function judgeAhead(seconds: number, mode: Config['mode']): Finding | undefined {
  if (seconds === 0) return undefined;
  const detail = `the service's time is ${seconds} s ahead of the machine's`;
  return mode === 'development'
    ? warning('clock', detail, 'Only for development.')
    : problem(
        'clock',
        `${detail}, moved by a development server`,
        'A production server refuses to start: set mode: development, or take another data directory.',
      );
}

async function checkClock(patient: Patient): Promise<Finding[]> {
  const { clock, config, storage } = patient;
  const ahead = clock.now().getTime() - clock.wall().getTime();
  const findings = [judgeAhead(Math.round(ahead / 1000), config.mode) ?? ok('clock', isoSeconds(clock.wall()))];
  for (const { record } of await storage.reader.everywhere(ACCOUNTS, undefined)) {
    const end = new Date(clock.now().getTime() + 100 * 366 * 24 * 60 * MINUTE_MS);
    const start = new Date(clock.now().getTime() + MINUTE_MS);
    const { events } = await storage.lookupEvents({
      account: record.accountId,
      start,
      end,
      direction: 'BACKWARD',
      filters: [],
      limit: 1,
    });
    if (events.length > 0)
      findings.push(
        problem(
          'clock',
          `there are audit events from the future (${events[0]!.eventTime}): the machine's clock was set back`,
          'Set the clock right; requests signed by right clocks are refused until then.',
        ),
      );
  }
  return findings;
}

function checkCiphers(): Finding[] {
  try {
    softwareSelfTest();
    return [ok('ciphers', 'known answers come out right')];
  } catch (error) {
    return [problem('ciphers', (error as Error).message, 'Do not use this runtime.')];
  }
}

async function checkHsms({ config, storage, devices, serving }: Patient): Promise<Finding[]> {
  if (devices === undefined)
    return [warning('HSMs', 'not looked at, since the root key or their own files do not open', 'Mend these first.')];
  const answers = serving
    ? reportedDevices(
        devices.devices().map((deviceId) => ({ deviceId, ...withoutUndefined(devices.status(deviceId)) })),
      )
    : await checkDevices(devices);
  const findings = [...(await checkPresence(config, devices, storage)), ...answers];
  return findings.length > 0 ? findings : [ok('HSMs', 'none handed out')];
}

/** A check that fails in a way of its own is a finding like any other: the rest is looked at all the same. */
async function attempt(what: string, check: () => Finding[] | Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await check();
  } catch (error) {
    return [problem(what, (error as Error).message, 'Mend what the message names, then look again.')];
  }
}

/** Runs all checks. Changes nothing but the row that shows whether the database takes writes. */
export async function examine(patient: Patient): Promise<Finding[]> {
  return [
    ...(await checkContents(patient.storageOptions)),
    ...(await checkWrites(patient.storage)),
    ...(await attempt('database', () => checkAccount(patient.config, patient.storage))),
    ...(await attempt('regions', () => checkRegions(patient.config, patient.storage))),
    ...(await attempt('disk', () => checkSpace(patient.config.dataDir))),
    ...(await attempt('root key', () => checkUnwrappers(patient))),
    ...checkCiphers(),
    ...(await attempt('HSM modules', () => checkModules(patient.config))),
    ...(await attempt('HSMs', () => checkHsms(patient))),
    ...(await attempt('key stores', async () =>
      patient.storeHealth === undefined ? [] : checkKeyStores(patient.storage, patient.storeHealth),
    )),
    ...(await attempt('certificates', () => checkCertificates(patient.config, patient.clock.wall()))),
    ...(await attempt('clock', () => checkClock(patient))),
  ];
}

function withoutUndefined(status: { state: string; reason: string | undefined }): { state: string; reason?: string } {
  return status.reason === undefined ? { state: status.state } : { state: status.state, reason: status.reason };
}
