import { describeExportError } from './export-errors.ts';

/** What became of a service's spans, or log records, on the way to one destination. */
export interface Exports {
  readonly exported: number;
  /** Those that wait in memory and on disk. */
  readonly waiting: number;
  /** Those that the destination refused for good. */
  readonly rejected: number;
  /** Those lost for other reasons. */
  readonly dropped: number;
  /** Why, and how many each; only reasons that happened. */
  readonly reasons: Readonly<Record<string, number>>;
}

/** A destination, with the exports of spans. */
export interface DestinationHealth extends Exports {
  readonly name: string;
  /** Those of log records; only where the service sends some there. */
  readonly logs?: Exports;
  /** The last failure in words, while the destination does not work. */
  readonly lastError?: string;
}

/** Whose Honeycomb key a service sends with, as Honeycomb told it. Slugs; never the key. */
export interface HoneycombAccount {
  readonly team: string;
  /** Empty for classic teams. */
  readonly environment: string;
  /** `other`: a proxy such as Refinery stands in between, so that the region is not known. */
  readonly region: 'us' | 'eu' | 'other';
}

/** A circuit breaker in front of another service. */
export interface CircuitHealth {
  /** What is called through it. */
  readonly name: string;
  readonly state: 'closed' | 'open' | 'half_open';
  /** Calls that were not made because it was not closed. */
  readonly rejected: number;
}

/** Traced requests by what their caller says about sampling; unsampled ones make no spans. */
export interface ArrivalCounts {
  readonly none: number;
  readonly sampled: number;
  readonly unsampled: number;
}

/** What a service's metrics tell of its exports, of the requests that came to it, and of its calls to others. */
export interface ExportMetrics {
  readonly destinations: readonly DestinationHealth[];
  readonly honeycomb?: HoneycombAccount;
  readonly arrivals?: ArrivalCounts;
  /** Only when the service has some. */
  readonly circuits?: readonly CircuitHealth[];
}

const REFUSED = new Set(['rejected', 'too_large']);

/**
 * Reads delivery counters, the key's account, requests by their caller's sampling and circuit breakers from Prometheus'
 * text format; all other metrics are ignored.
 */
export function parseMetrics(text: string): ExportMetrics {
  const destinations = new Map<string, Mutable>();
  const circuits = new Map<string, CircuitHealth>();
  let honeycomb: HoneycombAccount | undefined;
  let arrivals: ArrivalCounts | undefined;
  for (const line of text.split('\n')) {
    const sample = readSample(line);
    if (sample === undefined) continue;
    if (sample.metric === 'tandem_honeycomb_info') honeycomb = readAccount(sample) ?? honeycomb;
    arrivals = withArrivals(arrivals, sample);
    readCircuit(circuits, sample);
    const name = sample.labels.destination;
    if (name === undefined) continue;
    const at = destinations.get(name) ?? noExports();
    destinations.set(name, at);
    count(at, sample);
  }
  return {
    destinations: [...destinations].map(([name, counts]) => ({ name, ...counts })),
    ...(honeycomb !== undefined && { honeycomb }),
    ...(arrivals !== undefined && { arrivals }),
    ...(circuits.size > 0 && { circuits: [...circuits.values()] }),
  };
}

type MutableExports = { -readonly [K in keyof Exports]: Exports[K] } & { reasons: Record<string, number> };
type Mutable = MutableExports & { logs?: MutableExports; lastError?: string };

function noExports(): MutableExports {
  return { exported: 0, waiting: 0, rejected: 0, dropped: 0, reasons: {} };
}

interface Sample {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Names of the counters that both signals have. */
const COUNTERS = {
  otel_sdk_exporter_span_exported_total: ['span', 'exported'],
  otel_sdk_processor_span_queue_size: ['span', 'waiting'],
  otel_sdk_exporter_spool_spans: ['span', 'waiting'],
  otel_sdk_exporter_log_exported_total: ['log', 'exported'],
  otel_sdk_processor_log_queue_size: ['log', 'waiting'],
  otel_sdk_exporter_log_spool_logs: ['log', 'waiting'],
} as const;

function count(at: Mutable, { metric, labels, value }: Sample): void {
  const reason = labels.error_type;
  const [signal, counted] = COUNTERS[metric as keyof typeof COUNTERS] ?? [];
  if (signal === 'log') at.logs ??= noExports();
  const of = signal === 'log' ? at.logs : at;
  if (of !== undefined && counted === 'exported') {
    if (reason === undefined) of.exported += value;
    else if (value > 0) {
      of.reasons[reason] = value;
      if (REFUSED.has(reason)) of.rejected += value;
      else of.dropped += value;
    }
  } else if (of !== undefined && counted === 'waiting') {
    of.waiting += value;
  } else if (metric === 'otel_sdk_exporter_last_error_timestamp_seconds' && reason !== undefined) {
    at.lastError = describeExportError(reason, labels.http_response_status_code);
  }
}

function withArrivals(
  before: ArrivalCounts | undefined,
  { metric, labels: { parent }, value }: Sample,
): ArrivalCounts | undefined {
  if (metric !== 'tandem_request_arrivals_total') return before;
  if (parent !== 'none' && parent !== 'sampled' && parent !== 'unsampled') return before;
  return { none: 0, sampled: 0, unsampled: 0, ...before, [parent]: value };
}

function readCircuit(circuits: Map<string, CircuitHealth>, { metric, labels, value }: Sample): void {
  const { name = '', state } = labels;
  if (metric === 'tandem_circuit_breaker_state' && value === 1) {
    if (state === 'closed' || state === 'open' || state === 'half_open')
      circuits.set(name, { rejected: 0, ...circuits.get(name), name, state });
  } else if (metric === 'tandem_circuit_breaker_rejected_calls_total') {
    const circuit = circuits.get(name);
    if (circuit !== undefined) circuits.set(name, { ...circuit, rejected: value });
  }
}

function readAccount({
  labels: { team = '', environment = '', region },
}: Sample): HoneycombAccount | undefined {
  if (team === '') return undefined;
  return { team, environment, region: region === 'us' || region === 'eu' ? region : 'other' };
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
