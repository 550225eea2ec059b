/** What became of a service's spans at one destination, by its /metrics. */
export interface ServiceExport {
  /** `otlp` or `honeycomb`. */
  readonly destination: string;
  /** Spans that were taken so far. */
  readonly exported: number;
  /** Why nothing is taken at the moment: `unauthorized (401)`. */
  readonly failure?: string;
}

const TIMEOUT_MS = 2_000;

/** Reads a service's /metrics; undefined when it does not have them. */
export async function readServiceExports(service: string): Promise<ServiceExport[] | undefined> {
  let text: string;
  try {
    const response = await fetch(`${service}/metrics`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok) return undefined;
    text = await response.text();
  } catch {
    return undefined;
  }
  const failures = new Map(
    samples(text, 'otel_sdk_exporter_last_error_timestamp_seconds').map(({ labels }) => {
      const status = labels.get('http_response_status_code');
      return [labels.get('destination'), `${labels.get('error_type')}${status ? ` (${status})` : ''}`];
    }),
  );
  return samples(text, 'otel_sdk_exporter_span_exported_total').flatMap(({ labels, value }) => {
    const destination = labels.get('destination');
    if (destination === undefined || labels.has('error_type')) return [];
    const failure = failures.get(destination);
    return [{ destination, exported: value, ...(failure !== undefined && { failure }) }];
  });
}

function samples(text: string, name: string): { labels: ReadonlyMap<string, string>; value: number }[] {
  return Array.from(
    text.matchAll(new RegExp(`^${name}\\{([^}]*)\\} (\\S+)$`, 'gm')),
    ([, list = '', value]) => ({
      labels: new Map(
        Array.from(list.matchAll(/(\w+)="([^"]*)"/g), ([, key = '', label = '']) => [key, label]),
      ),
      value: Number(value),
    }),
  ).filter(({ labels }) => labels.get('signal') !== 'logs');
}
