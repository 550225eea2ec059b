import type { Attribute, ScopeSpans, Span } from '@tandem/otlp';
import { ValueKind } from '@tandem/otlp';
import { traceIdField } from '../../lib/trace-id.ts';
import { flattenAttributes } from './flatten.ts';
import { sharedFields } from './resource.ts';
import type { RowSink } from './row-sink.ts';
import { attributeRate, thresholdRate } from './sample-rate.ts';
import { truncate } from './truncate.ts';

/** The last nanosecond of a signed 64-bit clock, in the year 2262. */
const MAX_TIME = 0x7fff_ffff_ffff_ffffn;
const ONE_DAY = 86_400_000_000_000n;

/**
 * Writes a scope's spans as Honeycomb's rows, after husky's otlp/traces.go: one row per span, span event and span link, each
 * with the attributes of resource and scope.
 * @param received time of arrival, nanoseconds since the epoch
 */
export function mapSpans({ resource, scope, spans }: ScopeSpans, received: bigint, sink: RowSink): void {
  sink.share(sharedFields(resource, scope, 'trace'));
  const sharedRate = attributeRate(scope.attributes) ?? attributeRate(resource.attributes);
  for (const span of spans) mapSpan(span, sharedRate, received, sink);
}

const KIND_NAMES = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];
const STATUS_ERROR = 2;

function mapSpan(span: Span, sharedRate: number | undefined, received: bigint, sink: RowSink): void {
  const traceId = traceIdField(span.traceId);
  const { time, durationMs, invalidDuration, invalidTime } = spanTime(span, received);
  const isError = span.statusCode === STATUS_ERROR;
  const sampleRate =
    attributeRate(span.attributes) ?? sharedRate ?? thresholdRate(span.traceState, span.spanId) ?? 1;

  sink.start({ time, message: span.raw, bytes: span.raw.byteLength, sampleRate });
  if (isError) sink.set('error', 'boolean', true);
  copyFirstException(span, sink);
  flattenAttributes(span.attributes, sink, 'trace');
  sink.set('trace.trace_id', 'string', traceId);
  sink.set('trace.span_id', 'string', span.spanId);
  if (span.parentSpanId !== '') sink.set('trace.parent_id', 'string', truncate(span.parentSpanId));
  if (span.traceState !== '') sink.set('trace.trace_state', 'string', truncate(span.traceState));
  const name = truncate(span.name);
  sink.set('name', 'string', name);
  const kind = KIND_NAMES[span.kind] ?? 'unspecified';
  sink.set('span.kind', 'string', kind);
  sink.set('type', 'string', kind);
  sink.set('duration_ms', 'float', durationMs);
  sink.set('status_code', 'integer', span.statusCode);
  if (span.statusMessage !== '') sink.set('status_message', 'string', truncate(span.statusMessage));
  sink.set('span.num_events', 'integer', span.events.length);
  sink.set('span.num_links', 'integer', span.links.length);
  if (invalidDuration) sink.set('meta.invalid_duration', 'boolean', true);
  if (invalidTime) sink.set('meta.invalid_time', 'boolean', true);
  if (span.events.length + span.links.length > 0)
    mapAnnotations(span, { traceId, time, name, isError, sampleRate }, sink);
}

/** Values of a span that the rows of its events and links repeat. */
interface SpanValues {
  readonly traceId: string;
  readonly time: bigint;
  readonly name: string;
  readonly isError: boolean;
  readonly sampleRate: number;
}

function mapAnnotations(span: Span, spanValues: SpanValues, sink: RowSink): void {
  const { traceId, time, name, isError, sampleRate } = spanValues;
  for (const event of span.events) {
    startAnnotation(usableTime(event.timeUnixNano) ?? time, event.attributes);
    const sinceStart = Number(event.timeUnixNano - span.startTimeUnixNano) / 1e6;
    sink.set('name', 'string', truncate(event.name));
    sink.set('meta.annotation_type', 'string', 'span_event');
    sink.set('meta.time_since_span_start_ms', 'float', Math.max(0, sinceStart));
    if (sinceStart < 0) sink.set('meta.invalid_time_since_span_start', 'boolean', true);
  }
  for (const link of span.links) {
    startAnnotation(time, link.attributes);
    sink.set('trace.link.trace_id', 'string', truncate(traceIdField(link.traceId)));
    sink.set('trace.link.span_id', 'string', truncate(link.spanId));
    sink.set('meta.annotation_type', 'string', 'link');
  }

  function startAnnotation(at: bigint, attributes: readonly Attribute[]): void {
    sink.start({ time: at, message: undefined, bytes: 0, sampleRate });
    flattenAttributes(attributes, sink, 'trace');
    if (isError) sink.set('error', 'boolean', true);
    sink.set('trace.trace_id', 'string', traceId);
    sink.set('trace.parent_id', 'string', span.spanId);
    sink.set('parent_name', 'string', name);
  }
}

/** Copies the first exception's fields to its span, for BubbleUp and filters. The span's own attributes win. */
function copyFirstException(span: Span, sink: RowSink): void {
  if (span.events.length === 0) return;
  const exception = span.events.find((event) => event.name === 'exception');
  if (exception === undefined) return;
  flattenAttributes(
    exception.attributes.filter(({ key, kind }) => EXCEPTION_ATTRIBUTES.get(key) === kind),
    sink,
    'trace',
  );
}

/** The attributes and kinds that husky copies. */
const EXCEPTION_ATTRIBUTES: ReadonlyMap<string, ValueKind> = new Map([
  ['exception.type', ValueKind.string],
  ['exception.message', ValueKind.string],
  ['exception.stacktrace', ValueKind.string],
  ['exception.escaped', ValueKind.boolean],
]);

interface SpanTime {
  /** The start in nanoseconds since the epoch; fits a signed 64-bit column. */
  readonly time: bigint;
  /** Never negative. */
  readonly durationMs: number;
  /** The span ends before its start, or has no end: its duration is 0. */
  readonly invalidDuration: boolean;
  /** The start is absent, unrepresentable, or more than a day ahead of its arrival. */
  readonly invalidTime: boolean;
}

/**
 * The time of a span. A span without a usable start is placed at its end, or else at its arrival, so that a query over recent
 * time finds the span. A start in the future is kept as sent. Column `_span` keeps the sent times.
 */
function spanTime({ startTimeUnixNano: start, endTimeUnixNano: end }: Span, received: bigint): SpanTime {
  const usable = usableTime(start) !== undefined;
  const time = usableTime(start) ?? usableTime(end) ?? received;
  const invalidDuration = !usable || end < start || end > MAX_TIME;
  return {
    time,
    durationMs: invalidDuration ? 0 : Number(end - start) / 1e6,
    invalidDuration,
    invalidTime: !usable || start > latestTime(received),
  };
}

/** The time when it was set and a signed 64-bit column can hold it; undefined otherwise. */
export function usableTime(time: bigint): bigint | undefined {
  return time > 0n && time <= MAX_TIME ? time : undefined;
}

/** The latest credible time of data with this arrival: a time more than a day later comes from a wrong clock. */
export function latestTime(received: bigint): bigint {
  return received + ONE_DAY;
}
