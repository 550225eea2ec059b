import { createHash } from 'node:crypto';
import type {
  Attribute,
  LogRecordContent,
  ResourceContent,
  ScopeContent,
  SpanContent,
  SpanEvent,
  SpanLink,
} from '@tandem/otlp';
import { encodeLogRecord, encodeResource, encodeScope, encodeSpan, ValueKind } from '@tandem/otlp';
import { nextTurn } from '../../shared/turns.ts';

/** Bytes that are hashed before others get their turn: some 6 ms. */
const SLICE_BYTES = 4 * 1024 * 1024;
/** Characters that are as many bytes: they are hashed as UTF-16, which cuts no character's code in two. */
const SLICE_CHARACTERS = SLICE_BYTES / 2;

/** A hash step by step; others may have their turn between two. */
type Hashing<T> = Generator<undefined, T>;

/** Equal for spans of equal content, whatever encoding or order of attributes brought them. */
export function spanHash(span: SpanContent): string {
  const steps = contentHash(span);
  for (let step = steps.next(); ; step = steps.next()) if (step.done) return step.value;
}

/** The same of a span or a log record, one step for each turn of the event loop where it is large. */
export async function hashInTurns(item: SpanContent | LogRecordContent): Promise<string> {
  const steps = contentHash(item);
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done) return step.value;
    await nextTurn();
  }
}

/** Of the message with its attributes in order, and digests in the place of large values: they are not held twice. */
function* contentHash(item: SpanContent | LogRecordContent): Hashing<string> {
  const bytes = 'events' in item ? yield* sortedSpan(item) : yield* sortedLog(item);
  const hash = createHash('md5');
  for (let from = 0; from < bytes.byteLength; from += SLICE_BYTES) {
    if (bytes.byteLength > SLICE_BYTES) yield;
    hash.update(bytes.subarray(from, from + SLICE_BYTES));
  }
  return hash.digest('base64');
}

function* sortedSpan(span: SpanContent): Hashing<Uint8Array> {
  const attributes = sorted(yield* shortened(span.attributes));
  const events: SpanEvent[] = [];
  for (const event of span.events)
    events.push({ ...event, attributes: sorted(yield* shortened(event.attributes)) });
  const links: SpanLink[] = [];
  for (const link of span.links)
    links.push({ ...link, attributes: sorted(yield* shortened(link.attributes)) });
  return encodeSpan({ ...span, attributes, events, links });
}

function* sortedLog(record: LogRecordContent): Hashing<Uint8Array> {
  const body = sorted(yield* shortened([record.body]))[0] ?? record.body;
  return encodeLogRecord({ ...record, body, attributes: sorted(yield* shortened(record.attributes)) });
}

/** The attributes with a digest for each large text or list of bytes among them. */
function* shortened(attributes: readonly Attribute[]): Hashing<readonly Attribute[]> {
  if (!attributes.some(hasLarge)) return attributes;
  const short: Attribute[] = [];
  for (const attribute of attributes) {
    const { key, kind, value } = attribute;
    if (typeof value === 'string' && isLarge(attribute))
      short.push({ key, kind: ValueKind.bytes, value: yield* digest(value, SLICE_CHARACTERS) });
    else if (value instanceof Uint8Array && isLarge(attribute))
      short.push({ key, kind: ValueKind.bytes, value: yield* digest(value, SLICE_BYTES) });
    else if (Array.isArray(value)) short.push({ key, kind, value: yield* shortened(value) });
    else short.push(attribute);
  }
  return short;
}

function hasLarge(attribute: Attribute): boolean {
  return Array.isArray(attribute.value) ? attribute.value.some(hasLarge) : isLarge(attribute);
}

function isLarge({ value }: Attribute): boolean {
  return (typeof value === 'string' || value instanceof Uint8Array) && value.length > SLICE_CHARACTERS;
}

/** Texts and bytes have different ones. */
function* digest(value: string | Uint8Array, slice: number): Hashing<Uint8Array> {
  const hash = createHash('md5').update(typeof value);
  for (let from = 0; from < value.length; from += slice) {
    yield;
    if (typeof value === 'string') hash.update(value.slice(from, from + slice), 'utf16le');
    else hash.update(value.subarray(from, from + slice));
  }
  return hash.digest();
}

/** Equal for equal resources and scopes. */
export function sourceHash(resource: ResourceContent, scope: ScopeContent): string {
  const from = encodeResource({ ...resource, attributes: sorted(resource.attributes) });
  const by = encodeScope({ ...scope, attributes: sorted(scope.attributes) });
  return [md5(from), md5(by), resource.schemaUrl, scope.schemaUrl].join(' ');
}

/** By key, as a map has no order; of equal keys the order stays. Lists stay as they are. */
function sorted(attributes: readonly Attribute[]): Attribute[] {
  const inner = attributes.map((attribute) =>
    attribute.kind === ValueKind.map && Array.isArray(attribute.value)
      ? { ...attribute, value: sorted(attribute.value) }
      : attribute,
  );
  return inner.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('base64');
}
