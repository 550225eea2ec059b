import Type from 'typebox';
import {
  CALCULATION_OPS,
  COMPARE_OFFSETS,
  DEFAULT_LIMIT,
  DEFAULT_TIME_RANGE,
  FILTER_OPS,
  HAVING_OPS,
  MAX_ITEMS,
  MAX_LIMIT,
} from './query-spec.ts';

/*
 * What the query API takes and gives, for its documentation. Requests are checked by parse-query.ts, which
 * answers in Honeycomb's form and names everything that is wrong.
 */

const scalar = Type.Union([Type.String(), Type.Number(), Type.Boolean()]);

const filter = Type.Object({
  column: Type.String(),
  op: Type.Enum([...FILTER_OPS]),
  value: Type.Optional(Type.Union([scalar, Type.Array(scalar)])),
});
const filterCombination = Type.Optional(Type.Enum(['AND', 'OR'], { default: 'AND' }));
export const filterFields = {
  filters: Type.Optional(Type.Array(filter, { maxItems: MAX_ITEMS })),
  filter_combination: filterCombination,
};

const calculation = Type.Object({
  op: Type.Enum([...CALCULATION_OPS]),
  column: Type.Optional(Type.String({ description: 'Not for CONCURRENCY; optional for COUNT.' })),
  name: Type.Optional(Type.String({ description: 'Key of the result; required with filters.' })),
  ...filterFields,
});

export const querySpecSchema = Type.Object(
  {
    calculations: Type.Optional(
      Type.Array(calculation, { maxItems: MAX_ITEMS, description: 'COUNT by default.' }),
    ),
    calculated_fields: Type.Optional(
      Type.Array(Type.Object({ name: Type.String(), expression: Type.String() }), {
        maxItems: MAX_ITEMS,
        description:
          'Expressions such as `IF(GTE($duration_ms, 100), "slow", "fast")`, or with infix operators.',
      }),
    ),
    ...filterFields,
    breakdowns: Type.Optional(Type.Array(Type.String(), { maxItems: MAX_ITEMS })),
    orders: Type.Optional(
      Type.Array(
        Type.Object({
          op: Type.Optional(Type.Enum([...CALCULATION_OPS])),
          column: Type.Optional(Type.String()),
          order: Type.Optional(Type.Enum(['ascending', 'descending'], { default: 'ascending' })),
        }),
        { maxItems: MAX_ITEMS, description: 'By default the first calculation, descending.' },
      ),
    ),
    havings: Type.Optional(
      Type.Array(
        Type.Object({
          calculate_op: Type.Enum(CALCULATION_OPS.filter((op) => op !== 'HEATMAP')),
          column: Type.Optional(Type.String()),
          op: Type.Enum([...HAVING_OPS]),
          value: Type.Number(),
        }),
        { maxItems: MAX_ITEMS },
      ),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT })),
    time_range: Type.Optional(
      Type.Integer({ minimum: 1, default: DEFAULT_TIME_RANGE, description: 'Seconds.' }),
    ),
    start_time: Type.Optional(Type.Integer({ minimum: 0, description: 'Seconds since the epoch.' })),
    end_time: Type.Optional(Type.Integer({ minimum: 0, description: 'Seconds since the epoch.' })),
    granularity: Type.Optional(
      Type.Integer({ minimum: 0, description: 'Seconds; from range/1000 to range.' }),
    ),
    compare_time_offset_seconds: Type.Optional(Type.Enum([...COMPARE_OFFSETS])),
  },
  { title: 'QuerySpecification' },
);

export const querySchema = Type.Intersect([Type.Object({ id: Type.String() }), querySpecSchema]);

const row = Type.Record(Type.String(), Type.Unknown(), {
  description:
    'Breakdowns by column and calculations by name, `COUNT` or `P90(duration_ms)`; null where there is no value. Percentiles are exact; in a store of more than 2,000,000 rows, rounded to seven digits. A HEATMAP is `{ counts, min_value, max_value, step_size }`.',
});
const rows = {
  series: Type.Array(Type.Object({ time: Type.String({ format: 'date-time' }), data: row })),
  results: Type.Array(Type.Object({ data: row })),
};

export const queryResultSchema = Type.Object(
  {
    query: querySchema,
    id: Type.String(),
    complete: Type.Boolean(),
    data: Type.Optional(
      Type.Object({
        ...rows,
        comparison: Type.Optional(Type.Object({ offset_seconds: Type.Integer(), ...rows })),
        info: Type.Object({
          granularity_seconds: Type.Integer(),
          start_time: Type.Integer(),
          end_time: Type.Integer(),
        }),
      }),
    ),
    links: Type.Object({ query_url: Type.String(), graph_image_url: Type.String() }),
  },
  { title: 'QueryResult' },
);

export const queryResultRequestSchema = Type.Object({
  query_id: Type.String(),
  disable_series: Type.Optional(Type.Boolean({ default: false })),
  limit: Type.Optional(Type.Integer({ minimum: 1, description: 'With disable_series up to 10,000.' })),
});

export const columnSchema = Type.Object({
  id: Type.String(),
  key_name: Type.String(),
  alias: Type.String(),
  hidden: Type.Boolean(),
  description: Type.String(),
  type: Type.Enum(['string', 'integer', 'float', 'boolean']),
  last_written: Type.String({ format: 'date-time' }),
  created_at: Type.String({ format: 'date-time' }),
  updated_at: Type.String({ format: 'date-time' }),
});

export const datasetSchema = Type.Object({
  name: Type.String(),
  slug: Type.String(),
  description: Type.String(),
  settings: Type.Object({ delete_protected: Type.Boolean() }),
  expand_json_depth: Type.Integer(),
  regular_columns_count: Type.Integer(),
  last_written_at: Type.String({ format: 'date-time' }),
  created_at: Type.String({ format: 'date-time' }),
});

export const authSchema = Type.Object({
  id: Type.String(),
  type: Type.String(),
  api_key_access: Type.Record(Type.String(), Type.Boolean()),
  environment: Type.Object({ name: Type.String(), slug: Type.String() }),
  team: Type.Object({ name: Type.String(), slug: Type.String() }),
});

export const errorSchema = Type.Object(
  {
    status: Type.Integer(),
    type: Type.String(),
    title: Type.String(),
    error: Type.String(),
    type_detail: Type.Optional(
      Type.Array(Type.Object({ field: Type.String(), code: Type.String(), description: Type.String() })),
    ),
  },
  { title: 'HoneycombError' },
);
