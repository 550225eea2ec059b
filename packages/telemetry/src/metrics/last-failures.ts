import type { FailureReporter } from '../export/index.ts';
import { describeExportFailure } from '../export/index.ts';
import type { Destination } from '../settings/index.ts';
import { renderFamily } from './render-family.ts';

interface LastFailure {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly message: string;
}

/** The last failed export to each destination that does not work at the moment. */
export interface LastFailures {
  /** The reporter, which is listened to. */
  readonly reporter: FailureReporter;
  /** In Prometheus' text format. */
  render(): string;
}

/**
 * Keeps what a reporter is told of last.
 *
 * @param secrets values that no message may hold
 */
export function keepLastFailures(
  reporter: FailureReporter,
  destinations: readonly Destination[],
  secrets: readonly string[],
): LastFailures {
  const failures = new Map<string, LastFailure>();
  return {
    reporter: {
      report(failure, spansLost) {
        failures.set(failure.url, { at: Date.now(), message: describeExportFailure(failure, secrets) });
        reporter.report(failure, spansLost);
      },
      recovered(url) {
        if (failures.size > 0) failures.delete(url);
        reporter.recovered(url);
      },
      finish: () => reporter.finish(),
    },
    render() {
      const samples = destinations.flatMap(({ name, url }) => {
        const failure = failures.get(url);
        return failure === undefined
          ? []
          : [[{ destination: name, message: failure.message }, failure.at / 1000] as const];
      });
      return renderFamily(LAST_ERROR, samples);
    },
  };
}

const LAST_ERROR = {
  name: 'otel_sdk_exporter_last_error_timestamp_seconds',
  type: 'gauge',
  help: 'When an export last failed, and how; absent while the destination works.',
} as const;
