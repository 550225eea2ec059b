import { readLogRecord as readLogRecordFromJson } from '../json/decode-log-record.ts';
import type { DecodedLogs, LogRecord, ScopeLogs } from '../messages/logs.ts';
import { readLogRecord } from '../protobuf/decode-log-record.ts';
import { encodeLogRecord } from '../protobuf/encode-log-record.ts';
import type { Signal } from './signal.ts';

export const logs: Signal<LogRecord, ScopeLogs, DecodedLogs> = {
  name: 'logs',
  item: 'log record',
  itemValues: 'attributes and values',
  lists: { resources: 'resourceLogs', scopes: 'scopeLogs', items: 'logRecords' },
  readProtobuf: readLogRecord,
  readJson(fields) {
    const content = readLogRecordFromJson(fields);
    return { ...content, raw: encodeLogRecord(content) };
  },
  invalidReason: () => undefined, // a record with invalid ids belongs to no trace, and is kept
  group: (resource, scope, logRecords) => ({ resource, scope, logRecords }),
  request: (scopeLogs, recordCount, rejectedCount, rejectedReason) => ({
    scopeLogs,
    recordCount,
    rejectedCount,
    rejectedReason,
  }),
};
