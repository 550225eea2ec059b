import { LogRecordFields } from '../fields/logs.ts';
import { ValueKind } from '../messages/attributes.ts';
import type { LogRecordContent } from '../messages/logs.ts';
import { writeAnyValue, writeAttributes } from './encode-attributes.ts';
import { ProtobufWriter } from './writer.ts';

/** Reused: each record is written and copied at once. */
const scratch = new ProtobufWriter();

/** The LogRecord message (opentelemetry/proto/logs/v1). Fields with their default value are left out, as proto3 does. */
export function encodeLogRecord(record: LogRecordContent): Uint8Array {
  const writer = scratch;
  writer.reset();
  if (record.timeUnixNano !== 0n) writer.fixed64(LogRecordFields.timeUnixNano, record.timeUnixNano);
  if (record.severityNumber !== 0) writer.int64(LogRecordFields.severityNumber, record.severityNumber);
  if (record.severityText !== '') writer.string(LogRecordFields.severityText, record.severityText);
  if (record.body.kind !== ValueKind.none) {
    const start = writer.begin(LogRecordFields.body);
    writeAnyValue(writer, record.body);
    writer.end(start);
  }
  writeAttributes(writer, LogRecordFields.attributes, record.attributes);
  if (record.droppedAttributesCount !== 0)
    writer.uint32(LogRecordFields.droppedAttributesCount, record.droppedAttributesCount);
  if (record.flags !== 0) writer.fixed32(LogRecordFields.flags, record.flags);
  if (record.traceId !== '') writer.hex(LogRecordFields.traceId, record.traceId);
  if (record.spanId !== '') writer.hex(LogRecordFields.spanId, record.spanId);
  if (record.observedTimeUnixNano !== 0n)
    writer.fixed64(LogRecordFields.observedTimeUnixNano, record.observedTimeUnixNano);
  if (record.eventName !== '') writer.string(LogRecordFields.eventName, record.eventName);
  return writer.toBuffer();
}
