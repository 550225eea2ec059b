import { decodeLogRecord, decodeSpan, resourceLogsToJson, resourceSpansToJson } from '@tandem/otlp';
import type { SpanStore } from '../../store/store.ts';
import { findCopies } from '../read/read-records.ts';
import { spanColumns } from '../read/span-columns.ts';
import { decodeStoredScope } from '../read/stored-span.ts';

/** Most spans or log records, and bytes, that are read and written at a time. So a trace of any size takes little memory. */
const PAGE_ITEMS = 1000;
const PIECE_BYTES = 4 * 1024 * 1024;

/**
 * A document of more bytes ends, and the trace continues in another document. An import accepts 80 MiB, and a piece in JSON may
 * be six times as large as in the store.
 */
const DOCUMENT_BYTES = 32 * 1024 * 1024;

/** A row as read. When the message is stored apart from the row, `raw` has fewer bytes than `bytes` says. */
interface Row {
  readonly seq: number;
  /** The id of its resource and scope. */
  readonly scope: number;
  readonly raw: Uint8Array;
  readonly bytes: number;
}

/** Names of the lists of OTLP JSON. Each name stands for the rows of one signal. */
type Lists = 'resourceSpans' | 'resourceLogs';

/**
 * A trace as an OTLP JSON export request, in pieces: every span as sent, once where it came several times. The log records
 * follow in a separate list. A trace too large for one import becomes several requests, one per line. Yields nothing for a
 * trace without spans and log records.
 */
export async function* exportTrace(store: SpanStore, traceId: string): AsyncGenerator<string> {
  const c = spanColumns(store);
  const copies = await copiesIn(store, traceId);
  let open: Lists | undefined;
  let bytes = 0;
  for (const list of ['resourceSpans', 'resourceLogs'] as const) {
    for await (const group of groups(store, list, `${c.traceId} = $1`, [traceId], copies)) {
      if (bytes >= DOCUMENT_BYTES) {
        yield ']}\n';
        open = undefined;
        bytes = 0;
      }
      yield open === list ? ',' : `${open === undefined ? '{' : '],'}"${list}":[`;
      open = list;
      const piece = JSON.stringify(group);
      bytes += Buffer.byteLength(piece);
      yield piece;
    }
  }
  if (open !== undefined) yield ']}';
}

/**
 * The log records that no trace's export contains: log records without a trace, or of a trace without a span. Given as
 * OTLP JSON export requests, one per line, in pieces.
 */
export async function* exportOtherLogs(store: SpanStore): AsyncGenerator<string> {
  const c = spanColumns(store);
  const ofSpans = `SELECT DISTINCT ${c.traceId} FROM spans WHERE ${c.isSpan} AND ${c.traceId} IS NOT NULL`;
  const condition = `(${c.traceId} IS NULL OR ${c.traceId} NOT IN (${ofSpans}))`;
  for await (const group of groups(store, 'resourceLogs', condition, [])) {
    yield `{"resourceLogs":[${JSON.stringify(group)}]}\n`;
  }
}

/** The spans of a trace that came before, by `_seq`, as the trace's view leaves them out. */
async function copiesIn(store: SpanStore, traceId: string): Promise<ReadonlySet<number>> {
  const c = spanColumns(store);
  const { rows } = await store.read(
    `SELECT ${c.spanId}, _seq FROM spans WHERE ${c.traceId} = $1 AND ${c.isSpan}
    QUALIFY count(*) OVER (PARTITION BY ${c.spanId}) > 1 ORDER BY _seq`,
    [traceId],
  );
  const sharing = rows.map(([spanId, seq]) => ({ traceId, spanId: String(spanId), sequence: Number(seq) }));
  return findCopies(store, sharing);
}

/** Matching rows as ResourceSpans or ResourceLogs messages, in the order of arrival. @param left rows that are left out */
async function* groups(
  store: SpanStore,
  list: Lists,
  condition: string,
  values: readonly unknown[],
  left: ReadonlySet<number> = new Set(),
): AsyncGenerator<object> {
  const c = spanColumns(store);
  const isKind = list === 'resourceSpans' ? c.isSpan : c.isLog;
  for (let after = -1n; ; ) {
    const { rows } = await store.read(
      `SELECT _seq, _scope, _span, _bytes FROM spans
      WHERE ${condition} AND ${isKind} AND _seq > $${values.length + 1} ORDER BY _seq LIMIT ${PAGE_ITEMS}`,
      [...values, after],
    );
    const kept = rows.flatMap(rowOf).filter(({ seq }) => !left.has(seq));
    for (const [scopeId, group] of Map.groupBy(kept, ({ scope }) => scope)) {
      const stored = (await store.scopes([scopeId])).get(scopeId);
      if (stored === undefined) continue;
      const source = decodeStoredScope(stored);
      for (const piece of pieces(group)) {
        const read = await Promise.all(piece.map(({ seq, raw, bytes }) => store.wholeSpan(seq, raw, bytes)));
        const whole = read.filter((message) => message !== undefined);
        yield list === 'resourceSpans'
          ? resourceSpansToJson({ ...source, spans: whole.map((raw) => decodeSpan(raw)) })
          : resourceLogsToJson({ ...source, logRecords: whole.map((raw) => decodeLogRecord(raw)) });
      }
    }
    const last = rows.at(-1)?.[0];
    if (rows.length < PAGE_ITEMS || last === undefined) return;
    after = BigInt(last as number | bigint);
  }
}

function rowOf([seq, scope, raw, bytes]: readonly unknown[]): Row[] {
  if (!(raw instanceof Uint8Array)) return [];
  return [{ seq: Number(seq), scope: Number(scope), raw, bytes: Number(bytes) }];
}

/** The rows in order, several at a time: as many as fit the bytes of a piece. */
function* pieces(rows: readonly Row[]): Generator<readonly Row[]> {
  let piece: Row[] = [];
  let bytes = 0;
  for (const row of rows) {
    if (piece.length > 0 && bytes + row.bytes > PIECE_BYTES) {
      yield piece;
      piece = [];
      bytes = 0;
    }
    piece.push(row);
    bytes += row.bytes;
  }
  if (piece.length > 0) yield piece;
}
