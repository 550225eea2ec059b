import type { Static } from 'typebox';
import Type from 'typebox';
import type { DeepReadonly } from '../parse/query-spec.ts';
import type { HeatmapValue } from './heatmap-value.ts';
import type { Scalar } from './result-value.ts';

export type ResultValue = Scalar | HeatmapValue;

const row = Type.Record(Type.String(), Type.Unsafe<ResultValue>({}), {
  description:
    'Breakdowns by column and calculations by name, `COUNT` or `P90(duration_ms)`; null without a value. Percentiles are exact; in a store with more than 2,000,000 rows they have seven digits. A HEATMAP is `{ counts, min_value, max_value, step_size }`.',
});
const rows = {
  series: Type.Array(
    Type.Object({
      time: Type.String({ format: 'date-time', description: 'Start of the bucket.' }),
      data: row,
    }),
    { description: 'Without buckets that have no events.' },
  ),
  results: Type.Array(Type.Object({ data: row })),
};

/** `data` of Honeycomb's query results. */
export const QueryData = Type.Object({
  ...rows,
  comparison: Type.Optional(
    Type.Object(
      { offset_seconds: Type.Integer(), ...rows },
      { description: 'The same groups in the same order, at the earlier time.' },
    ),
  ),
  total_by_aggregate: Type.Optional(row),
  total_by_aggregate_series: Type.Optional(rows.series),
  other_by_aggregate: Type.Optional(row),
  other_by_aggregate_series: Type.Optional(rows.series),
  notes: Type.Optional(
    Type.Array(Type.String(), {
      description: 'Sentences about rows that have a value under another name of the conventions.',
    }),
  ),
  info: Type.Object({
    granularity_seconds: Type.Integer(),
    start_time: Type.Integer(),
    end_time: Type.Integer(),
    estimated: Type.Boolean({
      description: 'Whether sampled events count by their sample rates, so that all numbers are estimates.',
    }),
  }),
});
export type QueryData = DeepReadonly<Static<typeof QueryData>>;
/** One bucket of one group's series. */
export type SeriesPoint = QueryData['series'][number];
export type ResultRow = QueryData['results'][number];
