import type { SpanStore } from '../store/types.ts';
import { readField, spanColumns } from '../traces/read/span-columns.ts';

/** SQL expressions over table `spans` for the fields of log records. */
export interface LogColumns {
  readonly isLog: string;
  readonly traceId: string;
  /** Of the record's span. */
  readonly parentId: string;
  readonly service: string;
  readonly severity: string;
  readonly severityCode: string;
  readonly severityText: string;
  readonly body: string;
  readonly eventName: string;
}

export function logColumns(store: SpanStore): LogColumns {
  const { isLog, traceId, parentId, service } = spanColumns(store);
  const read = (name: string, type: string) => readField(store.fields(), name, type);
  return {
    isLog,
    traceId,
    parentId,
    service,
    severity: read('severity', 'VARCHAR'),
    severityCode: read('severity_code', 'BIGINT'),
    severityText: read('severity_text', 'VARCHAR'),
    body: read('body', 'VARCHAR'),
    eventName: read('event.name', 'VARCHAR'),
  };
}
