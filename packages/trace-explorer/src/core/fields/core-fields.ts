import type { FieldType, FieldValue, SignalType } from './field-type.ts';

/** A field that the explorer writes itself. */
interface OwnField {
  /** The field's type in a new store. */
  readonly type: FieldType;
  /**
   * The attributes that may not replace the field: attributes of spans, or also of log records. An attribute of that name gets
   * the field `attribute.<name>`. In husky an attribute replaces any field; here one attribute named `trace.trace_id` would
   * tear a trace apart.
   */
  readonly protectedFrom?: 'spans' | 'all';
}

/**
 * These fields exist before the first span or log record, so that a query may name them on an empty store. An attribute can
 * also have the name of an unprotected field, such as `error`. The field then gets a wider type when a sender uses another
 * type.
 */
const OWN_FIELDS: Readonly<Record<string, OwnField>> = {
  'trace.trace_id': { type: 'string', protectedFrom: 'spans' },
  'trace.span_id': { type: 'string', protectedFrom: 'spans' },
  'trace.parent_id': { type: 'string', protectedFrom: 'spans' },
  'trace.trace_state': { type: 'string', protectedFrom: 'spans' },
  name: { type: 'string', protectedFrom: 'spans' },
  'service.name': { type: 'string' },
  duration_ms: { type: 'float', protectedFrom: 'spans' },
  'span.kind': { type: 'string', protectedFrom: 'all' },
  type: { type: 'string', protectedFrom: 'spans' },
  status_code: { type: 'integer', protectedFrom: 'spans' },
  status_message: { type: 'string', protectedFrom: 'spans' },
  error: { type: 'boolean' },
  'span.num_events': { type: 'integer', protectedFrom: 'spans' },
  'span.num_links': { type: 'integer', protectedFrom: 'spans' },
  'meta.signal_type': { type: 'string', protectedFrom: 'all' },
  'meta.annotation_type': { type: 'string', protectedFrom: 'all' },
  'meta.time_since_span_start_ms': { type: 'float', protectedFrom: 'spans' },
  'meta.invalid_duration': { type: 'boolean', protectedFrom: 'spans' },
  'meta.invalid_time': { type: 'boolean', protectedFrom: 'spans' },
  'meta.invalid_time_since_span_start': { type: 'boolean', protectedFrom: 'spans' },
  parent_name: { type: 'string', protectedFrom: 'spans' },
  'trace.link.trace_id': { type: 'string', protectedFrom: 'spans' },
  'trace.link.span_id': { type: 'string', protectedFrom: 'spans' },
  'exception.type': { type: 'string' },
  'exception.message': { type: 'string' },
  'exception.stacktrace': { type: 'string' },
  'exception.escaped': { type: 'boolean' },
  severity: { type: 'string' },
  severity_text: { type: 'string' },
  severity_code: { type: 'integer' },
  body: { type: 'string' },
  'event.name': { type: 'string' },
  'library.name': { type: 'string' },
  'library.version': { type: 'string' },
};

/** The explorer's own fields with their types in a new store. */
export const CORE_FIELDS: ReadonlyMap<string, FieldType> = new Map(
  Object.entries(OWN_FIELDS).map(([name, { type }]) => [name, type]),
);

/**
 * The field with the sample rate of a row that stands for several events. Honeycomb has a sample rate for every event too, but
 * not as a field: the field is not listed, and no query can name it.
 */
export const SAMPLE_RATE_FIELD = '_sample_rate';

const FIELDS_PROTECTED_FROM_ALL: ReadonlySet<string> = new Set([
  SAMPLE_RATE_FIELD,
  ...Object.keys(OWN_FIELDS).filter((name) => OWN_FIELDS[name]?.protectedFrom === 'all'),
]);
const PROTECTED_FIELDS: ReadonlySet<string> = new Set([
  ...FIELDS_PROTECTED_FROM_ALL,
  ...Object.keys(OWN_FIELDS).filter((name) => OWN_FIELDS[name]?.protectedFrom === 'spans'),
]);

/** Whether only the explorer may write the field on a span. A span's attribute of that name is stored in another field. */
export function isProtectedField(name: string): boolean {
  return PROTECTED_FIELDS.has(name);
}

/** Honeycomb's limit on the length of a column's name. */
export const MAX_FIELD_NAME_LENGTH = 255;

/**
 * The field of an attribute: `attribute.<name>` when a protected field has the attribute's name, else the
 * attribute's own name. NUL, which SQL cannot name, becomes U+FFFD.
 */
export function fieldOfAttribute(
  name: string,
  type: FieldType,
  value: FieldValue,
  signal: SignalType,
): string {
  if (PROTECTED_FIELDS.has(name) && !(signal === 'log' && fitsSpanField(name, type, value)))
    return `attribute.${name}`;
  const kept =
    name.length > MAX_FIELD_NAME_LENGTH ? name.slice(0, MAX_FIELD_NAME_LENGTH).toWellFormed() : name;
  return kept.includes('\0') ? kept.replaceAll('\0', '\ufffd') : kept;
}

/**
 * Whether a log record's attribute may be stored in the span field of its name. husky stores all such attributes there. Here
 * the types must fit: text in `duration_ms` would turn the durations of all spans into text.
 */
function fitsSpanField(name: string, type: FieldType, value: FieldValue): boolean {
  if (FIELDS_PROTECTED_FROM_ALL.has(name)) return false;
  const spanType = CORE_FIELDS.get(name);
  if (type === 'float' && !Number.isFinite(value)) return false;
  return type === spanType || (type === 'integer' && spanType === 'float');
}
