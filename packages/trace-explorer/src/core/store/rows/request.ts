import type { DecodedLogs, DecodedTraces } from '@tandem/otlp';
import { mapLogs } from '../../fields/map-logs.ts';
import { mapSpans } from '../../fields/map-spans.ts';
import { datasetName, logsDatasetName } from '../../fields/resource.ts';
import type { Batch } from './batch.ts';

export type Signal = 'traces' | 'logs';

/** A decoded request, or a part of a large one. Spans and log records take the same way into the store. */
export type ExportRequest = (DecodedTraces | DecodedLogs) & {
  /** The bytes of a small request (protobuf, or gzip of protobuf) without omissions: the journal keeps these bytes. */
  readonly body?: Uint8Array;
  /** The dataset that the sender names: for all spans, or for log records without a service name. */
  readonly dataset?: string;
};

export function isLogs<Request extends Pick<DecodedTraces, 'spanCount'> | Pick<DecodedLogs, 'recordCount'>>(
  request: Request,
): request is Extract<Request, Pick<DecodedLogs, 'recordCount'>> {
  return 'recordCount' in request;
}

export function signalOf(request: ExportRequest): Signal {
  return isLogs(request) ? 'logs' : 'traces';
}

/** How many spans or log records a request has. */
export function itemCount(request: ExportRequest): number {
  return isLogs(request) ? request.recordCount : request.spanCount;
}

/** Rows that a request becomes (one for each item, event and link), and bytes of its messages. */
export function sizeOf(request: ExportRequest): { readonly rows: number; readonly bytes: number } {
  let rows = 0;
  let bytes = 0;
  for (const group of isLogs(request) ? request.scopeLogs : request.scopeSpans)
    for (const item of 'spans' in group ? group.spans : group.logRecords) {
      rows += 'links' in item ? 1 + item.events.length + item.links.length : 1;
      bytes += item.raw.byteLength;
    }
  return { rows, bytes };
}

/**
 * Adds the rows of a request, as many as `sizeOf` says, each time in the same order.
 * @param now when the request came, milliseconds since the epoch
 */
export function mapRequest(request: ExportRequest, now: number, batch: Batch): void {
  batch.now = now;
  const received = BigInt(now) * 1_000_000n;
  const { dataset } = request;
  if (isLogs(request)) {
    for (const group of request.scopeLogs) {
      if (group.logRecords.length === 0) continue;
      batch.scope(group, logsDatasetName(group.resource.attributes, dataset), received);
      mapLogs(group, received, batch);
    }
  } else
    for (const group of request.scopeSpans) {
      if (group.spans.length === 0) continue;
      batch.scope(group, datasetName(group.resource.attributes, dataset), received);
      mapSpans(group, received, batch);
    }
  batch.finish();
  batch.items[signalOf(request)] += itemCount(request);
}
