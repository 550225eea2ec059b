import type { Static } from 'typebox';
import Type from 'typebox';
import { DEFAULT_TIME_RANGE } from '../../../core/query/parse/limits.ts';
import { parseQuery } from '../../../core/query/parse/parse-query.ts';
import { Problems } from '../../../core/query/parse/problems.ts';
import type { QuerySpec } from '../../../core/query/parse/query-spec.ts';
import type { SchemaRules } from '../../../core/query/parse/read-by-schema.ts';
import { readBySchema } from '../../../core/query/parse/read-by-schema.ts';

const THRESHOLD_OPS = ['>', '>=', '<', '<='] as const;

export const Threshold = Type.Object({
  op: Type.Enum(THRESHOLD_OPS),
  value: Type.Number(),
  exceeded_limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 5, default: 1 })),
});

/** A trigger in the form of Honeycomb's API. */
const TriggerInput = Type.Object({
  name: Type.String({ minLength: 1 }),
  threshold: Threshold,
  query: Type.Unknown(),
  dataset_slug: Type.Optional(Type.String()),
  frequency: Type.Optional(Type.Integer({ minimum: 60, maximum: 86_400, default: 900 })),
  disabled: Type.Optional(Type.Boolean({ default: false })),
  evaluation_schedule_type: Type.Optional(Type.Enum(['frequency', 'window'])),
  evaluation_schedule: Type.Optional(Type.Unknown()),
  baseline_details: Type.Optional(Type.Unknown()),
  // A check ignores recipients and the fields that Honeycomb adds.
  id: Type.Optional(Type.Unknown()),
  description: Type.Optional(Type.String()),
  tags: Type.Optional(Type.Unknown()),
  alert_type: Type.Optional(Type.Enum(['on_change', 'on_true'])),
  recipients: Type.Optional(Type.Unknown()),
  auto_investigate: Type.Optional(Type.Boolean()),
  triggered: Type.Optional(Type.Boolean()),
  created_at: Type.Optional(Type.String()),
  updated_at: Type.Optional(Type.String()),
});

/** A checked trigger, with its defaults. */
export type Trigger = Omit<Static<typeof TriggerInput>, 'threshold'> &
  Required<Pick<Static<typeof TriggerInput>, 'frequency' | 'disabled'>> & {
    readonly threshold: Required<Static<typeof Threshold>>;
  };

/**
 * Reads a trigger from its JSON. Recipients are ignored. For an unknown part that would change the result, the error names the part.
 * @throws QueryError (validation-failed) that lists every problem
 */
export function parseTrigger(input: unknown): Trigger {
  return readBySchema(TriggerInput, input, rules) as Trigger;
}

const rules: SchemaRules = new Map([
  [
    TriggerInput,
    {
      refused: { query_id: 'put the query itself into the file, as query' },
      check(
        trigger: Partial<Record<keyof typeof TriggerInput.properties, unknown>>,
        _at: string,
        problems: Problems,
      ) {
        const { frequency } = trigger;
        const minutes = Math.floor(Number(frequency) / 60);
        if (typeof frequency === 'number' && frequency !== minutes * 60)
          problems.add(
            'frequency',
            `is ${frequency} seconds; Honeycomb takes whole minutes: ${minutes * 60} or ${(minutes + 1) * 60}`,
          );
        if (trigger.evaluation_schedule_type === 'window' || isFilled(trigger.evaluation_schedule))
          problems.add(
            'evaluation_schedule',
            'is when Honeycomb looks; a check looks when it is called: leave it out',
            'unsupported',
          );
        if (isFilled(trigger.baseline_details))
          problems.add(
            'baseline_details',
            'the explorer does not compare with an earlier time; give a threshold of its own',
            'unsupported',
          );
        return trigger;
      },
    },
  ],
]);

function isFilled(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

/** The calculations to compare, of a query without a formula. Another calculation may be there only for HAVING. */
export function measuredOf({ calculations, havings }: Pick<QuerySpec, 'calculations' | 'havings'>) {
  return calculations.filter(
    ({ op, column }) => !havings.some((having) => having.calculate_op === op && having.column === column),
  );
}

/** Calculations that no trigger can have. */
const REFUSED_OPS = new Set(['HEATMAP', 'CONCURRENCY']);

/** Parts of a query that no trigger can have. */
const REFUSED_PARTS = [
  'orders',
  'limit',
  'start_time',
  'end_time',
  'compare_time_offset_seconds',
  'usage_mode',
] as const;

/**
 * Reads a trigger's query by Honeycomb's rules for it.
 * @throws QueryError (validation-failed) that lists every problem
 */
export function parseTriggerQuery(input: unknown, frequency: number): QuerySpec {
  const problems = new Problems();
  const given = (typeof input === 'object' && input !== null ? input : {}) as Readonly<
    Record<string, unknown>
  >;
  for (const key of REFUSED_PARTS) {
    const value = given[key];
    if (value === undefined || value === null || value === 0 || value === false) continue;
    if (Array.isArray(value) && value.length === 0) continue;
    problems.add(`query.${key}`, 'a trigger’s query cannot have it; leave it out', 'unsupported');
  }
  const spec = parseQuery(input);
  const { calculations, havings, time_range: range = DEFAULT_TIME_RANGE } = spec;
  if (havings.length > 1) problems.add('query.havings', 'a trigger’s query has at most one');
  for (const { op } of calculations)
    if (REFUSED_OPS.has(op)) problems.add('query.calculations', `a trigger cannot use ${op}`, 'unsupported');
  checkValue(spec, problems);
  const most = Math.min(4 * frequency, 86_400);
  if (range > most)
    problems.add(
      'query.time_range',
      `is ${range} seconds; at most four times the frequency of ${frequency} seconds, and a day: ${most}`,
    );
  if (range < frequency)
    problems.add(
      'query.time_range',
      `is ${range} seconds; at least the frequency of ${frequency} seconds, as Honeycomb looks at every event`,
    );
  problems.check();
  return spec;
}

/** Checks that the query has one value to compare: its only calculation, or its only formula. */
function checkValue(spec: QuerySpec, problems: Problems): void {
  const { formulas, calculations, filters } = spec;
  const isOwn = calculations.some(({ name, filters: own = [] }) => name !== undefined || own.length > 0);
  if (formulas.length > 1)
    problems.add('query.formulas', `a trigger’s query has at most one formula, not ${formulas.length}`);
  if (formulas.length > 0) {
    if (isOwn && filters.length > 0)
      problems.add(
        'query.filters',
        'a trigger’s query with named or filtered calculations has no filters of its own; give each calculation its filters',
        'unsupported',
      );
    return;
  }
  const measured = measuredOf(spec);
  if (calculations.length !== 1 && measured.length !== 1)
    problems.add('query.calculations', `a trigger’s query has one calculation, not ${measured.length}`);
  if (isOwn)
    problems.add(
      'query.calculations',
      'a trigger’s calculation has neither name nor filters unless there is a formula; use the query’s filters',
      'unsupported',
    );
}
