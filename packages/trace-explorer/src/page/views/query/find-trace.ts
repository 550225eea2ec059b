import type { Box } from '../../../query/ask/box.ts';
import { boxFilters, during } from '../../../query/ask/narrow.ts';
import type { Filter, QuerySpecInput } from '../../../query/parse/query-spec.ts';
import { getJson } from '../../api.ts';
import { runQuery } from './run-query.ts';

export interface FoundTrace {
  readonly id: string;
  /** Spans of the trace that fit. */
  readonly spans: number;
  /** The greatest value of the field among them. */
  readonly greatest: number;
}

/** The traces with a span that matches the query and lies in the box, the greatest value first. */
export async function tracesIn(
  dataset: string,
  query: QuerySpecInput,
  box: Box,
  options: { limit?: number; signal?: AbortSignal } = {},
): Promise<readonly FoundTrace[]> {
  const rows = await groups(dataset, query, box, 'trace.trace_id', boxFilters(box), options);
  return rows.map(({ key, spans, greatest }) => ({ id: key, spans, greatest }));
}

/**
 * The slowest trace at or below a point, and in it the first span that matches the query. Undefined when no span
 * of a trace is there.
 */
export async function traceAtPoint(
  dataset: string,
  query: QuerySpecInput,
  point: { column: string; start: number; end: number; atMost?: number; group?: readonly Filter[] },
): Promise<{ id: string; span?: string } | undefined> {
  const { column, start, end, atMost, group = [] } = point;
  const below: Filter[] = atMost === undefined ? [] : [{ column, op: '<=', value: atMost }];
  const box = { column, start, end, min: 0, max: 0 };
  const [slowest] = await groups(dataset, query, box, 'trace.trace_id', [...group, ...below], { limit: 1 });
  if (slowest === undefined) return undefined;
  const ofTrace: Filter = { column: 'trace.trace_id', op: '=', value: slowest.key };
  // The trace may begin before the point, and its first match too.
  const around = { ...box, start: Math.max(0, start - 3600), end: end + 3600 };
  const matching = await groups(dataset, query, around, 'trace.span_id', [...group, ofTrace], {
    limit: 1000,
  });
  const span = await firstOf(slowest.key, new Set(matching.map(({ key }) => key)));
  return { id: slowest.key, ...(span !== undefined && { span }) };
}

/** A query for the same rows grouped by one field. The conditions belong to its calculation, so that the query's own OR is kept. */
async function groups(
  dataset: string,
  query: QuerySpecInput,
  { column, start, end }: Box,
  breakdown: string,
  conditions: readonly Filter[],
  { limit = 100, signal }: { limit?: number; signal?: AbortSignal },
): Promise<{ key: string; spans: number; greatest: number }[]> {
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
  const { results } = await runQuery(dataset, during(asked, start, end), {
    series: false,
    ...(signal && { signal }),
  });
  return results.flatMap(({ data }) => {
    const [key, spans, greatest] = [data[breakdown], data.spans, data.greatest];
    return typeof key === 'string' && Number(spans) > 0 && greatest !== null
      ? [{ key, spans: Number(spans), greatest: Number(greatest) }]
      : [];
  });
}

/** The span that starts first. */
async function firstOf(traceId: string, spanIds: ReadonlySet<string>): Promise<string | undefined> {
  if (spanIds.size < 2) return [...spanIds][0];
  const path = `/api/traces/${encodeURIComponent(traceId)}?limit=5000`;
  const { spans } = await getJson<{ spans: { span_id: string; offset_ms: number }[] }>(path);
  const matching = spans.filter(({ span_id }) => spanIds.has(span_id));
  return matching.sort((a, b) => a.offset_ms - b.offset_ms)[0]?.span_id ?? [...spanIds][0];
}
