import type { ExportRequest, Signal } from './export-request.ts';
import { rowCount } from './export-request.ts';
import type { JournalRecord } from './journal/frame.ts';
import { requestOf } from './journal/journal-request.ts';
import { mapRequest } from './map-request.ts';
import { RowBuffer } from './row-buffer.ts';
import type { ScopeTable } from './scope-table.ts';

/** Records of the journal that are written together, with the rows that they become. */
export interface ReplayGroup {
  readonly rows: RowBuffer;
  readonly requests: readonly ExportRequest[];
  /** `_seq` of the first row. */
  readonly firstSeq: number;
  /** Rows that the database has already. */
  readonly from: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface ReplayOptions {
  readonly scopes: ScopeTable;
  /** Rows and bytes of a group, unless a single record has more. */
  readonly maxRows: number;
  readonly maxBytes: number;
  /** Told of the rows of a record that cannot be made again. */
  readonly onLost: (rows: number, signal: Signal, error: unknown) => void;
}

/**
 * The rows of records that the database does not have, or not all of, in groups of records that follow each other without
 * a gap.
 * @param position the database has the rows below it
 */
export async function* replayed(
  records: AsyncIterable<JournalRecord>,
  position: number,
  { scopes, maxRows, maxBytes, onLost }: ReplayOptions,
): AsyncGenerator<ReplayGroup, void> {
  let group: OpenGroup | undefined;
  for await (const record of records) {
    let request: ExportRequest;
    try {
      request = readBack(record);
    } catch (error) {
      onLost(record.rows, record.signal, error);
      continue;
    }
    if (
      group !== undefined &&
      (group.end !== record.seq ||
        group.rows.rowCount + record.rows > maxRows ||
        group.bytes + record.body.byteLength > maxBytes)
    ) {
      yield closed(group, position, scopes);
      group = undefined;
    }
    group ??= {
      rows: new RowBuffer(),
      requests: [],
      firstSeq: record.seq,
      end: record.seq,
      bytes: 0,
      now: 0,
    };
    mapRequest(request, record.received, group.rows);
    group.requests.push(request);
    group.end = record.seq + record.rows;
    group.bytes += record.body.byteLength;
    group.now = record.received;
  }
  if (group !== undefined) yield closed(group, position, scopes);
}

type OpenGroup = Omit<ReplayGroup, 'from'> & {
  readonly requests: ExportRequest[];
  end: number;
  bytes: number;
  now: number;
};

function closed(group: OpenGroup, position: number, scopes: ScopeTable): ReplayGroup {
  group.rows.numberScopes(scopes);
  return { ...group, from: Math.max(0, position - group.firstSeq) };
}

/** @throws UndecodableError, or Error when it is not what was written */
function readBack(record: JournalRecord): ExportRequest {
  const request = requestOf(record);
  const rows = rowCount(request);
  if (rows !== record.rows)
    throw new Error(`a record of ${record.rows} rows was read from the journal as one of ${rows}`);
  return request;
}
