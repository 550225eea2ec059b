import type { Attribute, LogRecord, ScopeLogs } from '@tandem/otlp';
import { ValueKind } from '@tandem/otlp';
import { LEVEL_NAMES } from '../../lib/text/log-levels.ts';
import { traceIdField } from '../../lib/trace-id.ts';
import { flattenAttributes, flattenValue } from './flatten.ts';
import { latestTime, usableTime } from './map-spans.ts';
import type { SharedFields } from './resource.ts';
import { sharedFields } from './resource.ts';
import type { FieldSink, RowSink } from './row-sink.ts';
import { attributeRate } from './sample-rate.ts';
import { toJson } from './to-json.ts';
import { truncate } from './truncate.ts';

/**
 * Writes a scope's log records as Honeycomb's rows, after husky's otlp/logs.go: one row per record, with the attributes of
 * resource and scope. A record with a trace id is an annotation of its span, as a span event is.
 * @param received time of arrival, nanoseconds since the epoch
 */
export function mapLogs({ resource, scope, logRecords }: ScopeLogs, received: bigint, sink: RowSink): void {
  const shared = sharedFields(resource, scope, 'log');
  sink.share(shared);
  const sharedRate = attributeRate(scope.attributes) ?? attributeRate(resource.attributes) ?? 1;
  const group = {
    received,
    latest: latestTime(received),
    sharedRate,
    recordSink: sinkOfRecords(shared, sink),
  };
  for (const record of logRecords) mapLogRecord(record, group, sink);
}

/** Values that all records of a resource and scope have in common. */
interface Group {
  readonly received: bigint;
  /** The latest credible time. A record with a later time has a wrong time. */
  readonly latest: bigint;
  readonly sharedRate: number;
  readonly recordSink: FieldSink;
}

/** Fields of a record that are not attributes. A body that is a map has fields `body.…` as well. */
const OWN_FIELDS = ['severity', 'severity_code', 'severity_text', 'flags', 'event.name', 'body'];

/** In husky the attributes of resource and scope replace the fields of the record. Few attributes have such names. */
function sinkOfRecords(shared: SharedFields, sink: FieldSink): FieldSink {
  const replaces = [...shared.keys()].some((name) => OWN_FIELDS.includes(name) || name.startsWith('body.'));
  if (!replaces) return sink;
  return {
    set: (field, type, value) => {
      if (!shared.has(field)) sink.set(field, type, value);
    },
  };
}

function mapLogRecord(
  record: LogRecord,
  { received, latest, sharedRate, recordSink }: Group,
  sink: RowSink,
): void {
  const given = usableTime(record.timeUnixNano) ?? usableTime(record.observedTimeUnixNano);
  const time = given ?? received;
  const sampleRate = attributeRate(record.attributes) ?? sharedRate;
  sink.start({ time, message: record.raw, bytes: record.raw.byteLength, sampleRate });
  recordSink.set('severity', 'string', severityName(record.severityNumber));
  recordSink.set('severity_code', 'integer', record.severityNumber);
  recordSink.set('flags', 'integer', record.flags);
  if (record.severityText !== '') recordSink.set('severity_text', 'string', truncate(record.severityText));
  if (record.eventName !== '') recordSink.set('event.name', 'string', truncate(record.eventName));
  mapBody(record.body, recordSink);
  if (record.traceId !== '') {
    sink.set('trace.trace_id', 'string', traceIdField(record.traceId));
    sink.set('meta.annotation_type', 'string', 'span_event');
  }
  if (record.spanId !== '') sink.set('trace.parent_id', 'string', record.spanId);
  flattenAttributes(record.attributes, sinkOfAttributes(record, sink), 'log');
  if (given === undefined || time > latest) sink.set('meta.invalid_time', 'boolean', true);
}

/** Attributes give a record the ids that it lacks. Beside an own id, the attribute becomes `attribute.<name>`. */
function sinkOfAttributes({ traceId, spanId }: LogRecord, sink: RowSink): FieldSink {
  return {
    set: (field, type, value) => {
      const own = field === 'trace.trace_id' ? traceId : field === 'trace.parent_id' ? spanId : '';
      if (own !== '') sink.set(`attribute.${field}`, type, value);
      else if (field === 'trace.trace_id') sink.set(field, type, traceIdField(String(value)));
      else sink.set(field, type, value);
    },
  };
}

/** The word for a SeverityNumber. Each word has four numbers, from 1 on; 0 and unknown numbers are `unspecified`. */
function severityName(severityNumber: number): string {
  return LEVEL_NAMES[Math.floor((severityNumber - 1) / 4)] ?? 'unspecified';
}

/** Writes the body as field `body`. The entries of a map become fields with dotted names as well. */
function mapBody(body: Attribute, sink: FieldSink): void {
  flattenValue('body', body, sink, 'log');
  if (body.kind === ValueKind.map) sink.set('body', 'string', truncate(toJson(body.kind, body.value)));
}
