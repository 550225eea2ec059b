import { parseFilterCombination, parseFilters } from './parse-filters.ts';
import { isAbsent, Problems } from './problems.ts';
import type { CalculatedField, Calculation, CalculationOp, Having, Order, QuerySpec } from './query-spec.ts';
import {
  CALCULATION_OPS,
  COMPARE_OFFSETS,
  DEFAULT_LIMIT,
  HAVING_OPS,
  MAX_ITEMS,
  MAX_LIMIT,
} from './query-spec.ts';
import { checkConsistency } from './query-targets.ts';

const QUERY_KEYS = {
  id: true,
  calculations: true,
  calculated_fields: true,
  filters: true,
  filter_combination: true,
  breakdowns: true,
  orders: true,
  havings: true,
  limit: true,
  time_range: true,
  start_time: true,
  end_time: true,
  granularity: true,
  compare_time_offset_seconds: true,
  formulas: 'formulas are not supported; calculate from the results',
  usage_mode: 'usage_mode is not supported; there is no sampling here',
} as const;
const CALCULATION_KEYS = {
  op: true,
  column: true,
  name: true,
  filters: true,
  filter_combination: true,
} as const;
const ORDER_KEYS = { op: true, column: true, order: true } as const;
const HAVING_KEYS = { calculate_op: true, column: true, op: true, value: true } as const;
const FIELD_KEYS = { name: true, expression: true } as const;
const HAVING_CALCULATIONS = CALCULATION_OPS.filter((op) => op !== 'HEATMAP');

/** The last second whose nanoseconds fit a BIGINT column with room for every offset: the year 2262. */
const MAX_TIME = 9_200_000_000;

/**
 * Reads a query specification from JSON: everything known is checked, everything else refused by name.
 * Columns are not looked at here (they are the store's business, when the query is compiled).
 * Throws QueryError (validation-failed) that lists every problem.
 */
export function parseQuery(input: unknown): QuerySpec {
  const problems = new Problems();
  const object = problems.object(input, '', QUERY_KEYS) ?? {};
  const list = <T>(key: string, item: (value: unknown, field: string) => T | undefined): T[] =>
    problems.list(object[key], key, MAX_ITEMS, item);

  const calculations = list('calculations', (each, at) => parseCalculation(each, at, problems));
  if (calculations.length === 0) calculations.push({ op: 'COUNT' });
  const breakdowns = list('breakdowns', (each, at) => problems.string(each, at));
  const spec = {
    calculations,
    calculated_fields: list('calculated_fields', (each, at) => parseCalculatedField(each, at, problems)),
    filters: parseFilters(object.filters, 'filters', problems),
    filter_combination: parseFilterCombination(object.filter_combination, 'filter_combination', problems),
    breakdowns,
    orders: list('orders', (each, at) => parseOrder(each, at, problems)),
    havings: list('havings', (each, at) => parseHaving(each, at, problems)),
    limit: problems.integer(object.limit, 'limit', 1, MAX_LIMIT) ?? DEFAULT_LIMIT,
    ...parseTimes(object, problems),
  };
  checkConsistency(spec, problems);
  problems.check();
  return spec;
}

function parseCalculation(input: unknown, field: string, problems: Problems): Calculation | undefined {
  const object = problems.object(input, field, CALCULATION_KEYS);
  if (!object) return undefined;
  const op = problems.oneOf(object.op, `${field}.op`, CALCULATION_OPS);
  if (op === undefined) return undefined;
  const column = parseCalculationColumn(op, object.column, `${field}.column`, problems);
  const name = problems.optionalString(object.name, `${field}.name`);
  const filters = parseFilters(object.filters, `${field}.filters`, problems);
  if (filters.length > 0 && name === undefined) {
    problems.add(`${field}.name`, 'cannot be blank: a calculation with filters needs a name', 'missing');
  }
  return {
    op,
    ...(column === undefined ? {} : { column }),
    ...(name === undefined ? {} : { name }),
    ...(filters.length === 0 ? {} : { filters }),
    ...(isAbsent(object.filter_combination)
      ? {}
      : {
          filter_combination: parseFilterCombination(
            object.filter_combination,
            `${field}.filter_combination`,
            problems,
          ),
        }),
  };
}

/** CONCURRENCY takes no column, COUNT may have one (it counts where that exists), all others need one. */
function parseCalculationColumn(op: CalculationOp, value: unknown, field: string, problems: Problems) {
  const column = problems.optionalString(value, field);
  if (op === 'CONCURRENCY' && column !== undefined) return problems.add(field, 'CONCURRENCY takes no column');
  const optional = op === 'COUNT' || op === 'CONCURRENCY';
  if (!optional && column === undefined && (isAbsent(value) || value === '')) {
    return problems.add(field, `cannot be blank: ${op} needs a column`, 'missing');
  }
  return column;
}

function parseCalculatedField(
  input: unknown,
  field: string,
  problems: Problems,
): CalculatedField | undefined {
  const object = problems.object(input, field, FIELD_KEYS);
  if (!object) return undefined;
  const name = problems.string(object.name, `${field}.name`);
  const expression = problems.string(object.expression, `${field}.expression`);
  return name === undefined || expression === undefined ? undefined : { name, expression };
}

function parseOrder(input: unknown, field: string, problems: Problems): Order | undefined {
  const object = problems.object(input, field, ORDER_KEYS);
  if (!object) return undefined;
  const op =
    isAbsent(object.op) || object.op === ''
      ? undefined
      : problems.oneOf(object.op, `${field}.op`, CALCULATION_OPS);
  const column = problems.optionalString(object.column, `${field}.column`);
  const direction = isAbsent(object.order) || object.order === '' ? 'ascending' : object.order;
  const order = problems.oneOf(direction, `${field}.order`, ['ascending', 'descending'] as const);
  if (order === undefined) return undefined;
  return { ...(op === undefined ? {} : { op }), ...(column === undefined ? {} : { column }), order };
}

function parseHaving(input: unknown, field: string, problems: Problems): Having | undefined {
  const object = problems.object(input, field, HAVING_KEYS);
  if (!object) return undefined;
  const calculation = problems.oneOf(object.calculate_op, `${field}.calculate_op`, HAVING_CALCULATIONS);
  const column = problems.optionalString(object.column, `${field}.column`);
  const op = problems.oneOf(object.op, `${field}.op`, HAVING_OPS);
  const value = object.value;
  if (typeof value !== 'number') return problems.add(`${field}.value`, 'must be a number', 'incorrect_type');
  if (calculation === undefined || op === undefined) return undefined;
  return { calculate_op: calculation, ...(column === undefined ? {} : { column }), op, value };
}

function parseTimes(object: Record<string, unknown>, problems: Problems) {
  const time_range = problems.integer(object.time_range, 'time_range', 1, MAX_TIME);
  const start_time = problems.integer(object.start_time, 'start_time', 0, MAX_TIME);
  const end_time = problems.integer(object.end_time, 'end_time', 0, MAX_TIME);
  // Clients write 0 where no granularity was chosen.
  const granularity = problems.integer(object.granularity, 'granularity', 0, MAX_TIME) || undefined;
  const offset =
    problems.integer(object.compare_time_offset_seconds, 'compare_time_offset_seconds', 0, MAX_TIME) ||
    undefined;
  if (offset !== undefined && !COMPARE_OFFSETS.includes(offset)) {
    problems.add('compare_time_offset_seconds', `must be one of ${COMPARE_OFFSETS.join(', ')}`);
  }
  if (time_range !== undefined && start_time !== undefined && end_time !== undefined) {
    problems.add('time_range', 'cannot be combined with both start_time and end_time');
  }
  if (start_time !== undefined && end_time !== undefined && start_time > end_time) {
    problems.add('start_time', 'must not be after end_time');
  }
  return {
    ...(time_range === undefined ? {} : { time_range }),
    ...(start_time === undefined ? {} : { start_time }),
    ...(end_time === undefined ? {} : { end_time }),
    ...(granularity === undefined ? {} : { granularity }),
    ...(offset === undefined ? {} : { compare_time_offset_seconds: offset }),
  };
}
