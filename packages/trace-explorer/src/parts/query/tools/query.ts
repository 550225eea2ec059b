import Type from 'typebox';
import type { RunAnswer } from '../../../core/query/api/results.ts';
import { completeResult, formatRows } from '../../../core/query/api/results.ts';
import { QuerySpecInput } from '../../../core/query/parse/query-spec.ts';
import type { ToolAnswer } from '../../../core/tools/answer.ts';
import { dataset, limit, objectOf, offset, part, segment } from '../../../core/tools/arguments.ts';
import { tool } from '../../../core/tools/tool.ts';

const rows = {
  offset,
  limit: limit(20, 200),
  series: Type.Optional(
    Type.Boolean({ default: false, description: 'The series over time, instead of the totals.' }),
  ),
};

export const runQueryTool = tool({
  name: 'run_query',
  title: 'Run a query',
  description:
    'Runs a Honeycomb query (calculations such as COUNT, P95, HEATMAP; filters, breakdowns, calculated_fields, havings, orders, time_range in seconds, 7200 by default) and returns the first rows of its result. Columns are the fields of spans, which get_trace with a span_id shows: duration_ms, name, service.name, error, http.route, db.query.text, trace.trace_id and others.',
  advice:
    'get_trace with a span_id shows the columns of a span, run_query with the breakdown service.name the datasets.',
  input: {
    ...dataset,
    query_spec: Type.Unknown({ description: 'A query specification.' }),
    ...rows,
  },
  shown: { query_spec: QuerySpecInput },
  async run({ dataset_slug, query_spec, ...wanted }, { ask }) {
    const { series = false } = wanted;
    const query = objectOf(query_spec ?? {}, 'query_spec');
    return describeResult(await completeResult(query, segment(dataset_slug), ask, { series }), wanted);
  },
});

export const getQueryResults = tool({
  name: 'get_query_results',
  title: 'More rows of a result',
  description:
    'Rows of a query that was run; offset skips the first ones. The explorer keeps the newest results.',
  advice: 'The explorer keeps the newest results only: ask again with run_query.',
  input: {
    ...dataset,
    query_result_id: Type.String({ description: 'The id that run_query returned.' }),
    ...rows,
  },
  async run({ dataset_slug, query_result_id, ...wanted }, { ask }) {
    const run = await ask<RunAnswer>(`/1/query_results/${segment(dataset_slug)}/${segment(query_result_id)}`);
    return describeResult(run, wanted);
  },
});

interface Wanted {
  readonly offset?: number;
  readonly limit?: number;
  readonly series?: boolean;
}

function describeResult(run: RunAnswer, { offset, limit = 20, series }: Wanted): ToolAnswer {
  const { id, data, links } = run;
  const points =
    series && formatRows(run, data?.series).map((row, at) => ({ time: data?.series[at]?.time, data: row }));
  const all: readonly unknown[] = points || formatRows(run, data?.results);
  const { items, ...more } = part(all, { limit, ...(offset !== undefined && { offset }) });
  const comparison = data?.comparison;
  return {
    link: links.query_url,
    query_result_id: id,
    ...data?.info,
    rows_total: all.length,
    ...more,
    rows: items,
    ...(data?.notes && { notes: data.notes }),
    ...(comparison && {
      compared_offset_seconds: comparison.offset_seconds,
      compared_rows: formatRows(run, comparison.results.slice(0, limit)),
    }),
  };
}
