import type { Box } from '../../../../core/query/build/box.ts';
import type { Filter, QuerySpecInput } from '../../../../core/query/parse/query-spec.ts';
import { sendQuery } from '../../../../page/api/send-query.ts';
import { boxFilters, during } from '../../narrow.ts';

/** The slowest matching span at or below a point, and its trace. Undefined without such a span. */
export async function traceAtPoint(
  dataset: string,
  query: QuerySpecInput,
  point: { column: string; start: number; end: number; atMost?: number; group?: readonly Filter[] },
): Promise<{ id: string; span?: string } | undefined> {
  const { column, start, end, atMost, group = [] } = point;
  const below: Filter[] = atMost === undefined ? [] : [{ column, op: '<=', value: atMost }];
  const box = { column, start, end, min: 0, max: 0 };
  const slowest = groupsQuery(query, box, ['trace.trace_id', 'trace.span_id'], [...group, ...below], 1);
  const { results } = await sendQuery(dataset, slowest, { series: false });
  const { spans, greatest, 'trace.trace_id': id, 'trace.span_id': span } = results[0]?.data ?? {};
  if (typeof id !== 'string' || Number(spans) === 0 || greatest === null) return undefined;
  return { id, ...(typeof span === 'string' && { span }) };
}

/** A query for the traces with a span in the box, the highest value first. */
export function tracesIn(query: QuerySpecInput, box: Box): QuerySpecInput {
  return groupsQuery(query, box, ['trace.trace_id'], boxFilters(box), MOST_TRACES);
}

const MOST_TRACES = 200;

/** A query for the rows of traces in the box. Its conditions are the calculations' filters, to keep the query's own OR. */
function groupsQuery(
  query: QuerySpecInput,
  { column, start, end }: Box,
  breakdowns: readonly string[],
  conditions: readonly Filter[],
  limit: number,
): QuerySpecInput {
  const exists: Filter = { column: 'trace.trace_id', op: 'exists' };
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
    breakdowns,
    orders: [{ column: 'greatest', order: 'descending' }],
    limit,
  };
  return during(asked, start, end);
}
