/** A time range: a number of seconds before now, or a start and an end in seconds since the epoch. */
export type Range = number | Moments;
export interface Moments {
  readonly start_time: number;
  readonly end_time: number;
}
