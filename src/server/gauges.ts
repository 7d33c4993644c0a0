import type { DeviceState, HsmDevices } from '../domain/hsm-devices.ts';
import { CONNECTION_STATES } from '../domain/kms/connection-states.ts';
import { KEY_STORES } from '../domain/kms/key-store.ts';
import type { Storage } from '../domain/storage.ts';
import type { ServiceClock } from './clock.ts';
import type { LineWriter } from './line-writer.ts';
import type { Metrics } from './metrics.ts';

/** What the gauges read. */
export interface Gauged {
  readonly storage: Storage;
  readonly devices: HsmDevices;
  readonly clock: ServiceClock;
  readonly logged: LineWriter;
  readonly account: string;
  readonly regions: readonly string[];
}

const DEVICE_STATES: readonly DeviceState[] = ['idle', 'up', 'suspect', 'down'];

/** How HSMs, key stores, tasks, the clock and the log are: read at each scrape. */
export function registerGauges(metrics: Metrics, { storage, devices, clock, logged, account, regions }: Gauged): void {
  const statuses = () => devices.devices().map((deviceId) => devices.status(deviceId));

  metrics.gauge('coffer_hsms', 'HSMs handed out on this node, by the state of their process', ['state'], () => {
    const states = statuses().map(({ state }) => state);
    return DEVICE_STATES.map((state) => ({ labels: { state }, value: states.filter((one) => one === state).length }));
  });
  metrics.gauge('coffer_hsm_calls_waiting', 'Calls that wait for an answer of an HSM of this node', [], () => [
    { labels: {}, value: statuses().reduce((sum, { pending }) => sum + pending, 0) },
  ]);
  metrics.gauge('coffer_hsm_opened_keys', 'Keys that the HSMs of this node keep opened', [], async () => {
    const usages = await Promise.all(devices.devices().map((deviceId) => devices.usage(deviceId)));
    return [{ labels: {}, value: usages.reduce((sum, usage) => sum + (usage?.cachedKeys ?? 0), 0) }];
  });
  metrics.gauge('coffer_key_stores', 'Private key stores, by region and connection state', ['region', 'state'], () =>
    Promise.all(
      regions.flatMap((region) =>
        CONNECTION_STATES.map(async (state) => ({
          labels: { region, state },
          value: await storage.reader.count(KEY_STORES, { account, region }, { index: 'connection', value: state }),
        })),
      ),
    ),
  );
  metrics.gauge('coffer_task_overdue_seconds', 'How long the task that is due first has been due', [], async () => {
    const due = await storage.nextTaskDue();
    const late = due === undefined ? 0 : clock.now().getTime() - due.getTime();
    return [{ labels: {}, value: Math.max(0, late / 1000) }];
  });
  metrics.gauge('coffer_clock_offset_seconds', 'How far a development server has moved its clock', [], () => [
    { labels: {}, value: clock.offsetMs / 1000 },
  ]);
  metrics.counter('coffer_log_lines_lost_total', 'Log lines that could not be written', () => logged.lost);
}
