import type { Counted } from './export-request.ts';
import { isLogs } from './export-request.ts';
import type { RowBuffer } from './row-buffer.ts';
import type { WrittenBatch } from './types.ts';

/** Requests that were written together. */
export interface Written {
  readonly rows: RowBuffer;
  readonly requests: readonly Counted[];
  readonly firstSeq: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** What the listeners of live updates are told of a commit. */
export function summarise({ rows, requests, firstSeq }: Written): WrittenBatch {
  let logs = 0;
  for (const request of requests) if (isLogs(request)) logs += request.recordCount;
  const traceIds = new Set(rows.columns.get('trace.trace_id')?.values);
  traceIds.delete(undefined);
  return { seq: firstSeq + rows.rowCount - 1, logs, traceIds: [...traceIds].map(String) };
}
