/** A service of the workspace, and where it is reached from here. */
export interface Service {
  readonly name: string;
  readonly url: string;
}

/** What became of a service's spans at one of its destinations. */
export interface DestinationExports {
  readonly name: string;
  readonly exported: number;
  /** Those that wait in memory and on disk. */
  readonly waiting: number;
  /** Those that were refused or lost, for good. */
  readonly lost: number;
  /** The last failure in words, while the destination does not work. */
  readonly lastError?: string;
}

const TIMEOUT_MS = 2_000;

/** What became of a service's spans at each of its destinations, by its /metrics; undefined when those are not reached. */
export async function readServiceExports({
  url,
}: Service): Promise<readonly DestinationExports[] | undefined> {
  try {
    const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    return response.ok ? exportsIn(await response.text()) : undefined;
  } catch {
    return undefined; // not there, or not published
  }
}

/** The counters of exports in Prometheus' text format; all other metrics are passed over. */
export function exportsIn(metrics: string): readonly DestinationExports[] {
  const found = new Map<string, { -readonly [K in keyof DestinationExports]: DestinationExports[K] }>();
  for (const line of metrics.split('\n')) {
    const [, metric, labels = '', value = ''] = /^(\w+)\{(.*)\} (\S+)/u.exec(line) ?? [];
    const { destination: name, error_type: reason, http_response_status_code: status } = labelsOf(labels);
    if (name === undefined) continue;
    const at = found.get(name) ?? { name, exported: 0, waiting: 0, lost: 0 };
    found.set(name, at);
    switch (metric) {
      case 'otel_sdk_exporter_span_exported_total':
        if (reason === undefined) at.exported += Number(value);
        else at.lost += Number(value);
        break;
      case 'otel_sdk_processor_span_queue_size':
      case 'otel_sdk_exporter_spool_spans':
        at.waiting += Number(value);
        break;
      case 'otel_sdk_exporter_last_error_timestamp_seconds':
        at.lastError = `The last export failed: ${status === undefined ? '' : `${status}, `}${reason}. The service’s log says more.`;
    }
  }
  return [...found.values()];
}

function labelsOf(text: string): Readonly<Record<string, string>> {
  const pairs = text.matchAll(/(\w+)="((?:\\.|[^"\\])*)"/gu);
  return Object.fromEntries([...pairs].map(([, name, value = '']) => [name, value.replace(/\\(.)/gu, '$1')]));
}
