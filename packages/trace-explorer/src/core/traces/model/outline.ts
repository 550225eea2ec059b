import type { CodePlace } from './code-place.ts';
import type { FactLists, Sparse } from './span-facts.ts';

/** How a trace's spans arrived. Members without information are left out. */
export interface Arrival {
  /** Seconds between the arrival of all other spans and that of the root. */
  readonly late_root_s?: number;
  /** True when more spans have arrived than the view has. */
  readonly cut?: true;
}

/** A span of another trace at the other end of a link. */
export interface LinkedSpan {
  /** Index of the span of this trace. */
  readonly at: number;
  /** `before`: the span of this trace has the link, so the other span was there before. `after`: the other span has the link. */
  readonly side: 'before' | 'after';
  readonly trace_id: string;
  readonly span_id: string;
  /** Absent while no such span is stored. Times in nanoseconds, the offset from the start of this trace. */
  readonly span?: {
    readonly name: string;
    readonly service: string;
    readonly kind: string;
    readonly offset: number;
    readonly duration: number;
    readonly error?: boolean;
    readonly queue?: string;
  };
}

/** A fault of a trace, as people are told of it. */
export interface ToldFinding {
  /** The name of the rule, such as `repeated-call`. */
  readonly rule: string;
  /** Without a full stop. */
  readonly sentence: string;
  /** The message of the exception behind the fault. */
  readonly exception?: string;
  readonly advice: string;
  /** It happened, and may be as it should. */
  readonly fact?: true;
  /** The line of code to look at. */
  readonly place?: CodePlace;
  /** Indexes of its spans, the most important first. Empty when it is about the whole trace. */
  readonly spans: readonly number[];
}

/** Most links of a trace, of both directions together. */
export const MOST_LINKS = 1_000;

export interface LinkedSpans {
  readonly spans: readonly LinkedSpan[];
  /** True when there are more links than these. */
  readonly more?: true;
}

/**
 * A whole trace, column by column in depth-first order, with all values that a waterfall draws. So folding, zooming and drawing
 * need no further request. 100,000 spans take 5 MB as JSON and 40 ms to read. Times are nanoseconds.
 */
export interface TraceOutline extends FactLists {
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
  readonly marks: Sparse<readonly string[]>;
  /** Distinguishes spans with the same id; the value of `?copy=`. */
  readonly copy: Sparse<number>;
  /** Calls whose other half is stored as another trace: the half before the call, or after it. */
  readonly lost: Sparse<'before' | 'after'>;
  /** The id of a parent that has not arrived. */
  readonly missing_parent: Sparse<string>;
  /** Spans of other traces that spans of this one link to, or that link to them. Absent without such links. */
  readonly linked?: LinkedSpans;
  /**
   * What is wrong with the trace, in the order of the rules. Absent where the rules would delay the first row: of a large trace they
   * are asked for apart.
   */
  readonly findings?: readonly ToldFinding[];
  readonly events: {
    readonly index: readonly number[];
    readonly offset: readonly number[];
    readonly name: readonly number[];
  };
}
