import { Counter, collectDefaultMetrics, Gauge, Registry, register } from '@prometheus-io/client';
import type { DestinationCounters, Telemetry, TelemetryCounters } from '@tandem/telemetry';

export const METRICS_TYPE = register.contentType;

/**
 * All metrics of the process in Prometheus' text format: CPU, memory and event loop, counters of exported and lost spans, and
 * the metrics in @prometheus-io/client's registry.
 * @param telemetry has the counters
 */
export async function renderMetrics(telemetry: Pick<Telemetry, 'counters'> | undefined): Promise<string> {
  if (register.getSingleMetric('process_cpu_seconds_total') === undefined) collectDefaultMetrics();
  const counters = telemetry === undefined ? '' : await renderCounters(telemetry.counters());
  return `${counters}${await register.metrics()}`;
}

/** Adds a metric's value for some labels. */
type AddValue = (name: string, help: string, value: number, labels: Readonly<Record<string, string>>) => void;

/** All labels of the metrics in this file. */
const labelNames = 'destination error_type outcome team environment region'.split(' ');

/** Renders telemetry's counters. Each answer has a registry of its own, so nothing has to be kept up to date. */
async function renderCounters(counters: TelemetryCounters): Promise<string> {
  const registry = new Registry();
  const addValue: AddValue = (name, help, value, labels) => {
    const known = registry.getSingleMetric(name) as Counter<string> | Gauge<string> | undefined;
    const options = { name, help, labelNames, registers: [registry] };
    const Metric = name.endsWith('_total') ? Counter<string> : Gauge<string>;
    (known ?? new Metric(options)).inc(labels, value);
  };
  for (const each of counters.spans.destinations) addDelivery(addValue, 'span', '', each);
  for (const each of counters.logs.destinations) addDelivery(addValue, 'log', 'log_', each);
  const { acceptedHoneycombKey } = await import('@tandem/telemetry/honeycomb'); // most processes ask for no metrics
  const { team, environment = '', endpoint } = acceptedHoneycombKey() ?? {};
  if (team !== undefined) {
    const labels = { team, environment, region: String(endpoint?.region).toLowerCase() };
    addValue('tandem_honeycomb_info', 'Team and environment of the key that Honeycomb accepted.', 1, labels);
  }
  return await registry.metrics();
}

/** Names follow the semantic conventions for SDK metrics where these have a name. */
function addDelivery(
  addValue: AddValue,
  kind: 'span' | 'log',
  log: '' | 'log_',
  counters: DestinationCounters,
) {
  const { name: destination, lost, requests, queue, spool } = counters;
  const items = kind === 'span' ? 'Spans' : 'Log records';
  const add = (name: string, help: string, value: number, labels = {}) =>
    addValue(`otel_sdk_${name}`, `${items} ${help}`, value, { destination, ...labels });
  add(`processor_${kind}_processed_total`, 'that ended and are to be exported.', counters.ended);
  add(`processor_${kind}_queue_size`, 'that wait in memory.', queue.items);
  add(`processor_${kind}_queue_capacity`, 'that fit into memory.', queue.capacity);
  const exported = 'that the destination took; with error_type, lost ones.';
  add(`exporter_${kind}_exported_total`, exported, counters.exported);
  for (const [reason, count] of Object.entries(lost))
    add(`exporter_${kind}_exported_total`, exported, count, { error_type: reason });
  add(`exporter_${kind}_spooled_total`, 'written to disk for a later export.', counters.spooled);
  add(`exporter_${kind}_recovered_total`, 'taken from the disk of another process.', counters.recovered);
  add(`exporter_${kind}_handed_over_total`, 'on disk that another process took.', counters.handedOver);
  for (const [outcome, count] of Object.entries(requests))
    add(`exporter_${log}requests_total`, 'sent: requests by outcome.', count, { outcome });
  add(`exporter_${log}spool_${kind}s`, 'that wait on disk.', spool.items);
  add(`exporter_${log}spool_bytes`, 'that wait on disk, in bytes.', spool.bytes);
  add(`exporter_${log}spool_capacity_bytes`, 'that fit on disk, in bytes.', spool.capacityBytes);
}
