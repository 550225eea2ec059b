/** One entry `[index, value]` for each span with the property, for properties that few spans have. */
export type Sparse<T> = readonly (readonly [index: number, value: T])[];

/** How a trace's spans arrived. Members without information are left out. */
export interface Arrival {
  /** Seconds between the arrival of all other spans and that of the root. */
  readonly late_root_s?: number;
  /** True when more spans have arrived than are shown. */
  readonly cut?: true;
}

/**
 * A whole trace, column by column in depth-first order, with all values that a waterfall draws. So folding, zooming and drawing
 * need no further request. 100,000 spans take 5 MB as JSON and 40 ms to read. Times are nanoseconds.
 */
export interface TraceOutline {
  readonly trace_id: string;
  /** The adjusted start, to which the offsets are relative, in RFC 3339. */
  readonly start: string;
  readonly start_ns: string;
  readonly duration_ns: number;
  /** The number of traces that this trace stands for. Absent when no span was sampled. */
  readonly sample_rate?: number;
  readonly services: readonly { readonly name: string; readonly spans: number; readonly errors: number }[];
  readonly arrival: Arrival;
  /** Distinct names and kinds, which `name`, `kind` and `events.name` refer to. */
  readonly texts: readonly string[];
  /** 16 hexadecimal digits per span, without separators. */
  readonly span_ids: string;
  readonly name: readonly number[];
  /** Position in `services`. */
  readonly service: readonly number[];
  readonly kind: readonly number[];
  /** Index of the parent, -1 for a root. */
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
  /** The exception's message, else its type, of spans with an error. */
  readonly exception: Sparse<string>;
  /** The first frame of the app in the stack of such an exception. */
  readonly frame: Sparse<string>;
  /** Routes of root spans. */
  readonly route: Sparse<string>;
  readonly links: Sparse<number>;
  readonly marks: Sparse<readonly string[]>;
  /** Distinguishes spans with the same id; the value of `?copy=`. */
  readonly copy: Sparse<number>;
  /** For CLIENT spans a number, equal for equal arguments. Absent when the arguments are unknown. */
  readonly call: Sparse<number>;
  /** For CLIENT spans a number, equal for statements that differ only in their values. */
  readonly statement: Sparse<number>;
  /** The called host and path of a CLIENT span whose name is only a method. */
  readonly target: Sparse<string>;
  /** What the process ran in the spans' own time, as JSON. Absent in a trace that an older explorer has saved. */
  readonly own_time?: Sparse<string>;
  /** Indexes of spans that called a database. */
  readonly database: readonly number[];
  /** Indexes of spans that called a generative model. */
  readonly generative: readonly number[];
  /** Calls whose other half is stored as another trace: the half before the call, or after it. */
  readonly lost: Sparse<'before' | 'after'>;
  /** The id of a parent that has not arrived. */
  readonly missing_parent: Sparse<string>;
  readonly events: {
    readonly index: readonly number[];
    readonly offset: readonly number[];
    readonly name: readonly number[];
  };
}
