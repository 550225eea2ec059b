import type { FieldType, FieldValue } from './field-type.ts';

/**
 * Fields that the explorer writes itself, with the type they have in a new store. They exist before the first span or log
 * record, so that a query may name them on an empty store. Those that attributes can have too, such as `error`, widen
 * when a sender uses another type.
 */
export const CORE_FIELDS: ReadonlyMap<string, FieldType> = new Map([
  ['trace.trace_id', 'string'],
  ['trace.span_id', 'string'],
  ['trace.parent_id', 'string'],
  ['trace.trace_state', 'string'],
  ['name', 'string'],
  ['service.name', 'string'],
  ['duration_ms', 'float'],
  ['span.kind', 'string'],
  ['type', 'string'],
  ['status_code', 'integer'],
  ['status_message', 'string'],
  ['error', 'boolean'],
  ['span.num_events', 'integer'],
  ['span.num_links', 'integer'],
  ['meta.signal_type', 'string'],
  ['meta.annotation_type', 'string'],
  ['meta.time_since_span_start_ms', 'float'],
  ['meta.invalid_duration', 'boolean'],
  ['meta.invalid_time', 'boolean'],
  ['meta.invalid_time_since_span_start', 'boolean'],
  ['parent_name', 'string'],
  ['trace.link.trace_id', 'string'],
  ['trace.link.span_id', 'string'],
  ['exception.type', 'string'],
  ['exception.message', 'string'],
  ['exception.stacktrace', 'string'],
  ['exception.escaped', 'boolean'],
  ['severity', 'string'],
  ['severity_text', 'string'],
  ['severity_code', 'integer'],
  ['body', 'string'],
  ['event.name', 'string'],
  ['library.name', 'string'],
  ['library.version', 'string'],
]);

/**
 * Those that many stores never have a value of, such as fields of log records where only spans are sent. A column costs with
 * every row, also where the row has no value, so theirs are made with the first one.
 */
export const OCCASIONAL_FIELDS: ReadonlySet<string> = new Set([
  'trace.trace_state',
  'status_message',
  'meta.annotation_type',
  'meta.time_since_span_start_ms',
  'meta.invalid_duration',
  'meta.invalid_time',
  'meta.invalid_time_since_span_start',
  'parent_name',
  'trace.link.trace_id',
  'trace.link.span_id',
  'exception.type',
  'exception.message',
  'exception.stacktrace',
  'exception.escaped',
  'severity',
  'severity_text',
  'severity_code',
  'body',
  'event.name',
]);

/**
 * Where rows that stand for several events have their sample rate. Honeycomb knows it of every event, but as none of its
 * fields: it is not listed, and no query names it.
 */
export const SAMPLE_RATE_FIELD = '_sample_rate';

/** Fields that say what a row is, whatever its attributes say. */
const ROW_FIELDS: ReadonlySet<string> = new Set([
  'span.kind',
  'meta.signal_type',
  'meta.annotation_type',
  SAMPLE_RATE_FIELD,
]);

/**
 * Fields read from the Span message itself, or that say what a row is. husky lets an attribute of the same name replace them; here that
 * would let one attribute named `trace.trace_id` tear a trace apart, so such an attribute is kept beside it.
 */
const PROTECTED_FIELDS: ReadonlySet<string> = new Set([
  ...ROW_FIELDS,
  'trace.trace_id',
  'trace.span_id',
  'trace.parent_id',
  'trace.trace_state',
  'trace.link.trace_id',
  'trace.link.span_id',
  'name',
  'parent_name',
  'duration_ms',
  'type',
  'status_code',
  'status_message',
  'span.num_events',
  'span.num_links',
  'meta.time_since_span_start_ms',
  'meta.invalid_duration',
  'meta.invalid_time',
  'meta.invalid_time_since_span_start',
]);

/** Whether spans have the field from the explorer alone: a span's attribute of that name is kept beside it. */
export function isProtectedField(name: string): boolean {
  return PROTECTED_FIELDS.has(name);
}

/** Honeycomb's limit on the length of a column's name. */
export const MAX_FIELD_NAME_LENGTH = 255;

/**
 * The field that an attribute is stored in: its own name, or `attribute.<name>` where that name is the explorer's. NUL,
 * which no SQL can name, becomes U+FFFD.
 */
export function fieldOfAttribute(
  name: string,
  type: FieldType,
  value: FieldValue,
  signal: 'trace' | 'log',
): string {
  if (PROTECTED_FIELDS.has(name) && !(signal === 'log' && isOfLog(name, type, value)))
    return `attribute.${name}`;
  const kept =
    name.length > MAX_FIELD_NAME_LENGTH ? name.slice(0, MAX_FIELD_NAME_LENGTH).toWellFormed() : name;
  return kept.includes('\0') ? kept.replaceAll('\0', '\ufffd') : kept;
}

/**
 * Whether a log record's attribute may have the name of a span's field: husky keeps all of them. Text in `duration_ms`
 * would make the durations of all spans text.
 */
function isOfLog(name: string, type: FieldType, value: FieldValue): boolean {
  if (ROW_FIELDS.has(name)) return false;
  const ofSpans = CORE_FIELDS.get(name);
  if (type === 'float' && !Number.isFinite(value)) return false;
  return type === ofSpans || (type === 'integer' && ofSpans === 'float');
}
