import type { DeliveryCounters, DestinationCounters } from '../../delivery/counters.ts';
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

const METRICS: readonly Metric[] = [
  {
    name: 'otel_sdk_processor_span_processed_total',
    type: 'counter',
    help: 'Spans that ended and were to be sent.',
    values: ({ ended }) => [[{}, ended]],
  },
  {
    name: 'otel_sdk_exporter_span_exported_total',
    type: 'counter',
    help: 'Spans that the destination took, or, with error_type, that were lost and why.',
    values: ({ exported, lost }) => [
      [{}, exported],
      ...Object.entries(lost).map(([reason, count]) => [{ error_type: reason }, count] as const),
    ],
  },
  {
    name: 'otel_sdk_exporter_span_spooled_total',
    type: 'counter',
    help: 'Spans written to disk because they could not be sent at once.',
    values: ({ spooled }) => [[{}, spooled]],
  },
  {
    name: 'otel_sdk_exporter_span_recovered_total',
    type: 'counter',
    help: 'Spans found on disk that an earlier process had left.',
    values: ({ recovered }) => [[{}, recovered]],
  },
  {
    name: 'otel_sdk_exporter_requests_total',
    type: 'counter',
    help: 'Export requests by outcome.',
    values: ({ requests }) =>
      Object.entries(requests).map(([outcome, count]) => [{ outcome }, count] as const),
  },
  {
    name: 'otel_sdk_processor_span_queue_size',
    type: 'gauge',
    help: 'Spans that wait in memory only.',
    values: ({ queue }) => [[{}, queue.items]],
  },
  {
    name: 'otel_sdk_processor_span_queue_bytes',
    type: 'gauge',
    help: 'Memory that waiting spans take.',
    values: ({ queue }) => [[{}, queue.bytes]],
  },
  {
    name: 'otel_sdk_processor_span_queue_capacity_bytes',
    type: 'gauge',
    help: 'Memory that waiting spans may take.',
    values: ({ queue }) => [[{}, queue.capacityBytes]],
  },
  {
    name: 'otel_sdk_exporter_spool_spans',
    type: 'gauge',
    help: 'Spans that wait on disk.',
    values: ({ spool }) => [[{}, spool?.items]],
  },
  {
    name: 'otel_sdk_exporter_spool_bytes',
    type: 'gauge',
    help: 'Disk that waiting spans take.',
    values: ({ spool }) => [[{}, spool?.bytes]],
  },
  {
    name: 'otel_sdk_exporter_spool_capacity_bytes',
    type: 'gauge',
    help: 'Disk that waiting spans may take.',
    values: ({ spool }) => [[{}, spool?.capacityBytes]],
  },
];

/** The counters in Prometheus' text format; every reason for a loss is listed, also with 0. */
export function renderDeliveryMetrics(counters: DeliveryCounters): string {
  return METRICS.map((metric) => {
    const samples = counters.destinations.flatMap((destination) =>
      metric
        .values(destination)
        .map(([labels, value]): Sample => [{ destination: destination.name, ...labels }, value]),
    );
    return renderFamily(metric, samples);
  }).join('');
}
