import { Counter, collectDefaultMetrics, Gauge, Registry, register } from '@prometheus-io/client';
import type { DestinationCounters, Telemetry, TelemetryCounters } from '@tandem/telemetry';
import { acceptedHoneycombKey } from '@tandem/telemetry/honeycomb';
import type { FastifyInstance } from 'fastify';

/**
 * `GET /metrics` in Prometheus' text format: CPU, memory and event loop of the process, what became of its spans, and the
 * service's own metrics, which are in @prometheus-io/client's registry. Untraced, logged at `warn` only, never limited.
 * @param telemetry its counters are shown
 */
export function metricsRoute(app: FastifyInstance, telemetry: Pick<Telemetry, 'counters'> | undefined): void {
  if (register.getSingleMetric('process_cpu_seconds_total') === undefined) collectDefaultMetrics();
  app.get(
    '/metrics',
    { config: { rateLimit: false, otel: false }, logLevel: 'warn', schema: { hide: true } as object },
    async function showMetrics(_request, reply) {
      const counters = telemetry === undefined ? '' : await renderCounters(telemetry.counters());
      return reply.type(register.contentType).send(`${counters}${await register.metrics()}`);
    },
  );
}

/** Sets the value that a metric has for some labels. */
type Show = (name: string, help: string, value: number, labels: Readonly<Record<string, string>>) => void;

/** The labels that a metric here can have. */
const labelNames = 'destination error_type outcome team environment region'.split(' ');

/** Telemetry's counters. The registry is made anew for each answer: there is nothing to keep up to date. */
function renderCounters(counters: TelemetryCounters): Promise<string> {
  const registry = new Registry();
  const show: Show = (name, help, value, labels) => {
    const known = registry.getSingleMetric(name) as Counter<string> | Gauge<string> | undefined;
    const options = { name, help, labelNames, registers: [registry] };
    const Metric = name.endsWith('_total') ? Counter<string> : Gauge<string>;
    (known ?? new Metric(options)).inc(labels, value);
  };
  for (const each of counters.spans.destinations) showDelivery(show, 'span', '', each);
  for (const each of counters.logs.destinations) showDelivery(show, 'log', 'log_', each);
  const { team, environment = '', endpoint } = acceptedHoneycombKey() ?? {};
  if (team !== undefined) {
    const labels = { team, environment, region: String(endpoint?.region).toLowerCase() };
    show('tandem_honeycomb_info', 'Whose key Honeycomb accepted.', 1, labels);
  }
  return registry.metrics();
}

/** Names follow the semantic conventions for SDK metrics where these have a name. */
function showDelivery(show: Show, kind: 'span' | 'log', log: '' | 'log_', counters: DestinationCounters) {
  const { name: destination, lost, requests, queue, spool } = counters;
  const items = kind === 'span' ? 'Spans' : 'Log records';
  const tell = (name: string, help: string, value: number, labels = {}) =>
    show(`otel_sdk_${name}`, `${items} ${help}`, value, { destination, ...labels });
  tell(`processor_${kind}_processed_total`, 'that ended and were to be sent.', counters.ended);
  tell(`processor_${kind}_queue_size`, 'that wait in memory only.', queue.items);
  tell(`processor_${kind}_queue_capacity`, 'that wait in memory at most.', queue.capacity);
  const exported = 'that the destination took, or, with error_type, that were lost and why.';
  tell(`exporter_${kind}_exported_total`, exported, counters.exported);
  for (const [reason, count] of Object.entries(lost))
    tell(`exporter_${kind}_exported_total`, exported, count, { error_type: reason });
  tell(`exporter_${kind}_spooled_total`, 'written to disk: not sent at once.', counters.spooled);
  tell(`exporter_${kind}_recovered_total`, 'taken from the disk of another process.', counters.recovered);
  tell(`exporter_${kind}_handed_over_total`, 'on disk that another process took.', counters.handedOver);
  for (const [outcome, count] of Object.entries(requests))
    tell(`exporter_${log}requests_total`, 'in export requests: these, by outcome.', count, { outcome });
  tell(`exporter_${log}spool_${kind}s`, 'that wait on disk.', spool.items);
  tell(`exporter_${log}spool_bytes`, 'that wait: disk.', spool.bytes);
  tell(`exporter_${log}spool_capacity_bytes`, 'that wait: disk at most.', spool.capacityBytes);
}
