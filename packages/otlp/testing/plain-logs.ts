import type { DecodedLogs, ScopeLogs } from '../src/messages/logs.ts';
import { encodeLogRecord } from '../src/protobuf/encode-log-record.ts';
import type { PlainAttributes, PlainValue } from './plain-spans.ts';
import { plainAttribute, plainAttributes, plainOrigin } from './plain-spans.ts';

/** A log record as a test writes it. */
export interface PlainLogRecord {
  /** Nanoseconds since the epoch; default now. */
  readonly time?: bigint;
  /** In the same unit; default 0, which says nothing. */
  readonly observedTime?: bigint;
  /** SeverityNumber; default 9, INFO. */
  readonly severity?: number;
  readonly severityText?: string;
  readonly body?: PlainValue;
  readonly attributes?: PlainAttributes;
  readonly flags?: number;
  readonly traceId?: string;
  readonly spanId?: string;
  readonly eventName?: string;
  /** `service.name` of the record's resource; default `test-service`. */
  readonly service?: string;
  /** Attributes of the record's resource, besides service.name. */
  readonly resource?: PlainAttributes;
  readonly scope?: { name: string; version?: string };
}

/** Plain records in the decoded form, as if they had come in one request, in the order given. */
export function decodedLogs(records: readonly PlainLogRecord[]): DecodedLogs {
  return {
    scopeLogs: records.map(scopeLogsOf),
    recordCount: records.length,
    rejectedCount: 0,
    rejectedReason: '',
  };
}

function scopeLogsOf(plain: PlainLogRecord): ScopeLogs {
  const record = {
    timeUnixNano: plain.time ?? BigInt(Date.now()) * 1_000_000n,
    observedTimeUnixNano: plain.observedTime ?? 0n,
    severityNumber: plain.severity ?? 9,
    severityText: plain.severityText ?? '',
    body: plainAttribute('', plain.body ?? null),
    attributes: plainAttributes(plain.attributes),
    droppedAttributesCount: 0,
    flags: plain.flags ?? 0,
    traceId: plain.traceId ?? '',
    spanId: plain.spanId ?? '',
    eventName: plain.eventName ?? '',
  };
  return {
    ...plainOrigin(plain),
    logRecords: [{ ...record, raw: encodeLogRecord(record) }],
  };
}
