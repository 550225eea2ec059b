/** A service of the workspace and its address. */
export interface Service {
  readonly name: string;
  readonly url: string;
}

/** The counts of a service's spans at one destination. */
export interface DestinationExports {
  readonly name: string;
  readonly exported: number;
  /** Spans that wait in memory and on disk. */
  readonly waiting: number;
  /** Spans that were refused or lost for good. */
  readonly lost: number;
  /** The last failure in words, while the destination does not work. */
  readonly lastError?: string;
}

const TIMEOUT_MS = 2_000;

/** The counts of a service's spans at each destination, from its /metrics; undefined when /metrics does not answer. */
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

/** Reads the counters of exports in Prometheus' text format, and ignores other metrics. */
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
