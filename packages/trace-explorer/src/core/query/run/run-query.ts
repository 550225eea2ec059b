import type { Deadline } from '../../../lib/time/deadline.ts';
import { patientDeadline } from '../../../lib/time/deadline.ts';
import { nanosecondsOf } from '../../../lib/time/time-range.ts';
import { isOfStore } from '../../failures.ts';
import type { Field, SpanStore, StoreStats } from '../../store/store.ts';
import type { Statement } from '../compile/binder.ts';
import { CompiledQuery } from '../compile/compiled-query.ts';
import type { HeatmapAxis } from '../compile/heatmap-axis.ts';
import { heatmapAxis } from '../compile/heatmap-axis.ts';
import type { Groups } from '../compile/query-scope.ts';
import { resolveTimeWindow, shiftWindow } from '../compile/time-window.ts';
import { ALL_DATASETS } from '../parse/all-datasets.ts';
import { QueryError } from '../parse/query-error.ts';
import type { QuerySpec } from '../parse/query-spec.ts';
import type { SavedFields } from '../parse/saved-fields.ts';
import type { QueryData } from '../result/query-result.ts';
import { shapeResult } from '../result/shape-result.ts';
import { readOtherNames } from './other-names.ts';
import { readWeight } from './read-weight.ts';
import { withFormulas } from './with-formulas.ts';

/** Fields with the types that they have in a dataset, or over all of them. */
export function fieldsIn(store: Pick<QuerySource, 'fields'>, dataset: string): ReadonlyMap<string, Field> {
  return store.fields(dataset === ALL_DATASETS ? undefined : dataset);
}

/** A store with at least this many rows has percentiles in seven digits: exact percentiles take up to 24 bytes per row. */
const COMPACT_ROWS = 2_000_000;

/** Milliseconds after which the store interrupts a query. */
const TIMEOUT_MS = 30_000;

export interface RunOptions {
  readonly signal?: AbortSignal;
  /** Calculated fields that the query can name besides its own: the saved ones of this moment. */
  readonly saved?: SavedFields | undefined;
  /** Leaves the series out. */
  readonly disableSeries?: boolean;
  /** Whether the answer also has all groups together. */
  readonly total?: boolean;
  /** Whether the answer also has the groups beyond the limit together. */
  readonly other?: boolean;
  /** The present in milliseconds since the epoch, for relative times. Default: the clock. */
  readonly now?: number;
}

/** The source of a query: the store, or another object that answers the store's SQL. */
export type QuerySource = Pick<SpanStore, 'read' | 'sampleRate'> & {
  fields(dataset?: string): ReadonlyMap<string, Field>;
  stats(): Pick<StoreStats, 'rows' | 'logs'>;
};

/**
 * Answers a parsed specification over one dataset (a service name as stored), or over all datasets.
 * @throws QueryError for columns that do not exist and for requests that the explorer cannot answer; the store's error when a
 * read is aborted or takes too long
 */
export async function runQuery(
  store: QuerySource,
  dataset: string,
  spec: QuerySpec,
  options: RunOptions = {},
): Promise<QueryData> {
  const fixed = {
    ...options,
    now: options.now ?? Date.now(),
    deadline: patientDeadline(TIMEOUT_MS),
  };
  const data = await run(store, dataset, spec, fixed);
  // All groups, or all beyond the limit, are one group of a query without breakdowns.
  const { compare_time_offset_seconds: _, ...own } = spec;
  const together: QuerySpec = { ...own, breakdowns: [], orders: [], havings: [] };
  const all = options.total === true ? await run(store, dataset, together, fixed) : undefined;
  const { breakdowns } = spec;
  const rows = data.results.map((row) => breakdowns.map((name) => row.data[name]));
  const isCut = breakdowns.length > 0 && rows.length >= spec.limit;
  const others =
    options.other === true && isCut
      ? await run(store, dataset, together, fixed, { breakdowns, rows })
      : undefined;
  const isSeries = options.disableSeries !== true;
  return {
    ...data,
    ...(all && { total_by_aggregate: all.results[0]?.data ?? {} }),
    ...(all && isSeries && { total_by_aggregate_series: all.series }),
    ...(others && { other_by_aggregate: others.results[0]?.data ?? {} }),
    ...(others && isSeries && { other_by_aggregate_series: others.series }),
  };
}

async function run(
  store: QuerySource,
  dataset: string,
  spec: QuerySpec,
  options: RunOptions & { readonly now: number; readonly deadline: Deadline },
  without?: Groups,
): Promise<QueryData> {
  const window = resolveTimeWindow(spec, options.now);
  const offset = spec.compare_time_offset_seconds;
  const windows = offset === undefined ? [window] : [window, shiftWindow(window, offset)];
  const limits = {
    deadline: options.deadline,
    large: true,
    ...(options.signal ? { signal: options.signal } : {}),
  };
  const range = {
    start: nanosecondsOf(Math.min(...windows.map(({ start }) => start))),
    end: nanosecondsOf(Math.max(...windows.map(({ end }) => end))),
  };
  const weight = spec.usage_mode === true ? undefined : await readWeight(store, range, limits, dataset);
  const compiled = new CompiledQuery(spec, {
    fields: fieldsIn(store, dataset),
    saved: options.saved,
    dataset,
    windows,
    series: options.disableSeries !== true,
    compact: store.stats().rows > COMPACT_ROWS,
    weight,
    without,
  });
  const read = async (statement: Statement): Promise<readonly (readonly unknown[])[]> => {
    return (await store.read(statement.sql, statement.values, limits)).rows;
  };

  const bounds = compiled.bounds();
  const axes =
    bounds === undefined
      ? new Map<number, HeatmapAxis>()
      : toAxes(spec, compiled, (await read(bounds))[0] ?? []);
  const rows = await read(compiled.query(axes));
  const sampled = compiled.sampled();
  const [own, compared] = await Promise.all(
    windows.map(async (each, w) => {
      const { results, series } = shapeResult(rows, spec, each, w, axes);
      return {
        results: await withFormulas(read, spec, results),
        series: await withFormulas(read, spec, series),
      };
    }),
  );
  const notes =
    without === undefined ? await readOtherNames(read, fieldsIn(store, dataset), dataset, spec, range) : [];
  return {
    series: own?.series ?? [],
    results: own?.results ?? [],
    ...(offset === undefined || compared === undefined
      ? {}
      : { comparison: { offset_seconds: offset, ...compared } }),
    ...(notes.length > 0 && { notes }),
    info: {
      granularity_seconds: window.granularity,
      start_time: window.start,
      end_time: window.end,
      estimated: sampled !== undefined && (await read(sampled)).length > 0,
    },
  };
}

/** Checks a specification against the existing columns, without running it. @throws QueryError */
export function checkQuery(
  fields: ReadonlyMap<string, Field>,
  dataset: string,
  spec: QuerySpec,
  saved?: SavedFields,
): void {
  const windows = [resolveTimeWindow(spec, Date.now())];
  new CompiledQuery(spec, { fields, saved, dataset, windows, series: true });
}

function toAxes(
  spec: QuerySpec,
  compiled: CompiledQuery,
  bounds: readonly unknown[],
): Map<number, HeatmapAxis> {
  const axes = new Map<number, HeatmapAxis>();
  let at = 0;
  spec.calculations.forEach((each, i) => {
    if (each.op !== 'HEATMAP') return;
    const [min, max] = [bounds[at++], bounds[at++]];
    if (typeof min === 'number' && typeof max === 'number')
      axes.set(i, heatmapAxis(min, max, compiled.isInteger(i)));
  });
  return axes;
}

/** The error that a client gets for any thrown value. */
export function toQueryError(error: unknown): QueryError {
  if (error instanceof QueryError) return error;
  if (!isOfStore(error)) return new QueryError('internal', 'The query failed; the explorer’s log says why.');
  const { query = 'unavailable', queryMessage = error.message } = error.answers;
  return new QueryError(query, queryMessage, [], error.retryAfterSeconds);
}
