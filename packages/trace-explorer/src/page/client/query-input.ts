import type { CalculatedField, Calculation, Filter, Having, Order } from '../../query/query-spec.ts';

/** A query specification as it is written: what is left out is the default. */
export interface QuerySpecInput {
  readonly calculations?: readonly Calculation[];
  readonly calculated_fields?: readonly CalculatedField[];
  readonly filters?: readonly Filter[];
  readonly filter_combination?: 'AND' | 'OR';
  readonly breakdowns?: readonly string[];
  readonly orders?: readonly Order[];
  readonly havings?: readonly Having[];
  readonly limit?: number;
  /** Seconds. */
  readonly time_range?: number;
  /** Seconds since the epoch. */
  readonly start_time?: number;
  readonly end_time?: number;
  readonly granularity?: number;
  readonly compare_time_offset_seconds?: number;
}
