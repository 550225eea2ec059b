// Named imports instead of the default export: the page bundles these schemas, with 3 KB instead of 20.
import type { Static } from 'typebox';
import * as Type from 'typebox';
import { strictObject } from '../../../lib/strict-object.ts';
import { OFFSETS_WORDS } from './compare-offsets.ts';
import { DEFAULT_LIMIT, DEFAULT_TIME_RANGE, MAX_LIMIT } from './limits.ts';
import type { CalculationOp } from './operators.ts';
import { CALCULATION_OPS, FILTER_OPS, HAVING_OPS } from './operators.ts';

/*
 * Honeycomb's Query Specification, in the names and shapes of its JSON. The types below, the checks of parse-query.ts, the
 * OpenAPI document and the type of the page's queries all follow from these schemas.
 */

/** Honeycomb's bound on each list of a specification. */
const MAX_ITEMS = 100;
/** Values of one `in` list. Each value is bound to the statement, so this limit bounds the statement's size. */
export const MAX_IN_VALUES = 1000;
/** The last second whose nanoseconds fit a BIGINT column, with room for every offset: in the year 2262. */
const MAX_TIME = 9_200_000_000;

const list = { maxItems: MAX_ITEMS } as const;
const text = Type.String({ minLength: 1 });
const scalar = Type.Union([Type.String(), Type.Number(), Type.Boolean()]);
const calculationOp = Type.Enum(CALCULATION_OPS);

export const Filter = strictObject({
  column: text,
  op: Type.Enum(FILTER_OPS),
  value: Type.Optional(
    Type.Union([scalar, Type.Array(scalar, { minItems: 1, maxItems: MAX_IN_VALUES })], {
      description: 'A list for in and not-in, nothing for exists and does-not-exist.',
    }),
  ),
});

/** The fields that a query and a selection have in common. */
export const filterFields = {
  filters: Type.Optional(Type.Array(Filter, list)),
  filter_combination: Type.Optional(Type.Enum(['AND', 'OR'], { default: 'AND' })),
};

export const Calculation = strictObject({
  op: calculationOp,
  column: Type.Optional(Type.String({ description: 'Not for CONCURRENCY; optional for COUNT.' })),
  name: Type.Optional(Type.String({ description: 'Key of the result; required with filters.' })),
  filters: filterFields.filters,
  // No default: the API returns a calculation unchanged.
  filter_combination: Type.Optional(Type.Enum(['AND', 'OR'], { description: 'AND by default.' })),
});

const CalculatedField = strictObject({ name: text, expression: text });

const Formula = strictObject({
  name: text,
  expression: Type.String({
    minLength: 1,
    description: 'An expression in which `$name` is the name of a calculation: `$errors / $total`.',
  }),
});

const Order = strictObject({
  op: Type.Optional(calculationOp),
  column: Type.Optional(Type.String()),
  order: Type.Optional(Type.Enum(['ascending', 'descending'], { default: 'ascending' })),
});

const Having = strictObject({
  calculate_op: Type.Optional(
    Type.Enum(CALCULATION_OPS.filter((op): op is Exclude<CalculationOp, 'HEATMAP'> => op !== 'HEATMAP')),
  ),
  column: Type.Optional(
    Type.String({ description: 'The column of the calculation, or the name of a calculation or formula.' }),
  ),
  op: Type.Enum(HAVING_OPS),
  value: Type.Number(),
});

export const QuerySpecInput = strictObject(
  {
    id: Type.Optional(
      Type.String({ description: 'Ignored, so that a query from an answer works unchanged.' }),
    ),
    calculations: Type.Optional(Type.Array(Calculation, { ...list, description: 'COUNT by default.' })),
    calculated_fields: Type.Optional(
      Type.Array(CalculatedField, {
        ...list,
        description:
          'Expressions such as `IF(GTE($duration_ms, 100), "slow", "fast")`, or with infix operators.',
      }),
    ),
    formulas: Type.Optional(
      Type.Array(Formula, {
        ...list,
        description: 'Values from calculations, which the result has instead of the calculations.',
      }),
    ),
    ...filterFields,
    breakdowns: Type.Optional(Type.Array(text, list)),
    orders: Type.Optional(
      Type.Array(Order, { ...list, description: 'By default the first formula or calculation, descending.' }),
    ),
    havings: Type.Optional(Type.Array(Having, list)),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT })),
    time_range: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MAX_TIME,
        description: `Seconds; ${DEFAULT_TIME_RANGE} by default, unless there are start_time and end_time.`,
      }),
    ),
    start_time: Type.Optional(
      Type.Integer({ minimum: 1, maximum: MAX_TIME, description: 'Seconds since the epoch.' }),
    ),
    end_time: Type.Optional(
      Type.Integer({ minimum: 1, maximum: MAX_TIME, description: 'Seconds since the epoch.' }),
    ),
    granularity: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MAX_TIME,
        description:
          'Seconds per bucket of the series, from range/1000 to range; the default depends on the range.',
      }),
    ),
    compare_time_offset_seconds: Type.Optional(Type.Integer({ minimum: 1, description: OFFSETS_WORDS })),
    usage_mode: Type.Optional(
      Type.Boolean({ description: 'true: each event counts once, at any sample rate.' }),
    ),
  },
  { title: 'QuerySpecification' },
);

/** A query specification as written. An absent part has its default. */
export type QuerySpecInput = DeepReadonly<Static<typeof QuerySpecInput>>;

/** A checked query specification, with its defaults. */
export type QuerySpec = Omit<QuerySpecInput, 'id' | Filled> & Required<Pick<QuerySpecInput, Filled>>;
type Filled =
  | 'calculations'
  | 'calculated_fields'
  | 'formulas'
  | 'filters'
  | 'filter_combination'
  | 'breakdowns'
  | 'orders'
  | 'havings'
  | 'limit';

export type Filter = DeepReadonly<Static<typeof Filter>>;
export type FilterValue = Static<typeof scalar>;
export type FilterCombination = QuerySpec['filter_combination'];
export type Calculation = QuerySpec['calculations'][number];
export type CalculatedField = QuerySpec['calculated_fields'][number];
export type Formula = QuerySpec['formulas'][number];
export type Order = QuerySpec['orders'][number];
export type Having = QuerySpec['havings'][number];

/** A read-only type, for the code that uses a checked specification. */
export type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;
