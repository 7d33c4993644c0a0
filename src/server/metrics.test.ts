import { expect, it } from 'vitest';
import { createMetrics } from './metrics.ts';

async function labelled(metrics: ReturnType<typeof createMetrics>, name: string): Promise<string[]> {
  const text = await metrics.registry.getSingleMetricAsString(name);
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

it('counts calls by product, operation and code, and measures them', async () => {
  const metrics = createMetrics();
  metrics.call('Kms', 'Encrypt', 'OK', 0.002);
  metrics.call('Kms', 'Encrypt', 'OK', 0.002);
  metrics.call('Kms', 'Encrypt', 'Rejected.Disabled', 0.001);
  expect(await labelled(metrics, 'coffer_calls_total')).toEqual([
    'coffer_calls_total{product="Kms",operation="Encrypt",code="OK"} 2',
    'coffer_calls_total{product="Kms",operation="Encrypt",code="Rejected.Disabled"} 1',
  ]);
  expect(await labelled(metrics, 'coffer_call_seconds')).toContain(
    'coffer_call_seconds_count{product="Kms",operation="Encrypt"} 3',
  );
});

it('has labels from closed sets only: codes made of what a client sent are one', async () => {
  const metrics = createMetrics();
  for (let n = 0; n < 100; n += 1) {
    metrics.call('Ram', 'CreateUser', `MissingTag${n}Key`, 0.001);
    metrics.refused(`Made.Up${n}`);
  }
  metrics.refused('SignatureDoesNotMatch');
  expect(await labelled(metrics, 'coffer_calls_total')).toEqual([
    'coffer_calls_total{product="Ram",operation="CreateUser",code="Parameter"} 100',
  ]);
  expect(await labelled(metrics, 'coffer_refused_total')).toEqual([
    'coffer_refused_total{code="Parameter"} 100',
    'coffer_refused_total{code="SignatureDoesNotMatch"} 1',
  ]);
});

it('reads gauges when it is asked', async () => {
  const metrics = createMetrics();
  let samples = [
    { labels: { state: 'up' }, value: 1 },
    { labels: { state: 'down' }, value: 1 },
  ];
  metrics.gauge('coffer_test', 'For the test.', ['state'], () => samples);
  metrics.gauge('coffer_plain', 'Without labels.', [], async () => [{ labels: {}, value: 3 }]);
  samples = [{ labels: { state: 'up' }, value: 7 }];
  expect(await labelled(metrics, 'coffer_test')).toEqual(['coffer_test{state="up"} 7']);
  expect(await labelled(metrics, 'coffer_plain')).toEqual(['coffer_plain 3']);
});

it('shows a gap where a gauge cannot be read', async () => {
  const metrics = createMetrics();
  let away = false;
  metrics.gauge('coffer_test', 'For the test.', [], () => {
    if (away) throw new Error('away');
    return [{ labels: {}, value: 7 }];
  });
  expect(await labelled(metrics, 'coffer_test')).toEqual(['coffer_test 7']);
  away = true;
  expect(await labelled(metrics, 'coffer_test')).toEqual([]);
  expect(await metrics.registry.metrics()).toContain('coffer_calls_total');
});
