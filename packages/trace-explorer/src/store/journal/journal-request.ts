import { decodeLogs, decodeTraces, encodeLogs, encodeTraces } from '@tandem/otlp';
import type { ExportRequest } from '../export-request.ts';
import { isLogs, rowCount } from '../export-request.ts';
import type { Frame, JournalRecord } from './frame.ts';
import { framesOf } from './frame.ts';

/** What was accepted once is accepted again, however long it takes. */
const NO_LIMITS = {
  maxItems: Number.POSITIVE_INFINITY,
  maxGroups: Number.POSITIVE_INFINITY,
  maxItemValues: Number.POSITIVE_INFINITY,
  maxSharedValues: Number.POSITIVE_INFINITY,
  maxItemRowBytes: Number.POSITIVE_INFINITY,
  maxRowValues: Number.POSITIVE_INFINITY,
  maxRowBytes: Number.POSITIVE_INFINITY,
  maxMilliseconds: Number.POSITIVE_INFINITY,
};

/**
 * A request as it is written to the journal: the messages as they came, whatever encoding the request had.
 * @param seq `_seq` of its first row
 * @param received milliseconds since the epoch
 */
export function framesOfRequest(request: ExportRequest, seq: number, received: number): Frame[] {
  const place = { seq, received, rows: rowCount(request) };
  return isLogs(request)
    ? framesOf({ ...place, signal: 'logs', body: encodeLogs(request) })
    : framesOf({ ...place, signal: 'traces', body: encodeTraces(request) });
}

/** The request of a record. @throws UndecodableError where the journal has what was never written to it */
export function requestOf({ signal, body }: JournalRecord): ExportRequest {
  return signal === 'logs'
    ? decodeLogs(body, 'protobuf', NO_LIMITS)
    : decodeTraces(body, 'protobuf', NO_LIMITS);
}
