import { decodeLogRecord, decodeSpan, resourceLogsToJson, resourceSpansToJson } from '@tandem/otlp';
import { rowsAt } from '../../store/read/rows-at.ts';
import type { ReadOptions, SpanStore } from '../../store/store.ts';
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

/** Most spans or log records of a trace whose rows are found together with the rows of other traces. */
const MOST_LISTED = 20_000;

interface TraceRows {
  /** Sequence numbers by list; undefined for a large trace, which is read by its id. */
  readonly sequences: Readonly<Record<Lists, readonly number[]>> | undefined;
  /** Spans that came before, by `_seq`, as the trace's view leaves them out. */
  readonly copies: ReadonlySet<number>;
}

/** Rows of one trace and signal that are read together. */
interface Segment {
  readonly traceId: string;
  readonly list: Lists;
  readonly rows: readonly Row[];
}

/**
 * Traces as OTLP JSON export requests, in pieces, a line break after each request: every span as sent, once where it came several
 * times, then the log records in a list of their own. A trace too large for one import becomes several requests. The rows of all
 * traces are found by one scan, and read by the page: a statement for each trace takes 20 to 100 ms in a full store. A trace
 * without spans and log records is left out.
 */
export async function* exportTraces(
  store: SpanStore,
  traceIds: readonly string[],
  options: ReadOptions = {},
): AsyncGenerator<string> {
  const found = await findRows(store, traceIds, options);
  let traceId: string | undefined;
  let open: Lists | undefined;
  let bytes = 0;
  for await (const segment of segmentsOf(store, traceIds, found, options)) {
    const { list, rows } = segment;
    if (segment.traceId !== traceId) {
      if (open !== undefined) yield ']}\n';
      traceId = segment.traceId;
      open = undefined;
      bytes = 0;
    }
    for await (const group of groupsOf(store, list, rows)) {
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
  if (open !== undefined) yield ']}\n';
}

/** The rows of all traces in their order, each trace's spans before its log records, a page at a time. */
async function* segmentsOf(
  store: SpanStore,
  traceIds: readonly string[],
  found: ReadonlyMap<string, TraceRows>,
  options: ReadOptions,
): AsyncGenerator<Segment> {
  const c = spanColumns(store);
  let page: { readonly traceId: string; readonly list: Lists; readonly sequences: readonly number[] }[] = [];
  let room = PAGE_ITEMS;
  const readPage = async (): Promise<Segment[]> => {
    const rows = await rowsOf(
      store,
      page.flatMap(({ sequences }) => sequences),
      options,
    );
    const segments = page.map(({ traceId, list, sequences }) => ({
      traceId,
      list,
      rows: sequences.flatMap((sequence) => rows.get(sequence) ?? []),
    }));
    [page, room] = [[], PAGE_ITEMS];
    return segments;
  };
  for (const traceId of traceIds) {
    const { sequences, copies } = found.get(traceId) ?? {};
    for (const list of ['resourceSpans', 'resourceLogs'] as const) {
      if (sequences === undefined) {
        if (copies === undefined) continue;
        yield* await readPage();
        for await (const rows of pagesWhere(store, list, `${c.traceId} = $1`, [traceId], options))
          yield { traceId, list, rows: rows.filter(({ seq }) => !copies.has(seq)) };
        continue;
      }
      for (let rest = sequences[list].filter((seq) => !copies?.has(seq)); rest.length > 0; ) {
        const taken = rest.slice(0, room);
        page.push({ traceId, list, sequences: taken });
        room -= taken.length;
        rest = rest.slice(taken.length);
        if (room === 0) yield* await readPage();
      }
    }
  }
  yield* await readPage();
}

/**
 * The log records that no trace's export contains: log records without a trace, or of a trace without a span. Given as
 * OTLP JSON export requests, one per line, in pieces.
 */
export async function* exportOtherLogs(store: SpanStore, options: ReadOptions = {}): AsyncGenerator<string> {
  const c = spanColumns(store);
  const ofSpans = `SELECT DISTINCT ${c.traceId} FROM spans WHERE ${c.isSpan} AND ${c.traceId} IS NOT NULL`;
  const condition = `(${c.traceId} IS NULL OR ${c.traceId} NOT IN (${ofSpans}))`;
  const pages = pagesWhere(store, 'resourceLogs', condition, [], options);
  for await (const page of pages)
    for await (const group of groupsOf(store, 'resourceLogs', page))
      yield `{"resourceLogs":[${JSON.stringify(group)}]}\n`;
}

async function findRows(
  store: SpanStore,
  traceIds: readonly string[],
  options: ReadOptions,
): Promise<Map<string, TraceRows>> {
  const c = spanColumns(store);
  const asked = `${c.traceId} IN (${traceIds.map((_, index) => `$${index + 1}`).join(', ') || 'NULL'})`;
  const listed = (kind: string) => `list(_seq ORDER BY _seq) FILTER (${kind})`;
  const [{ rows }, { rows: shared }] = await Promise.all([
    store.read(
      `SELECT ${c.traceId}, count(*) > ${MOST_LISTED}, ${[c.isSpan, c.isLog]
        .map((kind) => `CASE WHEN count(*) <= ${MOST_LISTED} THEN ${listed(kind)} END`)
        .join(', ')}
      FROM spans WHERE ${asked} AND (${c.isSpan} OR ${c.isLog}) GROUP BY 1`,
      traceIds,
      options,
    ),
    store.read(
      `SELECT ${c.traceId}, ${c.spanId}, _seq FROM spans WHERE ${asked} AND ${c.isSpan}
      QUALIFY count(*) OVER (PARTITION BY ${c.traceId}, ${c.spanId}) > 1 ORDER BY _seq`,
      traceIds,
      options,
    ),
  ]);
  const copies = await findCopies(
    store,
    shared.map(([traceId, spanId, seq]) => ({
      traceId: String(traceId),
      spanId: String(spanId),
      sequence: Number(seq),
    })),
    options,
  );
  const numbers = (list: unknown) => (Array.isArray(list) ? list.map(Number) : []);
  return new Map(
    rows.map(([traceId, isLarge, spans, logs]) => [
      String(traceId),
      {
        sequences: isLarge ? undefined : { resourceSpans: numbers(spans), resourceLogs: numbers(logs) },
        copies,
      },
    ]),
  );
}

const COLUMNS = '_seq, _scope, _span, _bytes';

/** Matching rows in the order of arrival, a page at a time. */
async function* pagesWhere(
  store: SpanStore,
  list: Lists,
  condition: string,
  values: readonly unknown[],
  options: ReadOptions,
): AsyncGenerator<readonly Row[]> {
  const c = spanColumns(store);
  const isKind = list === 'resourceSpans' ? c.isSpan : c.isLog;
  for (let after = -1n; ; ) {
    const { rows } = await store.read(
      `SELECT ${COLUMNS} FROM spans
      WHERE ${condition} AND ${isKind} AND _seq > $${values.length + 1} ORDER BY _seq LIMIT ${PAGE_ITEMS}`,
      [...values, after],
      options,
    );
    yield rows.flatMap(rowOf);
    const last = rows.at(-1)?.[0];
    if (rows.length < PAGE_ITEMS || last === undefined) return;
    after = BigInt(last as number | bigint);
  }
}

/** Rows by their sequence numbers. */
async function rowsOf(
  store: SpanStore,
  sequences: readonly number[],
  options: ReadOptions,
): Promise<Map<number, Row>> {
  if (sequences.length === 0) return new Map();
  const { rows } = await store.read(`SELECT ${COLUMNS} FROM ${rowsAt(sequences)}`, [], options);
  return new Map(rows.flatMap(rowOf).map((row) => [row.seq, row]));
}

/** Rows as ResourceSpans or ResourceLogs messages. */
async function* groupsOf(store: SpanStore, list: Lists, rows: readonly Row[]): AsyncGenerator<object> {
  for (const [scopeId, group] of Map.groupBy(rows, ({ scope }) => scope)) {
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
