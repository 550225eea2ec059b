import type { LastFailure } from '../../counters.ts';
import type { ExportFailure } from '../../failures/export-failure.ts';
import type { FailureReporter } from '../../failures/failure-reporter.ts';
import type { Destination } from '../../settings/index.ts';
import { renderFamily } from './render-family.ts';

/** The last failed export to each destination that does not work at the moment. */
export interface LastFailures {
  /** A reporter that remembers what it is told, and passes it on. */
  heardBy(reporter: FailureReporter): FailureReporter;
  /** Of each destination that does not work at the moment. */
  list(): LastFailure[];
  /** In Prometheus' text format: when, the cause's short name, and the HTTP status of an answer. */
  render(): string;
}

const LAST_ERROR = {
  name: 'otel_sdk_exporter_last_error_timestamp_seconds',
  type: 'gauge',
  help: 'When an export last failed, and why; absent while the destination works. The log has it in words.',
} as const;

/** Where exports of a signal go; the label of spans is the destination alone. */
export type ReportedDestination = Pick<Destination, 'name' | 'url'> & { readonly signal: 'traces' | 'logs' };

/**
 * Keeps what reporters are told last. A label has the cause's short name only: an error's text would be a new time series
 * each time it changes.
 */
export function keepLastFailures(destinations: readonly ReportedDestination[]): LastFailures {
  const failures = new Map<string, { readonly failure: ExportFailure; readonly atSeconds: number }>();
  return {
    heardBy: (reporter) => ({
      report(failure, lost, held) {
        failures.set(failure.url, { failure, atSeconds: Date.now() / 1000 });
        reporter.report(failure, lost, held);
      },
      recovered(url) {
        if (failures.size > 0) failures.delete(url);
        reporter.recovered(url);
      },
      finish: () => reporter.finish(),
    }),
    list: () =>
      destinations.flatMap(({ name: destination, url, signal }) => {
        const last = failures.get(url);
        if (last === undefined) return [];
        const { cause, status } = last.failure;
        return [
          { destination, signal, cause, ...(status !== undefined && { status }), atSeconds: last.atSeconds },
        ];
      }),
    render() {
      const samples = destinations.flatMap(({ name, url, signal }) => {
        const last = failures.get(url);
        return last === undefined
          ? []
          : [
              [
                { ...labelsOf(name, last.failure), ...(signal === 'logs' && { signal }) },
                last.atSeconds,
              ] as const,
            ];
      });
      return renderFamily(LAST_ERROR, samples);
    },
  };
}

function labelsOf(destination: string, { cause, status }: ExportFailure): Record<string, string> {
  return {
    destination,
    error_type: cause,
    ...(status !== undefined && { http_response_status_code: String(status) }),
  };
}
