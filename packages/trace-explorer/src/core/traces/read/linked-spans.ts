import { getOrMake, perModel } from '../../../lib/get-or-make.ts';
import { readField } from '../../store/read/field-sql.ts';
import { bigint, flag, namedColumns, number, text, textOrNone } from '../../store/read/named-columns.ts';
import type { ReadOptions, SpanStore } from '../../store/store.ts';
import type { LinkedSpans } from '../model/outline.ts';
import { MOST_LINKS } from '../model/outline.ts';
import { spanColumns } from './span-columns.ts';
import type { SpanRecord } from './span-record.ts';

/** The needed part of a trace's tree. */
interface Tree {
  readonly start: bigint;
  readonly spans: readonly { readonly record: Pick<SpanRecord, 'spanId' | 'links'> }[];
}

/** Most rows with links of several traces together. */
const MOST_ROWS = 100_000;

/**
 * The spans of other traces that the spans of some traces link to, or that link to them, in the order of arrival, by trace. A trace
 * without such a link is missing. Links are one read of their column; the spans behind them are a second read, only where there are
 * links.
 */
export async function readLinkedSpans(
  store: SpanStore,
  trees: ReadonlyMap<string, Tree>,
  options: ReadOptions = {},
): Promise<ReadonlyMap<string, LinkedSpans>> {
  const fields = store.fields();
  const found = new Map<string, LinkedSpans>();
  if (!fields.has('trace.link.trace_id') || trees.size === 0) return found;
  const c = spanColumns(store);
  const linked = (name: string) => readField(fields, `trace.link.${name}`, 'VARCHAR');
  const hasOwn = [...trees.values()].some(({ spans }) => spans.some(({ record }) => record.links > 0));
  // DuckDB skips other rows by one equality alone.
  const isOne = trees.size === 1;
  const isOf = (id: string) => (isOne ? `${id} = $1` : `${id} IN (SELECT unnest(string_split($1, ' ')))`);
  const condition = hasOwn
    ? `${linked('trace_id')} IS NOT NULL AND (${isOf(linked('trace_id'))} OR ${isOf(c.traceId)})`
    : isOf(linked('trace_id'));
  const { rows } = await store.read(
    `SELECT ${c.traceId}, ${c.parentId}, ${linked('trace_id')}, ${linked('span_id')} FROM spans
    WHERE ${condition} AND ${linked('trace_id')} <> ${c.traceId} ORDER BY _seq LIMIT ${isOne ? MOST_LINKS + 1 : MOST_ROWS}`,
    [[...trees.keys()].join(' ')],
    options,
  );
  const links = linksOf(rows, trees);
  if (links.size === 0) return found;
  const stored = await readSpans(store, [...links.values()].flat(), options);
  for (const [traceId, all] of links) {
    const { start = 0n } = trees.get(traceId) ?? {};
    const spans = all.slice(0, MOST_LINKS).map(({ at, side, trace_id, span_id }) => {
      const known = stored.get(`${trace_id} ${span_id}`);
      if (known === undefined) return { at, side, trace_id, span_id };
      const { start: began, ...span } = known;
      return { at, side, trace_id, span_id, span: { ...span, offset: Number(began - start) } };
    });
    found.set(traceId, { spans, ...(all.length > MOST_LINKS && { more: true }) });
  }
  return found;
}

type Link = Pick<LinkedSpans['spans'][number], 'at' | 'side' | 'trace_id' | 'span_id'>;

/** The links of each trace, each pair of spans once. A span that links may have come several times. */
function linksOf(
  rows: readonly (readonly unknown[])[],
  trees: ReadonlyMap<string, Tree>,
): ReadonlyMap<string, readonly Link[]> {
  const found = new Map<string, Map<string, Link>>();
  for (const row of rows) {
    const [trace = '', span = '', linkedTrace = '', linkedSpan = ''] = row.map((id) => String(id ?? ''));
    add(trace, span, { side: 'before', trace_id: linkedTrace, span_id: linkedSpan });
    add(linkedTrace, linkedSpan, { side: 'after', trace_id: trace, span_id: span });
  }
  return new Map([...found].map(([traceId, links]) => [traceId, [...links.values()]]));

  function add(traceId: string, own: string, link: Omit<Link, 'at'>): void {
    const tree = trees.get(traceId);
    const at = tree === undefined ? undefined : indexesOf(tree).get(own);
    if (at === undefined) return;
    const { trace_id, span_id } = link;
    getOrMake(found, traceId, () => new Map()).set(`${at} ${trace_id} ${span_id}`, { at, ...link });
  }
}

/** The first span of each id. */
const indexesOf = perModel(({ spans }: Tree): ReadonlyMap<string, number> => {
  const indexOf = new Map<string, number>();
  for (const [index, { record }] of spans.entries())
    if (!indexOf.has(record.spanId)) indexOf.set(record.spanId, index);
  return indexOf;
});

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
