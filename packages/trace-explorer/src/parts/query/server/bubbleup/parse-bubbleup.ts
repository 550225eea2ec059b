import type { Static } from 'typebox';
import Type from 'typebox';
import { comparedOf } from '../../../../core/query/build/scope.ts';
import { ALL_DATASETS } from '../../../../core/query/parse/all-datasets.ts';
import { queryRules } from '../../../../core/query/parse/parse-query.ts';
import type { DeepReadonly, QuerySpec } from '../../../../core/query/parse/query-spec.ts';
import { filterFields, QuerySpecInput } from '../../../../core/query/parse/query-spec.ts';
import type { SchemaRule, SchemaRules } from '../../../../core/query/parse/read-by-schema.ts';
import { readBySchema } from '../../../../core/query/parse/read-by-schema.ts';
import { strictObject } from '../../../../lib/strict-object.ts';

/** The selected events: a box on a heatmap, filters, or both. */
const Selection = strictObject({
  start_time: Type.Optional(Type.Number({ description: 'Seconds since the epoch, fractions included.' })),
  end_time: Type.Optional(
    Type.Number({ description: 'Seconds since the epoch; `start_time <= t < end_time`.' }),
  ),
  column: Type.Optional(Type.String({ description: 'The value axis of the box.' })),
  min: Type.Optional(Type.Number({ description: '`min <= value <= max`.' })),
  max: Type.Optional(Type.Number()),
  ...filterFields,
});

export const BubbleUpBody = strictObject({
  dataset: Type.Optional(Type.String({ default: ALL_DATASETS })),
  query: Type.Optional(QuerySpecInput),
  selection: Selection,
  compare: Type.Optional(
    Type.Enum(['events', 'traces'], {
      description:
        'Default: `traces` for a query of requests or of root spans, else `events`. `events`: the events that match the query. `traces`: the traces of these events, each with the fields of all of its spans, so that work below a slow request counts, too.',
    }),
  ),
});

type SelectionInput = DeepReadonly<Static<typeof Selection>>;

/** A checked selection, with its defaults. */
export type Selection = SelectionInput & Required<Pick<SelectionInput, 'filters' | 'filter_combination'>>;

export interface BubbleUpRequest {
  readonly dataset: string;
  /** The times, filters and calculated fields that choose the events to compare. */
  readonly query: QuerySpec;
  readonly selection: Selection;
  readonly compare: 'events' | 'traces';
}

/**
 * Reads a request of `/api/bubbleup`.
 * @throws QueryError that lists every problem
 */
export function parseBubbleUp(input: unknown): BubbleUpRequest {
  const read = readBySchema(BubbleUpBody, input, rules) as Given;
  return { ...read, compare: read.compare ?? comparedOf(read.query) };
}

type Given = Omit<BubbleUpRequest, 'compare'> & Partial<Pick<BubbleUpRequest, 'compare'>>;

const selectionRule: SchemaRule<Selection> = {
  check(selection, at, problems) {
    const { start_time: start, end_time: end, column, min, max, filters } = selection;
    if ((column === undefined) !== (min === undefined && max === undefined)) {
      problems.add(`${at}.column`, 'needs min or max, and they need column', 'missing');
    }
    if (min !== undefined && max !== undefined && min > max) {
      problems.add(`${at}.min`, 'must not be above max');
    }
    if (start !== undefined && end !== undefined && start > end) {
      problems.add(`${at}.start_time`, 'must not be after end_time');
    }
    if (start === undefined && end === undefined && column === undefined && filters.length === 0) {
      problems.add(at, 'selects nothing: give times, a column with min or max, or filters', 'missing');
    }
    return selection;
  },
};

const rules: SchemaRules = new Map<object, SchemaRule>([...queryRules, [Selection, selectionRule]]);
