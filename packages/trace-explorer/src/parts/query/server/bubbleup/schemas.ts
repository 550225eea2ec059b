import type { Static } from 'typebox';
import Type from 'typebox';

/** Events (or traces) of both sides with the same value, or with values of one range. */
const Bucket = Type.Object({
  value: Type.Optional(Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()])),
  range: Type.Optional(
    Type.Object({
      from: Type.Union([Type.Number(), Type.Null()]),
      to: Type.Union([Type.Number(), Type.Null()]),
    }),
  ),
  selection: Type.Integer({ description: 'Selected events, or traces.' }),
  baseline: Type.Integer({ description: 'All others.' }),
});

/** One field, and how its values differ between the selection and the rest. */
const FieldComparison = Type.Object({
  name: Type.String(),
  type: Type.String(),
  difference: Type.Number({ minimum: 0, maximum: 1 }),
  group: Type.Enum(['meaning', 'infrastructure', 'identity']),
  selected_by: Type.Boolean({ description: 'Whether the selection filters by this field.' }),
  of_query: Type.Boolean({
    description: 'false when only other spans of the traces have it (`compare: traces`)',
  }),
  buckets: Type.Array(Bucket),
});

const Side = Type.Object({ events: Type.Integer() });

export const BubbleUpResult = Type.Object({
  selection: Side,
  baseline: Side,
  estimated: Type.Boolean({ description: 'Whether sampled events count by their sample rates.' }),
  sampled: Type.Optional(
    Type.Object(
      { selection: Type.Integer(), baseline: Type.Integer() },
      {
        description:
          'The number of compared events or traces. Present with more than 250,000 events, or for whole traces in a store of more than 250,000 rows; all counts are estimates then.',
      },
    ),
  ),
  fields: Type.Array(FieldComparison),
  skipped: Type.Integer({ description: 'Fields left out for lack of time.' }),
});

export type Bucket = Static<typeof Bucket>;
export type BubbleUpResult = Static<typeof BubbleUpResult>;
/** One field, and how its values differ between the selection and the rest. */
export type FieldComparison = BubbleUpResult['fields'][number];
