import { parseFilterCombination, parseFilters } from '../query/parse-filters.ts';
import { parseQuery } from '../query/parse-query.ts';
import { isAbsent, Problems } from '../query/problems.ts';
import type { Filter, FilterCombination, QuerySpec } from '../query/query-spec.ts';
import { ALL_DATASETS } from '../query/run-query.ts';

/** The events that stand out: a box on a heatmap, filters, or both. */
export interface Selection {
  /** Seconds since the epoch, fractions included; `start <= t < end`. */
  readonly startTime?: number;
  readonly endTime?: number;
  /** The value axis of the box, with `min <= value <= max`. */
  readonly column?: string;
  readonly min?: number;
  readonly max?: number;
  readonly filters: readonly Filter[];
  readonly filterCombination: FilterCombination;
}

export interface BubbleUpRequest {
  readonly dataset: string;
  /** Its times, filters and calculated fields say which events are compared. */
  readonly query: QuerySpec;
  readonly selection: Selection;
}

const KEYS = { dataset: true, query: true, selection: true } as const;
const SELECTION_KEYS = {
  start_time: true,
  end_time: true,
  column: true,
  min: true,
  max: true,
  filters: true,
  filter_combination: true,
} as const;

/** Reads a request of `/api/bubbleup`. Throws QueryError that names everything that is wrong. */
export function parseBubbleUp(input: unknown): BubbleUpRequest {
  const problems = new Problems();
  const object = problems.object(input, '', KEYS) ?? {};
  const dataset = problems.optionalString(object.dataset, 'dataset') ?? ALL_DATASETS;
  const selection = parseSelection(object.selection, problems);
  problems.check();
  return { dataset, query: parseQuery(object.query ?? {}), selection };
}

function parseSelection(input: unknown, problems: Problems): Selection {
  const object = problems.object(input, 'selection', SELECTION_KEYS) ?? {};
  const startTime = finite(object.start_time, 'selection.start_time', problems);
  const endTime = finite(object.end_time, 'selection.end_time', problems);
  const column = problems.optionalString(object.column, 'selection.column');
  const min = finite(object.min, 'selection.min', problems);
  const max = finite(object.max, 'selection.max', problems);
  const filters = parseFilters(object.filters, 'selection.filters', problems);
  if ((column === undefined) !== (min === undefined && max === undefined)) {
    problems.add('selection.column', 'needs min or max, and they need column', 'missing');
  }
  if (min !== undefined && max !== undefined && min > max)
    problems.add('selection.min', 'must not be above max');
  if (startTime !== undefined && endTime !== undefined && startTime > endTime) {
    problems.add('selection.start_time', 'must not be after end_time');
  }
  if (startTime === undefined && endTime === undefined && column === undefined && filters.length === 0) {
    problems.add('selection', 'selects nothing: give times, a column with min or max, or filters', 'missing');
  }
  return {
    ...(startTime === undefined ? {} : { startTime }),
    ...(endTime === undefined ? {} : { endTime }),
    ...(column === undefined ? {} : { column }),
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    filters,
    filterCombination: parseFilterCombination(
      object.filter_combination,
      'selection.filter_combination',
      problems,
    ),
  };
}

/** A number within what nanoseconds, and so BIGINT columns, can hold. */
function finite(value: unknown, field: string, problems: Problems): number | undefined {
  if (isAbsent(value)) return undefined;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  return problems.add(field, 'must be a number', 'incorrect_type');
}
