import type { Box } from '../../../../query/ask/box.ts';
import { boxFilters, during } from '../../../../query/ask/narrow.ts';
import type { Filter, QuerySpecInput } from '../../../../query/parse/query-spec.ts';
import { getJson } from '../../../api.ts';
import { sendQuery } from '../send-query.ts';

/** The slowest trace at or below a point, and its first span that matches the query. Undefined without such a trace. */
export async function traceAtPoint(
  dataset: string,
  query: QuerySpecInput,
  point: { column: string; start: number; end: number; atMost?: number; group?: readonly Filter[] },
): Promise<{ id: string; span?: string } | undefined> {
  const { column, start, end, atMost, group = [] } = point;
  const below: Filter[] = atMost === undefined ? [] : [{ column, op: '<=', value: atMost }];
  const box = { column, start, end, min: 0, max: 0 };
  const [slowest] = await groupsOf(
    dataset,
    groupsQuery(query, box, 'trace.trace_id', [...group, ...below], 1),
  );
  if (slowest === undefined) return undefined;
  const isInTrace: Filter = { column: 'trace.trace_id', op: '=', value: slowest };
  // The trace and its first matching span may begin before the point.
  const around = { ...box, start: Math.max(0, start - 3600), end: end + 3600 };
  const matching = groupsQuery(query, around, 'trace.span_id', [...group, isInTrace], MOST_SPANS);
  const span = await firstOf(slowest, new Set(await groupsOf(dataset, matching)));
  return { id: slowest, ...(span !== undefined && { span }) };
}

/** A query for the traces with a span in the box, the highest value first. */
export function tracesIn(query: QuerySpecInput, box: Box): QuerySpecInput {
  return groupsQuery(query, box, 'trace.trace_id', boxFilters(box), MOST_TRACES);
}

const MOST_TRACES = 200;
const MOST_SPANS = 1000;

/** A query for the box's rows by one field. Its conditions are the calculations' filters, to keep the query's own OR. */
function groupsQuery(
  query: QuerySpecInput,
  { column, start, end }: Box,
  breakdown: string,
  conditions: readonly Filter[],
  limit: number,
): QuerySpecInput {
  const exists: Filter = { column: breakdown, op: 'exists' };
  const { filters = [], filter_combination = 'AND', calculated_fields = [] } = query;
  const all = filter_combination === 'AND' || filters.length < 2;
  const added = [...conditions, exists];
  const own = all ? {} : { filters: added };
  const asked: QuerySpecInput = {
    calculated_fields,
    filters: all ? [...filters, ...added] : filters,
    ...(!all && { filter_combination }),
    calculations: [
      { op: 'MAX', column, name: 'greatest', ...own },
      { op: 'COUNT', name: 'spans', ...own },
    ],
    breakdowns: [breakdown],
    orders: [{ column: 'greatest', order: 'descending' }],
    limit,
  };
  return during(asked, start, end);
}

/** The values of a query's group. Groups without a matching row are left out. */
async function groupsOf(dataset: string, query: QuerySpecInput): Promise<string[]> {
  const [breakdown = ''] = query.breakdowns ?? [];
  const { results } = await sendQuery(dataset, query, { series: false });
  return results.flatMap(({ data }) => {
    const key = data[breakdown];
    return typeof key === 'string' && Number(data.spans) > 0 && data.greatest !== null ? [key] : [];
  });
}

/** The span with the earliest start. */
async function firstOf(traceId: string, spanIds: ReadonlySet<string>): Promise<string | undefined> {
  if (spanIds.size < 2) return [...spanIds][0];
  const path = `/api/traces/${encodeURIComponent(traceId)}?limit=5000`;
  const { spans } = await getJson<{ spans: { span_id: string; offset_ms: number }[] }>(path);
  const matching = spans.filter(({ span_id }) => spanIds.has(span_id));
  return matching.sort((a, b) => a.offset_ms - b.offset_ms)[0]?.span_id ?? [...spanIds][0];
}
