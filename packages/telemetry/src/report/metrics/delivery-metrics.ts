import type { DeliveryCounters, DestinationCounters } from '../../counters.ts';
import type { SignalName } from '../../export/signal.ts';
import { LOG_RECORDS, SPANS } from '../../export/signal.ts';
import type { MetricFamily, Sample } from './render-family.ts';
import { renderFamily } from './render-family.ts';

/** The content type of Prometheus' text format, for a route that answers with {@link renderDeliveryMetrics}. */
export const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** A family with its values. Names are those of the semantic conventions for SDK metrics, where they have one. */
interface Metric extends MetricFamily {
  /** The values of one destination, each with the labels that it has beside the destination's. */
  readonly values: (
    counters: DestinationCounters,
  ) => readonly (readonly [labels: Record<string, string>, value: number | undefined])[];
}

/** `span` or `log`, as the semantic conventions for SDK metrics call them. */
function metricsOf(kind: 'span' | 'log', { Items, items }: SignalName): readonly Metric[] {
  // The names without a kind are older than log records.
  const requests = kind === 'span' ? 'requests' : 'log_requests';
  const spool = kind === 'span' ? 'spool' : 'log_spool';
  return [
    {
      name: `otel_sdk_processor_${kind}_processed_total`,
      type: 'counter',
      help: `${Items} that ended and were to be sent.`,
      values: ({ ended }) => [[{}, ended]],
    },
    {
      name: `otel_sdk_exporter_${kind}_exported_total`,
      type: 'counter',
      help: `${Items} that the destination took, or, with error_type, that were lost and why.`,
      values: ({ exported, lost }) => [
        [{}, exported],
        ...Object.entries(lost).map(([reason, count]) => [{ error_type: reason }, count] as const),
      ],
    },
    {
      name: `otel_sdk_exporter_${kind}_spooled_total`,
      type: 'counter',
      help: `${Items} written to disk because they could not be sent at once.`,
      values: ({ spooled }) => [[{}, spooled]],
    },
    {
      name: `otel_sdk_exporter_${kind}_recovered_total`,
      type: 'counter',
      help: `${Items} found on disk that an earlier process had left.`,
      values: ({ recovered }) => [[{}, recovered]],
    },
    {
      name: `otel_sdk_exporter_${requests}_total`,
      type: 'counter',
      help: `Export requests of ${items} by outcome.`,
      values: ({ requests }) =>
        Object.entries(requests).map(([outcome, count]) => [{ outcome }, count] as const),
    },
    {
      name: `otel_sdk_processor_${kind}_queue_size`,
      type: 'gauge',
      help: `${Items} that wait in memory only.`,
      values: ({ queue }) => [[{}, queue.items]],
    },
    {
      name: `otel_sdk_processor_${kind}_queue_bytes`,
      type: 'gauge',
      help: `Memory that waiting ${items} take.`,
      values: ({ queue }) => [[{}, queue.bytes]],
    },
    {
      name: `otel_sdk_processor_${kind}_queue_capacity_bytes`,
      type: 'gauge',
      help: `Memory that waiting ${items} may take.`,
      values: ({ queue }) => [[{}, queue.capacityBytes]],
    },
    {
      name: `otel_sdk_exporter_${spool}_${kind}s`,
      type: 'gauge',
      help: `${Items} that wait on disk.`,
      values: ({ spool }) => [[{}, spool?.items]],
    },
    {
      name: `otel_sdk_exporter_${spool}_bytes`,
      type: 'gauge',
      help: `Disk that waiting ${items} take.`,
      values: ({ spool }) => [[{}, spool?.bytes]],
    },
    {
      name: `otel_sdk_exporter_${spool}_capacity_bytes`,
      type: 'gauge',
      help: `Disk that waiting ${items} may take.`,
      values: ({ spool }) => [[{}, spool?.capacityBytes]],
    },
  ];
}

const METRICS = { traces: metricsOf('span', SPANS), logs: metricsOf('log', LOG_RECORDS) };

/** The counters in Prometheus' text format; every reason for a loss is listed, also with 0. */
export function renderDeliveryMetrics(signal: 'traces' | 'logs', counters: DeliveryCounters): string {
  return METRICS[signal]
    .map((metric) => {
      const samples = counters.destinations.flatMap((destination) =>
        metric
          .values(destination)
          .map(([labels, value]): Sample => [{ destination: destination.name, ...labels }, value]),
      );
      return renderFamily(metric, samples);
    })
    .join('');
}
