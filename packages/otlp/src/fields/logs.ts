import { bytes, enumeration, fixed32, fixed64, message, string, uint32 } from './types.ts';

// opentelemetry/proto/logs/v1/logs.proto

export const ResourceLogsFields = {
  resource: message(1),
  scopeLogs: message(2),
  schemaUrl: string(3),
};

export const ScopeLogsFields = {
  scope: message(1),
  logRecords: message(2),
  schemaUrl: string(3),
};

/** Number 4 is reserved. */
export const LogRecordFields = {
  timeUnixNano: fixed64(1),
  observedTimeUnixNano: fixed64(11),
  severityNumber: enumeration(2),
  severityText: string(3),
  body: message(5),
  attributes: message(6),
  droppedAttributesCount: uint32(7),
  flags: fixed32(8),
  traceId: bytes(9),
  spanId: bytes(10),
  eventName: string(12),
};
