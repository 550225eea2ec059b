import { ResourceSpansFields, ScopeSpansFields } from '../fields/trace.ts';
import { ExportTraceServiceRequestFields } from '../fields/trace-service.ts';
import { WireType } from '../fields/types.ts';

/** Part of an export request that is a request of its own, and the number of its items. */
export interface RequestPart {
  readonly body: Uint8Array;
  readonly items: number;
}

/** The lists down to the items. They have the same numbers in the requests of all signals; a test compares the tables. */
const LISTS: readonly number[] = [
  ExportTraceServiceRequestFields.resourceSpans,
  ResourceSpansFields.scopeSpans,
  ScopeSpansFields.spans,
];

/**
 * The two halves of an export request in protobuf, byte for byte but for the lengths of groups; nothing of a request with
 * fewer than two items, and of other bytes. Never throws.
 */
export function halvesOf(body: Uint8Array): readonly RequestPart[] {
  try {
    const whole = { from: 0, to: Number.POSITIVE_INFINITY, at: 0 };
    partOf(body, 0, whole);
    const { at: count } = whole;
    const middle = Math.ceil(count / 2);
    if (count < 2) return [];
    return [half(body, 0, middle), half(body, middle, count)];
  } catch {
    return [];
  }
}

function half(body: Uint8Array, from: number, to: number): RequestPart {
  return { body: partOf(body, 0, { from, to, at: 0 }) ?? new Uint8Array(), items: to - from };
}

/** The items from one index to another, and the index of the next one. */
interface Range {
  readonly from: number;
  readonly to: number;
  at: number;
}

/** A message with those of its items that are in the range; undefined without any. */
function partOf(message: Uint8Array, level: number, range: Range): Uint8Array | undefined {
  const parts: Uint8Array[] = [];
  let hasItems = false;
  for (const { tag, start, contentAt, end } of fieldsOf(message)) {
    if (tag !== LISTS[level]) {
      parts.push(message.subarray(start, end));
    } else if (level === LISTS.length - 1) {
      const isIn = range.at >= range.from && range.at < range.to;
      range.at++;
      if (isIn) parts.push(message.subarray(start, end));
      hasItems ||= isIn;
    } else {
      const group = partOf(message.subarray(contentAt, end), level + 1, range);
      if (group === undefined) continue;
      parts.push(Uint8Array.from([...varint(tag), ...varint(group.length)]), group);
      hasItems = true;
    }
  }
  return hasItems ? Buffer.concat(parts) : undefined;
}

interface Field {
  readonly tag: number;
  /** Where the tag, the content behind the length, and the next field begin. */
  readonly start: number;
  readonly contentAt: number;
  readonly end: number;
}

/** The fields of a message. @throws RangeError for a field that ends outside, and for groups, which OTLP does not have */
function* fieldsOf(message: Uint8Array): Generator<Field> {
  for (let start = 0; start < message.length; ) {
    const [tag, contentAt] = readVarint(message, start);
    const field = { tag, start, ...contentOf(message, tag & 7, contentAt) };
    if (field.end > message.length) throw new RangeError('cut off');
    yield field;
    start = field.end;
  }
}

function contentOf(message: Uint8Array, type: number, at: number): Pick<Field, 'contentAt' | 'end'> {
  if (type === WireType.varint) return { contentAt: at, end: readVarint(message, at)[1] };
  if (type === WireType.fixed64) return { contentAt: at, end: at + 8 };
  if (type === WireType.fixed32) return { contentAt: at, end: at + 4 };
  if (type !== WireType.bytes) throw new RangeError(`wire type ${type}`);
  const [length, contentAt] = readVarint(message, at);
  return { contentAt, end: contentAt + length };
}

/** A varint, exact up to 2^53, and where the next value begins. @throws RangeError for more than ten bytes, and at the end */
function readVarint(message: Uint8Array, start: number): [value: number, end: number] {
  let value = 0;
  for (let at = start; at < start + 10; at++) {
    const byte = message[at];
    if (byte === undefined) break;
    value += (byte & 0x7f) * 2 ** (7 * (at - start));
    if (byte < 0x80) return [value, at + 1];
  }
  throw new RangeError('a varint without an end');
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(Math.floor(value / 0x80))];
}
