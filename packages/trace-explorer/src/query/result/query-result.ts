import type { HeatmapValue } from './heatmap-value.ts';

export type ResultValue = string | number | boolean | null | HeatmapValue;

/** One row of results: breakdowns by column name, calculations by their key; null where a value is missing. */
export interface ResultRow {
  readonly data: Readonly<Record<string, ResultValue>>;
}

/** One bucket of one group's series. */
export interface SeriesPoint extends ResultRow {
  /** Start of the bucket, `2026-11-20T07:00:00Z`. */
  readonly time: string;
}

/** `data` of Honeycomb's query results. Buckets without events are left out. */
export interface QueryData {
  readonly series: readonly SeriesPoint[];
  readonly results: readonly ResultRow[];
  /** With compare_time_offset_seconds: the same groups, in the same order, that much earlier. */
  readonly comparison?: {
    readonly offset_seconds: number;
    readonly series: readonly SeriesPoint[];
    readonly results: readonly ResultRow[];
  };
  /** With disable_total_by_aggregate false: the calculations over all groups together. */
  readonly total_by_aggregate?: ResultRow['data'];
  /** The same over time. */
  readonly total_by_aggregate_series?: readonly SeriesPoint[];
  /** With disable_other_by_aggregate false: the calculations over all groups together that are not among the results. */
  readonly other_by_aggregate?: ResultRow['data'];
  readonly info: {
    readonly granularity_seconds: number;
    readonly start_time: number;
    readonly end_time: number;
    /** Whether events count by their sample rates, so that numbers are estimates of what happened. */
    readonly estimated: boolean;
  };
}
