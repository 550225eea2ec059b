/** What became of a service's spans on the way to one destination. */
export interface DestinationHealth {
  readonly name: string;
  readonly exported: number;
  /** Spans that wait in memory and on disk. */
  readonly waiting: number;
  /** Spans that the destination refused for good. */
  readonly rejected: number;
  /** Spans lost for other reasons. */
  readonly dropped: number;
  /** Why, and how many each; only reasons that happened. */
  readonly reasons: Readonly<Record<string, number>>;
  /** The last failure in words, when the service tells it. */
  readonly lastError?: string;
}

const REFUSED = new Set(['rejected', 'too_large']);

/** Reads delivery counters from Prometheus' text format; what is not one of them is passed over. */
export function parseMetrics(text: string): DestinationHealth[] {
  const destinations = new Map<string, Mutable>();
  for (const line of text.split('\n')) {
    const sample = readSample(line);
    const name = sample?.labels.destination;
    if (sample === undefined || name === undefined) continue;
    const at = destinations.get(name) ?? { exported: 0, waiting: 0, rejected: 0, dropped: 0, reasons: {} };
    destinations.set(name, at);
    count(at, sample);
  }
  return [...destinations].map(([name, counts]) => ({ name, ...counts }));
}

type Mutable = { -readonly [K in keyof Omit<DestinationHealth, 'name'>]: DestinationHealth[K] } & {
  reasons: Record<string, number>;
};

interface Sample {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

function count(at: Mutable, { metric, labels, value }: Sample): void {
  const reason = labels.error_type;
  if (metric === 'otel_sdk_exporter_span_exported_total') {
    if (reason === undefined) at.exported += value;
    else if (value > 0) {
      at.reasons[reason] = value;
      if (REFUSED.has(reason)) at.rejected += value;
      else at.dropped += value;
    }
  } else if (metric === 'otel_sdk_processor_span_queue_size' || metric === 'otel_sdk_exporter_spool_spans') {
    at.waiting += value;
  } else if (metric === 'otel_sdk_exporter_last_error_timestamp_seconds' && labels.message !== undefined) {
    at.lastError = labels.message;
  }
}

/** `name{label="value",…} 12`; undefined for comments and anything else. */
function readSample(line: string): Sample | undefined {
  const [, metric, labels = '', value] = /^([a-zA-Z_:][\w:]*)\{(.*)\} (\S+)/u.exec(line) ?? [];
  const number = Number(value);
  if (metric === undefined || !Number.isFinite(number)) return undefined;
  const pairs = labels.matchAll(/([a-zA-Z_]\w*)="((?:\\.|[^"\\])*)"/gu);
  const read = (text: string) => text.replace(/\\(.)/gu, (_, each: string) => (each === 'n' ? '\n' : each));
  return {
    metric,
    labels: Object.fromEntries([...pairs].map(([, name = '', text = '']) => [name, read(text)])),
    value: number,
  };
}
