import type { FieldType, FieldValue } from './field-type.ts';

/** A field that the explorer writes itself. */
interface OwnField {
  /** In a new store. */
  readonly type: FieldType;
  /**
   * What the field is of, where no attribute of that name may replace it: the Span message itself, or the row, which it says
   * what it is. husky lets an attribute replace each; here one attribute named `trace.trace_id` would tear a trace apart.
   */
  readonly of?: 'message' | 'row';
  /**
   * Many stores never have a value of it, as of fields of log records where only spans are sent. A column costs with every
   * row, also where the row has no value, so it is made with the first one.
   */
  readonly isOccasional?: true;
}

/**
 * They exist before the first span or log record, so that a query may name them on an empty store. Those that attributes can
 * have too, such as `error`, widen when a sender uses another type.
 */
const OWN_FIELDS: Readonly<Record<string, OwnField>> = {
  'trace.trace_id': { type: 'string', of: 'message' },
  'trace.span_id': { type: 'string', of: 'message' },
  'trace.parent_id': { type: 'string', of: 'message' },
  'trace.trace_state': { type: 'string', of: 'message', isOccasional: true },
  name: { type: 'string', of: 'message' },
  'service.name': { type: 'string' },
  duration_ms: { type: 'float', of: 'message' },
  'span.kind': { type: 'string', of: 'row' },
  type: { type: 'string', of: 'message' },
  status_code: { type: 'integer', of: 'message' },
  status_message: { type: 'string', of: 'message', isOccasional: true },
  error: { type: 'boolean' },
  'span.num_events': { type: 'integer', of: 'message' },
  'span.num_links': { type: 'integer', of: 'message' },
  'meta.signal_type': { type: 'string', of: 'row' },
  'meta.annotation_type': { type: 'string', of: 'row', isOccasional: true },
  'meta.time_since_span_start_ms': { type: 'float', of: 'message', isOccasional: true },
  'meta.invalid_duration': { type: 'boolean', of: 'message', isOccasional: true },
  'meta.invalid_time': { type: 'boolean', of: 'message', isOccasional: true },
  'meta.invalid_time_since_span_start': { type: 'boolean', of: 'message', isOccasional: true },
  parent_name: { type: 'string', of: 'message', isOccasional: true },
  'trace.link.trace_id': { type: 'string', of: 'message', isOccasional: true },
  'trace.link.span_id': { type: 'string', of: 'message', isOccasional: true },
  'exception.type': { type: 'string', isOccasional: true },
  'exception.message': { type: 'string', isOccasional: true },
  'exception.stacktrace': { type: 'string', isOccasional: true },
  'exception.escaped': { type: 'boolean', isOccasional: true },
  severity: { type: 'string', isOccasional: true },
  severity_text: { type: 'string', isOccasional: true },
  severity_code: { type: 'integer', isOccasional: true },
  body: { type: 'string', isOccasional: true },
  'event.name': { type: 'string', isOccasional: true },
  'library.name': { type: 'string' },
  'library.version': { type: 'string' },
};

/** The explorer's own fields with their types in a new store. */
export const CORE_FIELDS: ReadonlyMap<string, FieldType> = new Map(
  Object.entries(OWN_FIELDS).map(([name, { type }]) => [name, type]),
);

/** Fields whose columns are made with their first value. */
export const OCCASIONAL_FIELDS: ReadonlySet<string> = new Set(
  Object.keys(OWN_FIELDS).filter((name) => OWN_FIELDS[name]?.isOccasional),
);

/**
 * Where rows that stand for several events have their sample rate. Honeycomb knows it of every event, but as none of its
 * fields: it is not listed, and no query names it.
 */
export const SAMPLE_RATE_FIELD = '_sample_rate';

const ROW_FIELDS: ReadonlySet<string> = new Set([
  SAMPLE_RATE_FIELD,
  ...Object.keys(OWN_FIELDS).filter((name) => OWN_FIELDS[name]?.of === 'row'),
]);
const PROTECTED_FIELDS: ReadonlySet<string> = new Set([
  ...ROW_FIELDS,
  ...Object.keys(OWN_FIELDS).filter((name) => OWN_FIELDS[name]?.of === 'message'),
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
