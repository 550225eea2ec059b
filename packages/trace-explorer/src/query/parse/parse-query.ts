import { checkTargets } from './check-targets.ts';
import { filterRule } from './filter-rule.ts';
import { Problems } from './problems.ts';
import type { QuerySpec } from './query-spec.ts';
import { Calculation, Filter, QuerySpecInput } from './query-spec.ts';
import type { Rule, Rules } from './read-by-schema.ts';
import { readBySchema } from './read-by-schema.ts';
import type { SavedFields } from './saved-fields.ts';

/**
 * Reads a query specification from JSON: everything known is checked, everything else refused by name.
 * Columns are not looked at here (they are the store's business, when the query is compiled).
 * @param saved calculated fields that it can name besides its own
 * @throws QueryError (validation-failed) that lists every problem
 * @example parseQuery({ breakdowns: ['service.name'] }).calculations // [{ op: 'COUNT' }]
 */
export function parseQuery(input: unknown, saved?: SavedFields): QuerySpec {
  const problems = new Problems();
  const spec = readBySchema(QuerySpecInput, input, '', problems, rules) as QuerySpec;
  problems.check();
  return saved === undefined ? spec : { ...spec, saved };
}

const queryRule: Rule<QuerySpec & { readonly id?: string }> = {
  refused: {
    formulas: 'formulas are not supported; calculate from the results',
    trace_joins: 'trace_joins are not supported; filter by fields of the spans themselves',
  },
  check({ id: _, ...spec }, _at, problems) {
    checkTimes(spec, problems);
    const calculations: QuerySpec['calculations'] =
      spec.calculations.length === 0 ? [{ op: 'COUNT' }] : spec.calculations;
    const checked = { ...spec, calculations };
    checkTargets(checked, problems);
    return checked;
  },
};

const calculationRule: Rule<Calculation> = {
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

const rules: Rules = new Map<object, Rule>([
  [QuerySpecInput, queryRule],
  [Calculation, calculationRule],
  [Filter, filterRule],
]);

function checkTimes({ time_range, start_time, end_time }: QuerySpec, problems: Problems): void {
  if (time_range !== undefined && start_time !== undefined && end_time !== undefined) {
    problems.add('time_range', 'cannot be combined with both start_time and end_time');
  }
  if (start_time !== undefined && end_time !== undefined && start_time > end_time) {
    problems.add('start_time', 'must not be after end_time');
  }
}
