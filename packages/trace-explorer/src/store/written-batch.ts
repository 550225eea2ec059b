import { spanTime } from '../fields/span-time.ts';
import { traceIdField } from '../fields/trace-id.ts';
import { datasetName } from './dataset-name.ts';
import type { ExportRequest } from './export-request.ts';
import { isLogs } from './export-request.ts';
import type { RowBuffer } from './row-buffer.ts';
import type { WrittenBatch, WrittenSpan } from './types.ts';

/** Requests that were written together. */
export interface Written {
  readonly rows: RowBuffer;
  readonly requests: readonly ExportRequest[];
  readonly firstSeq: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** What the listeners of live updates are told of a commit. */
export function summarise({ rows, requests, firstSeq, now }: Written): WrittenBatch {
  const received = BigInt(now) * 1_000_000n;
  const spans: WrittenSpan[] = [];
  const traceIds = new Set<string>();
  let logs = 0;
  for (const request of requests) {
    if (isLogs(request)) {
      logs += request.recordCount;
      for (const { logRecords } of request.scopeLogs) {
        for (const { traceId } of logRecords) if (traceId !== '') traceIds.add(traceId);
      }
      continue;
    }
    for (const group of request.scopeSpans) {
      const dataset = datasetName(group.resource.attributes);
      for (const span of group.spans) {
        const { time, durationMs } = spanTime(span, received);
        const traceId = traceIdField(span.traceId);
        traceIds.add(traceId);
        spans.push({
          traceId,
          spanId: span.spanId,
          parentSpanId: span.parentSpanId,
          dataset,
          name: span.name,
          startTime: time,
          durationMs,
          error: span.statusCode === 2,
        });
      }
    }
  }
  return { seq: firstSeq + rows.rowCount - 1, logs, traceIds: [...traceIds], spans };
}
