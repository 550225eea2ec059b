import type { LogRecordFields } from '../fields/logs.ts';
import { ValueKind } from '../messages/attributes.ts';
import type { LogRecordContent } from '../messages/logs.ts';
import { anyValueToJson, attributesToJson } from './encode-attributes.ts';
import type { JsonMessage } from './without-defaults.ts';
import { withoutDefaults } from './without-defaults.ts';

/** A LogRecord message in OTLP's JSON encoding. Fields at their default are left out, as in protobuf. */
export function logRecordToJson(record: LogRecordContent): JsonMessage {
  return {
    ...withoutDefaults<Omit<typeof LogRecordFields, 'body'>>({
      timeUnixNano: String(record.timeUnixNano),
      observedTimeUnixNano: String(record.observedTimeUnixNano),
      severityNumber: record.severityNumber,
      severityText: record.severityText,
      attributes: attributesToJson(record.attributes),
      droppedAttributesCount: record.droppedAttributesCount,
      flags: record.flags,
      traceId: record.traceId,
      spanId: record.spanId,
      eventName: record.eventName,
    }),
    // An empty list and an empty text are bodies, too.
    ...(record.body.kind !== ValueKind.none && { body: anyValueToJson(record.body) }),
  };
}
