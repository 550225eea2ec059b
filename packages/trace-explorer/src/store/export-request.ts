import { gunzipSync } from 'node:zlib';
import type { DecodedLogs, DecodedTraces, Resource, Scope, Span } from '@tandem/otlp';
import { decodeLogs, decodeTraces } from '@tandem/otlp';
import { datasetName, logsDatasetName } from '../fields/dataset.ts';
import { mapLogs } from '../fields/map-logs.ts';
import { mapSpans } from '../fields/map-spans.ts';
import type { JournalRecord } from './journal.ts';
import type { RowBuffer } from './rows.ts';

/** Signals that the store keeps. */
export type Signal = 'traces' | 'logs';

/** A decoded request, or a part of one: spans or log records. Both take the same way into the store. */
export type ExportRequest = (DecodedTraces | DecodedLogs) & {
  /**
   * All of it in protobuf, as it came or with gzip undone, where it was small and nothing was left out: the journal keeps
   * these bytes.
   */
  readonly body?: Uint8Array;
  /**
   * The dataset that its sender names: of all its spans, or of its log records without a service name. A part of an
   * imported document has that of its groups.
   */
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

/** How many spans or log records it has. */
export function itemCount(request: ExportRequest): number {
  return isLogs(request) ? request.recordCount : request.spanCount;
}

/** Spans or log records of one resource and scope. */
interface Group {
  readonly resource: Resource;
  readonly scope: Scope;
  readonly items: readonly (Span | { readonly raw: Uint8Array })[];
}

function groupsOf(request: ExportRequest): readonly Group[] {
  return isLogs(request)
    ? request.scopeLogs.map(({ resource, scope, logRecords }) => ({ resource, scope, items: logRecords }))
    : request.scopeSpans.map(({ resource, scope, spans }) => ({ resource, scope, items: spans }));
}

/** Rows that a request becomes (one for each item, event and link), and bytes of its messages. */
export function sizeOf(request: ExportRequest): { readonly rows: number; readonly bytes: number } {
  let rows = 0;
  let bytes = 0;
  for (const { items } of groupsOf(request))
    for (const item of items) {
      rows += 'links' in item ? 1 + item.events.length + item.links.length : 1;
      bytes += item.raw.byteLength;
    }
  return { rows, bytes };
}

/**
 * Adds the rows of a request, as many as `sizeOf` says and in the same order every time.
 * @param now when it came, milliseconds since the epoch
 */
export function mapRequest(request: ExportRequest, now: number, rows: RowBuffer): void {
  const received = BigInt(now) * 1_000_000n;
  const { dataset } = request;
  if (isLogs(request)) {
    for (const group of request.scopeLogs) {
      if (group.logRecords.length === 0) continue;
      rows.group(group, logsDatasetName(group.resource.attributes, dataset), received);
      mapLogs(group, received, rows);
    }
  } else
    for (const group of request.scopeSpans) {
      if (group.spans.length === 0) continue;
      rows.group(group, datasetName(group.resource.attributes, dataset), received);
      mapSpans(group, received, rows);
    }
  rows.finish();
}

/** What was accepted once is accepted again, however long it takes. */
const NO_LIMITS = {
  maxItems: Number.MAX_SAFE_INTEGER,
  maxGroups: Number.MAX_SAFE_INTEGER,
  maxItemValues: Number.MAX_SAFE_INTEGER,
  maxSharedValues: Number.MAX_SAFE_INTEGER,
};

/** Bytes that gzip is undone by at a time: most bodies are one piece. */
const GUNZIP_BYTES = 256 * 1024;

/** Whether a body is gzip's and no protobuf: 0x1f would be a field of wire type 7, which does not exist. */
function isGzip([first, second]: Uint8Array): boolean {
  return first === 0x1f && second === 0x8b;
}

/** The request of a record. @throws Error where it is not what was written to the journal */
export function requestOf({ signal, body, dataset, rows }: JournalRecord): ExportRequest {
  const decode = signal === 'logs' ? decodeLogs : decodeTraces;
  const message = isGzip(body) ? gunzipSync(body, { chunkSize: GUNZIP_BYTES }) : body;
  const request = { ...decode(message, 'protobuf', NO_LIMITS), ...(dataset !== undefined && { dataset }) };
  const size = sizeOf(request);
  if (size.rows !== rows)
    throw new Error(`a record of ${rows} rows was read from the journal as one of ${size.rows}`);
  return request;
}
