/** A sampler's decisions, by the number of the trace. */
export interface Decisions {
  /** The probability that the trace is kept: 1 or 0 where the decision is sure. */
  readonly kept: Float64Array;
  /** How many traces a kept trace stands for, as the product writes it: 1 when the product writes nothing. */
  readonly rate: Float64Array;
  /** The name of the rule that decided; empty where none did. */
  readonly rule: string[];
  /** The key of a dynamic sampler. */
  readonly key: string[];
  /** Whether the rate multiplies the rate that a span has already. Else the larger one of both stays. */
  readonly multiplies: boolean;
}

/** Decisions before any was made. */
export function noDecisions(traces: number, multiplies: boolean): Decisions {
  return {
    kept: new Float64Array(traces),
    rate: new Float64Array(traces).fill(1),
    rule: new Array<string>(traces).fill(''),
    key: new Array<string>(traces).fill(''),
    multiplies,
  };
}

/** The numbers of traces in the order of a time of each. */
export function byTime(traces: number, timeOf: (trace: number) => number): Int32Array {
  const times = Float64Array.from({ length: traces }, (_, trace) => timeOf(trace));
  return Int32Array.from(times.keys()).sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0) || a - b);
}
