/** One entry for each of the few spans that have the property: `[place, value]`. */
export type Sparse<T> = readonly (readonly [place: number, value: T])[];

/** How a trace's spans came to the explorer; what says nothing is left out. */
export interface Arrival {
  /** Equal copies of spans that were left out. */
  readonly copies?: number;
  /** Seconds by which the root came after all other spans. */
  readonly late_root_s?: number;
  /** More spans have arrived than are shown. */
  readonly cut?: true;
}

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
  readonly arrival: Arrival;
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
  /** For CLIENT spans, equal numbers for equal arguments; left out where the arguments are not known. */
  readonly call: Sparse<number>;
  /** For CLIENT spans, equal numbers for statements that differ in their values alone. */
  readonly statement: Sparse<number>;
  /** Host and path that a CLIENT span called whose name is a method alone. */
  readonly target: Sparse<string>;
  /** Places of spans that called a database. */
  readonly database: readonly number[];
  /** Places of spans that called a generative model. */
  readonly generative: readonly number[];
  /** Where the other half of a call is stored as another trace: what is before it, or after it. */
  readonly lost: Sparse<'before' | 'after'>;
  /** The parent that has not arrived. */
  readonly missing_parent: Sparse<string>;
  readonly events: {
    readonly place: readonly number[];
    readonly offset: readonly number[];
    readonly name: readonly number[];
  };
}
