import type { Condition } from './ottl.ts';

/** A policy of the Collector's tail_sampling 0.161. */
export type PolicySpec = { readonly name: string } & (
  | { readonly type: 'always_sample' | 'trace_flags' }
  | { readonly type: 'latency'; readonly above: number; readonly upTo: number }
  | {
      readonly type: 'numeric_attribute';
      readonly field: string;
      readonly least: number;
      readonly most: number;
      readonly invert: boolean;
    }
  | {
      readonly type: 'string_attribute';
      readonly field: string;
      readonly matches: (value: string) => boolean;
      readonly invert: boolean;
    }
  | {
      readonly type: 'boolean_attribute';
      readonly field: string;
      readonly value: boolean;
      readonly invert: boolean;
    }
  | { readonly type: 'status_code'; readonly codes: readonly number[] }
  | { readonly type: 'probabilistic'; readonly percentage: number; readonly salt: string }
  | { readonly type: 'rate_limiting' | 'bytes_limiting'; readonly perSecond: number; readonly burst: number }
  | { readonly type: 'span_count'; readonly least: number; readonly most: number }
  | { readonly type: 'trace_state'; readonly key: string; readonly values: ReadonlySet<string> }
  | {
      readonly type: 'ottl_condition';
      readonly span: readonly Condition[];
      readonly event: readonly Condition[];
    }
  | { readonly type: 'and' | 'not' | 'drop'; readonly policies: readonly PolicySpec[] }
  | {
      readonly type: 'composite';
      readonly most: number;
      readonly policies: readonly PolicySpec[];
      readonly shares: readonly number[];
    }
  | { readonly type: 'unknown' }
);
