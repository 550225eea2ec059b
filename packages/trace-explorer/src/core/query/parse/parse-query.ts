import type { Add } from './check-targets.ts';
import { checkTargets } from './check-targets.ts';
import { isCompareOffset, OFFSETS_WORDS } from './compare-offsets.ts';
import { filterRule } from './filter-rule.ts';
import { DEFAULT_TIME_RANGE } from './limits.ts';
import type { QuerySpec } from './query-spec.ts';
import { Calculation, Filter, QuerySpecInput } from './query-spec.ts';
import type { SchemaRule, SchemaRules } from './read-by-schema.ts';
import { partPath, readBySchema } from './read-by-schema.ts';

/**
 * Reads a query specification from JSON. It checks every known part, and refuses every other part by name. It checks columns
 * later, when the query is compiled.
 * @throws QueryError (validation-failed) that lists every problem
 * @example parseQuery({ breakdowns: ['service.name'] }).calculations // [{ op: 'COUNT' }]
 */
export function parseQuery(input: unknown): QuerySpec {
  return readBySchema(QuerySpecInput, input, queryRules) as QuerySpec;
}

const queryRule: SchemaRule<QuerySpec & { readonly id?: string }> = {
  refused: {
    trace_joins: 'the explorer has no trace_joins; filter by fields of the spans themselves',
  },
  check({ id: _, ...spec }, at, problems) {
    const add: Add = (field, ...said) => problems.add(partPath(at, field), ...said);
    checkTimes(spec, add);
    const calculations: QuerySpec['calculations'] =
      spec.calculations.length === 0 ? [{ op: 'COUNT' }] : spec.calculations;
    const checked = { ...spec, calculations };
    checkTargets(checked, add);
    return checked;
  },
};

const calculationRule: SchemaRule<Calculation> = {
  check({ filters = [], ...calculation }, at, problems) {
    const { op, column, name } = calculation;
    if (op === 'CONCURRENCY' && column !== undefined) {
      problems.add(`${at}.column`, 'CONCURRENCY takes no column');
    }
    if (op !== 'CONCURRENCY' && op !== 'COUNT' && column === undefined) {
      problems.add(`${at}.column`, `cannot be blank: ${op} needs a column`, 'missing');
    }
    if (filters.length > 0 && name === undefined) {
      problems.add(`${at}.name`, 'cannot be blank: a calculation with filters needs a name', 'missing');
    }
    return filters.length === 0 ? calculation : { ...calculation, filters };
  },
};

/** Rules for bodies that have a query, or parts of a query. */
export const queryRules: SchemaRules = new Map<object, SchemaRule>([
  [QuerySpecInput, queryRule],
  [Calculation, calculationRule],
  [Filter, filterRule],
]);

function checkTimes(spec: QuerySpec, add: Add): void {
  const { time_range, start_time, end_time, compare_time_offset_seconds: offset } = spec;
  const isRange = time_range === undefined && start_time !== undefined && end_time !== undefined;
  const range = isRange ? end_time - start_time : (time_range ?? DEFAULT_TIME_RANGE);
  if (offset !== undefined && offset < range)
    add('compare_time_offset_seconds', `must not be shorter than the range of ${range} s`);
  else if (offset !== undefined && offset !== range && !isCompareOffset(offset))
    add('compare_time_offset_seconds', `must be ${OFFSETS_WORDS}`);
  if (time_range !== undefined && start_time !== undefined && end_time !== undefined) {
    add('time_range', 'cannot be combined with both start_time and end_time');
  }
  if (start_time !== undefined && end_time !== undefined && start_time > end_time) {
    add('start_time', 'must not be after end_time');
  }
}
