import type { Notice } from '../tree/notices.ts';

/** One entry for each of the few spans that have the property: `[place, value]`. */
export type Sparse<T> = readonly (readonly [place: number, value: T])[];

/**
 * A whole trace, column by column in depth-first order, with what a waterfall draws of every span. Folding,
 * zooming and drawing then need no further question; 100,000 spans take 5 MB as JSON and 40 ms to read.
 * Times are nanoseconds.
 */
export interface TraceOutline {
  readonly trace_id: string;
  /** RFC 3339; of the adjusted start, to which the offsets are relative. */
  readonly start: string;
  readonly start_ns: string;
  readonly duration_ns: number;
  /** How many traces it stands for. Left out where no span was sampled. */
  readonly sample_rate?: number;
  readonly services: readonly { readonly name: string; readonly spans: number; readonly errors: number }[];
  readonly notices: readonly Notice[];
  /** Distinct names and kinds, which `name`, `kind` and `events.name` refer to. */
  readonly texts: readonly string[];
  /** 16 hexadecimal digits per span, without separators. */
  readonly span_ids: string;
  readonly name: readonly number[];
  /** Position in `services`. */
  readonly service: readonly number[];
  readonly kind: readonly number[];
  /** Place of the parent, -1 for a root. */
  readonly parent: readonly number[];
  readonly offset: readonly number[];
  readonly duration: readonly number[];
  readonly errors: readonly number[];
  readonly shift: Sparse<number>;
  readonly status_message: Sparse<string>;
  /** HTTP's or gRPC's status code of roots and of spans with an error. */
  readonly status_code: Sparse<string>;
  /** The exception's message, else the text of `error`, else `error.type`, of spans with an error. */
  readonly problem: Sparse<string>;
  /** Route of roots. */
  readonly route: Sparse<string>;
  readonly links: Sparse<number>;
  readonly marks: Sparse<readonly string[]>;
  /** Which of several spans with the same id, as `?copy=` takes it. */
  readonly copy: Sparse<number>;
  /** The parent that has not arrived. */
  readonly missing_parent: Sparse<string>;
  readonly events: {
    readonly place: readonly number[];
    readonly offset: readonly number[];
    readonly name: readonly number[];
  };
}
