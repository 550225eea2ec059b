import type { ProtobufWriter } from '@tandem/otlp/encode';
import {
  LogRecordFields,
  ScopeLogsFields,
  writePlainAnyValue,
  writePlainAttribute,
} from '@tandem/otlp/encode';
import type { LogEntry, LogRecordData } from '../logs/log-record.ts';
import type { IsRedacted } from '../secrets.ts';
import { REDACTED } from '../secrets.ts';
import type { LogRecordLimits } from '../settings/index.ts';

/** The usual record has between 128 bytes and 16 KiB. */
const RECORD_LENGTH_BYTES = 2;

/**
 * Makes a function that appends one record as an element of `ScopeLogs.log_records`. Fields with their default value are
 * left out, as proto3 does; attributes beyond the limits are left out and counted, texts cut.
 *
 * @param isRedacted asked with the path of a nested attribute, `user.email`
 */
export function logRecordEncoder(
  { attributeCountLimit, attributeValueLengthLimit }: LogRecordLimits,
  isRedacted: IsRedacted | undefined,
) {
  function writeAttributes(writer: ProtobufWriter, attributes: LogRecordData['attributes']): void {
    let count = 0;
    for (const [key, value] of Object.entries(attributes)) {
      if (key === '') continue;
      if (++count > attributeCountLimit) continue;
      writePlainAttribute(writer, LogRecordFields.attributes, key, isPlain ? value : limited(key, value));
    }
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

  return (writer: ProtobufWriter, entry: LogEntry): void => {
    const record = entry.read();
    const start = writer.begin(ScopeLogsFields.logRecords, RECORD_LENGTH_BYTES);
    writeHead(writer, record);
    if (record.body !== undefined) writePlainAnyValue(writer, LogRecordFields.body, record.body);
    writeAttributes(writer, record.attributes);
    writer.end(start, RECORD_LENGTH_BYTES);
  };
}

function writeHead(writer: ProtobufWriter, record: LogRecordData): void {
  const { time, observedTime, spanContext, eventName } = record;
  writer.time(LogRecordFields.timeUnixNano, time[0], time[1]);
  writer.time(LogRecordFields.observedTimeUnixNano, observedTime[0], observedTime[1]);
  if (spanContext !== undefined) {
    writer.fixed32(LogRecordFields.flags, spanContext.traceFlags & 0xff);
    writer.hex(LogRecordFields.traceId, spanContext.traceId);
    writer.hex(LogRecordFields.spanId, spanContext.spanId);
  }
  if (record.severityNumber !== 0) writer.int64(LogRecordFields.severityNumber, record.severityNumber);
  if (record.severityText !== '') writer.string(LogRecordFields.severityText, record.severityText);
  if (eventName !== '') writer.string(LogRecordFields.eventName, eventName);
}
