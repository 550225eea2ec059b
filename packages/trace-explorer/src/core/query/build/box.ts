/** A rectangle on a heatmap: a span of time and a range of a field's values, both half-open. */
export interface Box {
  readonly column: string;
  /** Seconds since the epoch. */
  readonly start: number;
  readonly end: number;
  readonly min: number;
  readonly max: number;
}
