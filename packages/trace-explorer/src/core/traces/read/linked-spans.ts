import { bigint, flag, namedColumns, number, text, textOrNone } from '../../store/read/named-columns.ts';
import type { ReadOptions, SpanStore } from '../../store/store.ts';
import type { LinkedSpans } from '../model/outline.ts';
import { MOST_LINKS } from '../model/outline.ts';
import { readField } from './field-sql.ts';
import { spanColumns } from './span-columns.ts';
import type { SpanRecord } from './span-record.ts';

/** The needed part of a trace's tree. */
interface Tree {
  readonly start: bigint;
  readonly spans: readonly { readonly record: Pick<SpanRecord, 'spanId' | 'links'> }[];
}

/**
 * The spans of other traces that a trace's spans link to, or that link to them, in the order of arrival. Undefined without
 * such a link. Links are one read of their column; the spans behind them are a second read, only where there are links.
 */
export async function readLinkedSpans(
  store: SpanStore,
  traceId: string,
  tree: Tree,
  options: ReadOptions = {},
): Promise<LinkedSpans | undefined> {
  const fields = store.fields();
  if (!fields.has('trace.link.trace_id') || tree.spans.length === 0) return undefined;
  const c = spanColumns(store);
  const linked = (name: string) => readField(fields, `trace.link.${name}`, 'VARCHAR');
  const isLinked = `${linked('trace_id')} = $1`;
  // DuckDB skips other rows by one equality alone.
  const condition = tree.spans.some(({ record }) => record.links > 0)
    ? `${linked('trace_id')} IS NOT NULL AND (${isLinked}) <> (${c.traceId} = $1)`
    : `${isLinked} AND ${c.traceId} <> $1`;
  const { rows } = await store.read(
    `SELECT ${c.traceId} = $1, ${c.traceId}, ${c.parentId}, ${linked('trace_id')}, ${linked('span_id')} FROM spans
    WHERE ${condition} ORDER BY _seq LIMIT ${MOST_LINKS + 1}`,
    [traceId],
    options,
  );
  const links = linksOf(rows.slice(0, MOST_LINKS), tree);
  if (links.length === 0) return undefined;
  const found = await readSpans(store, links, options);
  const spans = links.map(({ at, side, trace_id, span_id }) => {
    const stored = found.get(`${trace_id} ${span_id}`);
    if (stored === undefined) return { at, side, trace_id, span_id };
    const { start, ...span } = stored;
    return { at, side, trace_id, span_id, span: { ...span, offset: Number(start - tree.start) } };
  });
  return { spans, ...(rows.length > MOST_LINKS && { more: true }) };
}

type Link = Pick<LinkedSpans['spans'][number], 'at' | 'side' | 'trace_id' | 'span_id'>;

/** Each pair of spans once. A span that links may have come several times. */
function linksOf(rows: readonly (readonly unknown[])[], { spans }: Tree): Link[] {
  const indexOf = new Map<string, number>();
  for (const [index, { record }] of spans.entries())
    if (!indexOf.has(record.spanId)) indexOf.set(record.spanId, index);
  const found = new Map<string, Link>();
  for (const [isOwn, ...ids] of rows) {
    const [trace = '', span = '', linkedTrace = '', linkedSpan = ''] = ids.map((id) => String(id ?? ''));
    const at = indexOf.get(isOwn ? span : linkedSpan);
    if (at === undefined) continue;
    const [trace_id, span_id] = isOwn ? [linkedTrace, linkedSpan] : [trace, span];
    found.set(`${at} ${trace_id} ${span_id}`, { at, side: isOwn ? 'before' : 'after', trace_id, span_id });
  }
  return [...found.values()];
}

/** Stored spans by their ids. */
async function readSpans(store: SpanStore, links: readonly Link[], options: ReadOptions) {
  const c = spanColumns(store);
  const ids = (of: (link: Link) => string) => JSON.stringify([...new Set(links.map(of))]);
  const given = (place: number) => `(SELECT unnest(from_json($${place}, '["VARCHAR"]')))`;
  const columns = namedColumns({
    traceId: text(c.traceId),
    spanId: text(c.spanId),
    name: text(c.name),
    service: text(c.service),
    kind: text(c.kind),
    start: bigint(c.start),
    duration: number(c.duration),
    error: flag(c.error),
    queue: textOrNone(c.queue),
  });
  const { rows } = await store.read(
    `SELECT ${columns.sql} FROM spans WHERE ${c.isSpan} AND ${c.traceId} IN ${given(1)} AND ${c.spanId} IN ${given(2)}`,
    [ids(({ trace_id }) => trace_id), ids(({ span_id }) => span_id)],
    options,
  );
  return new Map(
    rows
      .map(columns.rowOf)
      .map(({ traceId, spanId, error, queue, ...span }) => [
        `${traceId} ${spanId}`,
        { ...span, ...(error && { error }), ...(queue !== undefined && { queue }) },
      ]),
  );
}
