import type { ProtobufWriter } from '@tandem/otlp/protobuf';
import {
  JsonAttributes,
  LogRecordFields,
  ScopeLogsFields,
  writePlainAnyValue,
  writePlainAttribute,
} from '@tandem/otlp/protobuf';
import type { LogEntry, LogRecordData, LogRecordHead, WrittenRecord } from '../logs/log-record.ts';
import type { IsRedacted } from '../sdk/redact-attributes.ts';
import { REDACTED } from '../secrets.ts';
import type { LogRecordLimits } from '../settings/log-records.ts';

/** The usual record has between 128 bytes and 16 KiB. */
const RECORD_LENGTH_BYTES = 2;

export interface LogRecordEncoding {
  readonly limits: LogRecordLimits;
  /** Whether the value of an attribute must not leave the process; of nested ones by their path, `user.email`. */
  readonly isRedacted: IsRedacted | undefined;
}

/**
 * What appends one record as an element of `ScopeLogs.log_records`. Fields with their default value are left out, as
 * proto3 does; attributes beyond the limits are left out and counted, texts cut.
 */
export function logRecordEncoder({ limits, isRedacted }: LogRecordEncoding) {
  const { attributeCountLimit, attributeValueLengthLimit } = limits;

  function writeAttributes(writer: ProtobufWriter, attributes: LogRecordData['attributes']): void {
    let count = 0;
    for (const [key, value] of Object.entries(attributes)) {
      if (value === undefined || value === null || typeof value === 'function' || key === '') continue;
      if (++count > attributeCountLimit) continue;
      writePlainAttribute(writer, LogRecordFields.attributes, key, isPlain ? value : limited(key, value));
    }
    writeDropped(writer, count);
  }

  function writeDropped(writer: ProtobufWriter, count: number): void {
    if (count > attributeCountLimit)
      writer.uint32(LogRecordFields.droppedAttributesCount, count - attributeCountLimit);
  }

  const isPlain = isRedacted === undefined && attributeValueLengthLimit === Number.POSITIVE_INFINITY;

  function limited(path: string, value: unknown): unknown {
    if (isRedacted?.(path)) return REDACTED;
    if (typeof value === 'string')
      return value.length > attributeValueLengthLimit ? value.substring(0, attributeValueLengthLimit) : value;
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
    if (Array.isArray(value)) return value.map((item) => limited(path, item));
    return Object.fromEntries(
      Object.entries(value).map(([key, part]) => [key, limited(`${path}.${key}`, part)]),
    );
  }

  function writeRecord(writer: ProtobufWriter, record: LogRecordData): void {
    const start = writer.begin(ScopeLogsFields.logRecords, RECORD_LENGTH_BYTES);
    writeHead(writer, record);
    if (record.body !== undefined && record.body !== null)
      writePlainAnyValue(writer, LogRecordFields.body, record.body);
    writeAttributes(writer, record.attributes);
    writer.end(start, RECORD_LENGTH_BYTES);
  }

  /** False, and nothing written, for what has to be read. */
  function copyRecord(writer: ProtobufWriter, record: WrittenRecord): boolean {
    const before = writer.length;
    const start = writer.begin(ScopeLogsFields.logRecords, RECORD_LENGTH_BYTES);
    writeHead(writer, record);
    const { json } = record;
    const count = jsonAttributes.write(writer, LogRecordFields.attributes, json, attributeCountLimit, record);
    if (count === -1) {
      writer.length = before;
      return false;
    }
    writeDropped(writer, count);
    writer.end(start, RECORD_LENGTH_BYTES);
    return true;
  }

  return (writer: ProtobufWriter, entry: LogEntry): void => {
    const written = isPlain ? entry.written?.() : undefined;
    if (written === undefined || !copyRecord(writer, written)) writeRecord(writer, entry.read());
  };
}

const jsonAttributes = new JsonAttributes();

function writeHead(writer: ProtobufWriter, record: LogRecordHead): void {
  const { time, observedTime, spanContext, eventName } = record;
  writer.time(LogRecordFields.timeUnixNano, time[0], time[1]);
  writer.time(LogRecordFields.observedTimeUnixNano, observedTime[0], observedTime[1]);
  if (spanContext !== undefined) spanFields.write(writer, spanContext);
  if (record.severityNumber !== 0) writer.int64(LogRecordFields.severityNumber, record.severityNumber);
  if (record.severityText !== '') writer.string(LogRecordFields.severityText, record.severityText);
  if (eventName !== '') writer.string(LogRecordFields.eventName, eventName);
}

/** The fields that name a record's span: the same for all lines in a row that one span has written. */
class SpanFields {
  /** A tag and the flags; for each id its tag, length and bytes. */
  readonly #bytes = Buffer.alloc(1 + 4 + 2 + 16 + 2 + 8);
  #traceId = '';
  #spanId = '';
  #flags = 0;

  write(
    writer: ProtobufWriter,
    { traceId, spanId, traceFlags }: NonNullable<LogRecordHead['spanContext']>,
  ): void {
    if (spanId === this.#spanId && traceId === this.#traceId && traceFlags === this.#flags) {
      writer.raw(this.#bytes);
      return;
    }
    const start = writer.length;
    writer.fixed32(LogRecordFields.flags, traceFlags & 0xff);
    writer.hex(LogRecordFields.traceId, traceId);
    if (spanId === '') return;
    writer.hex(LogRecordFields.spanId, spanId);
    writer.bytes.copy(this.#bytes, 0, start, writer.length);
    this.#traceId = traceId;
    this.#spanId = spanId;
    this.#flags = traceFlags;
  }
}

const spanFields = new SpanFields();
