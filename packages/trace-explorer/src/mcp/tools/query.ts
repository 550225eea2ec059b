import Type from 'typebox';
import { completeResult } from '../../query/api/results.ts';
import { QuerySpecInput } from '../../query/parse/query-spec.ts';
import { dataset, limit, objectOf, offset, part, segment } from '../arguments.ts';
import { tool } from '../tool.ts';

export const runQueryTool = tool({
  name: 'run_query',
  title: 'Run a query',
  description:
    'Runs a Honeycomb query (calculations such as COUNT, P95, HEATMAP; filters, breakdowns, calculated_fields, havings, orders, time_range in seconds, 7200 by default) and returns the first rows of its result. offset asks for further rows.',
  advice: 'find_columns finds columns by words of their names, get_workspace_context lists the datasets.',
  input: {
    ...dataset,
    query_spec: Type.Unknown({ description: 'A query specification.' }),
    offset,
    limit: limit(20, 200),
    series: Type.Optional(
      Type.Boolean({ default: false, description: 'The series over time, instead of the totals.' }),
    ),
  },
  shown: { query_spec: QuerySpecInput },
  async run({ dataset_slug, query_spec, offset = 0, limit = 20, series = false }, { ask }) {
    const query = objectOf(query_spec ?? {}, 'query_spec');
    const { data, links } = await completeResult(query, segment(dataset_slug), ask, { series });
    const all: readonly unknown[] = series
      ? (data?.series ?? [])
      : (data?.results ?? []).map((row) => row.data);
    const { items, ...more } = part(all, { offset, limit });
    const comparison = data?.comparison;
    return {
      link: links.query_url,
      ...data?.info,
      rows_total: all.length,
      ...more,
      rows: items,
      ...(comparison && {
        compared_offset_seconds: comparison.offset_seconds,
        compared_rows: comparison.results.slice(0, limit).map((row) => row.data),
      }),
    };
  },
});
