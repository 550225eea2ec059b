import { decodeLogRecord } from '@tandem/otlp';
import { rfc3339 } from '../../lib/time/rfc3339.ts';
import { bigint, bytes, namedColumns, number, text, textOrNone } from '../store/read/named-columns.ts';
import { rowsAt } from '../store/read/rows-at.ts';
import type { ReadOptions, SpanStore } from '../store/store.ts';
import { plainObject } from '../traces/forms/plain-value.ts';
import { decodeCursor, encodeCursor } from '../traces/list/cursor.ts';
import { logColumns } from './log-columns.ts';
import type { LogFilter } from './log-filter.ts';
import { logConditions } from './log-filter.ts';
import type { LogEntry, LogPage } from './schemas.ts';

export interface LogPageOptions {
  readonly order: 'newest' | 'oldest';
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** A page of the matching log records. @throws BAD_CURSOR, UNKNOWN_FIELD */
export async function readLogs(
  store: SpanStore,
  filter: LogFilter,
  { order, limit, cursor }: LogPageOptions,
  given: ReadOptions = {},
): Promise<LogPage> {
  const options = { ...given, short: filter.trace_id !== undefined };
  const values: unknown[] = [];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const conditions = logConditions(store, filter, bind);
  if (cursor !== undefined) {
    const [time, seq] = decodeCursor(cursor, /^(-?\d{1,19}) (\d{1,18})$/);
    const beyond = order === 'newest' ? '<' : '>';
    const [at, after] = [bind(BigInt.asIntN(64, BigInt(time ?? 0))), bind(BigInt(seq ?? 0))];
    conditions.push(`(_time ${beyond} ${at} OR (_time = ${at} AND _seq ${beyond} ${after}))`);
  }
  const direction = order === 'newest' ? 'DESC' : 'ASC';
  // One record more than the limit tells whether there is a next page.
  const { rows } = await store.read(
    `SELECT _seq, _time FROM spans WHERE ${conditions.join(' AND ')}
    ORDER BY _time ${direction}, _seq ${direction} LIMIT ${limit + 1}`,
    values,
    options,
  );
  const page = rows.slice(0, limit);
  const logs = await readEntries(
    store,
    page.map(([seq]) => Number(seq)),
    options,
  );
  const last = page.at(-1);
  if (rows.length <= limit || last === undefined) return { logs };
  return { logs, next: encodeCursor(last[1], last[0]) };
}

/** The newest matching records that arrived after one sequence number and up to another, in the order of arrival. */
export async function readNewLogs(
  store: SpanStore,
  filter: LogFilter,
  { after, upTo, limit }: { readonly after: number; readonly upTo: number; readonly limit: number },
): Promise<{ readonly logs: readonly LogEntry[]; readonly more: number }> {
  const values: unknown[] = [after, upTo];
  const conditions = logConditions(store, filter, (value) => `$${values.push(value)}`);
  const { rows } = await store.read(
    `SELECT _seq, count(*) OVER () FROM spans WHERE _seq > $1 AND _seq <= $2 AND ${conditions.join(' AND ')}
    ORDER BY _seq DESC LIMIT ${limit}`,
    values,
    { short: true },
  );
  const sequences = rows.map(([seq]) => Number(seq)).reverse();
  const logs = await readEntries(store, sequences, { short: true });
  return { logs, more: Number(rows[0]?.[1] ?? 0) - logs.length };
}

/** The log records with these sequence numbers, in the given order, without deleted ones. */
export async function readEntries(
  store: SpanStore,
  sequences: readonly number[],
  options: ReadOptions = {},
): Promise<LogEntry[]> {
  if (sequences.length === 0) return [];
  const columns = entryColumns(store);
  const { rows } = await store.read(`SELECT ${columns.sql} FROM ${rowsAt(sequences)}`, [], options);
  const bySequence = new Map(rows.map(columns.rowOf).map((row) => [row.sequence, row]));
  return sequences.flatMap((sequence) => {
    const row = bySequence.get(sequence);
    return row === undefined ? [] : entryOf(row);
  });
}

function entryColumns(store: SpanStore) {
  const c = logColumns(store);
  return namedColumns({
    sequence: number('_seq'),
    time: bigint('_time'),
    service: text(c.service),
    severity: text(c.severity),
    severityCode: number(c.severityCode),
    severityText: textOrNone(c.severityText),
    body: textOrNone(c.body),
    eventName: textOrNone(c.eventName),
    traceId: textOrNone(c.traceId),
    spanId: textOrNone(c.parentId),
    /** Bytes of the whole record. */
    size: number('_bytes'),
    record: bytes('_span'),
  });
}

function entryOf(row: ReturnType<ReturnType<typeof entryColumns>['rowOf']>): LogEntry {
  const { severityText, body, eventName, traceId, spanId, record } = row;
  const isWhole = record.byteLength === row.size;
  return {
    id: String(row.sequence),
    time: rfc3339(row.time),
    time_ns: row.time.toString(),
    service: row.service,
    severity: row.severity,
    severity_code: row.severityCode,
    ...(severityText !== undefined && { severity_text: severityText }),
    ...(body !== undefined && { body }),
    ...(eventName !== undefined && { event_name: eventName }),
    ...(traceId !== undefined && { trace_id: traceId }),
    ...(spanId !== undefined && { span_id: spanId }),
    attributes: isWhole ? plainObject(decodeLogRecord(record).attributes) : {},
    ...(!isWhole && { partial: true }),
  };
}
