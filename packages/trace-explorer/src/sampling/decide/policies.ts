import type { Recording, Value } from '../recording.ts';
import { EVENT, SPAN } from '../recording.ts';
import type { Limit } from './limit.ts';
import { limited } from './limit.ts';
import { largestHash, randomBits, samplingOf, thresholdOf, traceHash } from './trace-hash.ts';

/** What a sampler knows of a trace when it decides. */
export interface TraceView {
  readonly id: string;
  /** Rows in the order of arrival: spans, each with its events and links behind it. */
  readonly rows: Int32Array;
  readonly spans: number;
  /** Bytes of the spans, as each came alone. */
  readonly size: number;
}

/** How policies decide. */
export interface Run {
  readonly recording: Recording;
  /** The feature gate usetracestate: decisions by the random bits, and thresholds. */
  readonly gate: boolean;
  /** What a policy decides that is not modelled. */
  readonly assume: boolean;
}

/**
 * Decides about the traces of one second, in their order. @param now nanoseconds since the recording's begin
 * @returns the threshold of each trace that is sampled (0n of a class that is kept whole), undefined for the others
 */
export type Decide = (traces: readonly TraceView[], now: number) => readonly (bigint | undefined)[];

/** A policy of tail_sampling 0.161. Its counts begin anew in each run. */
export interface Policy {
  readonly name: string;
  readonly type: string;
  /** Whether a limit per second decides, so that the order of traces counts. */
  readonly isLimited: boolean;
  start(run: Run): Decide;
}

type Start = Policy['start'];
type Test<T> = (of: T) => boolean;

/** Keeps the traces for which a test holds. */
export function when(make: (run: Run) => Test<TraceView>): Start {
  return (run) => {
    const test = make(run);
    return (traces) => traces.map((trace) => (test(trace) ? 0n : undefined));
  };
}

/** Keeps the traces with a span (or event) for which a test holds; inverted: the traces without one. */
export function anyRow(
  make: (recording: Recording) => Test<number>,
  { invert = false, kind = SPAN } = {},
): Start {
  return when(({ recording }) => {
    const test = make(recording);
    const { kind: kinds } = recording.rows;
    return ({ rows }) => rows.some((row) => kinds[row] === kind && test(row)) !== invert;
  });
}

/** Keeps the traces with a span whose attribute fits. @param type of the field; Go reads another type's value as empty */
export function attribute(
  { field, invert }: { readonly field: string; readonly invert: boolean },
  { type, empty, fits }: { readonly type: string; readonly empty: Value; readonly fits: Test<Value> },
): Start {
  return anyRow(
    (recording) => {
      const read = recording.reader(field);
      const isOfType = recording.columns.get(field)?.type === type;
      return (row) => {
        const value = read(row);
        return value !== undefined && fits(isOfType ? value : empty);
      };
    },
    { invert },
  );
}

/** The time from the first start to the last end, after each span that came: one of these times must fit. */
export function latency(above: number, upTo: number): Start {
  return when(({ recording: { rows } }) => (trace) => {
    let [first, last] = [Infinity, -Infinity];
    return trace.rows.some((row) => {
      if (rows.kind[row] !== SPAN) return false;
      first = Math.min(first, rows.start[row] ?? 0);
      last = Math.max(last, rows.arrival[row] ?? 0);
      const milliseconds = Math.trunc((last - first) / 1e6);
      return milliseconds > above && (upTo === 0 || milliseconds <= upTo);
    });
  });
}

/** Keeps the traces with a span that has one of the values in its trace state. */
export function traceState(key: string, values: ReadonlySet<string>): Start {
  return anyRow((recording) => {
    const read = recording.reader('trace.trace_state');
    return (row) => {
      const member = String(read(row) ?? '')
        .split(',')
        .find((each) => each.trim().startsWith(`${key}=`));
      return values.has(member?.trim().slice(key.length + 1) ?? '');
    };
  });
}

/** Keeps the traces with a span, or an event of a span, for which a condition holds. */
export function conditions(
  ofSpans: readonly ((recording: Recording) => Test<number>)[],
  ofEvents: readonly ((recording: Recording) => Test<number>)[],
): Start {
  return when(({ recording }) => {
    const [onSpan, onEvent] = [ofSpans, ofEvents].map((all) => all.map((make) => make(recording)));
    const { kind } = recording.rows;
    const holds = (row: number) =>
      (kind[row] === SPAN ? onSpan : kind[row] === EVENT ? onEvent : [])?.some((test) => test(row)) === true;
    return ({ rows }) => rows.some(holds);
  });
}

/** A share of the traces, by a hash of their ids; with the gate by their random bits, where trace states have a threshold. */
export function probabilistic(percentage: number, salt: string): Start {
  const ratio = percentage / 100;
  const [hash, largest, threshold] = [traceHash(salt), largestHash(ratio), thresholdOf(ratio)];
  return ({ recording, gate }) => {
    const state = stateOf(recording);
    return (traces) =>
      traces.map((trace) => {
        const { random, sampled } = gate ? state(trace) : { sampled: false };
        const isKept = sampled ? threshold <= (random ?? randomBits(trace.id)) : hash(trace.id) <= largest;
        return isKept ? threshold : undefined;
      });
  };
}

/** rate_limiting and bytes_limiting: what the limit allows. */
export function budget(limit: Limit, costOf: (trace: TraceView) => number): Start {
  return ({ recording, gate }) => {
    const state = stateOf(recording);
    return limited(limit, costOf, gate ? (trace) => state(trace).random ?? randomBits(trace.id) : undefined);
  };
}

/** What the trace states of a trace say about sampling. */
function stateOf(recording: Recording): (trace: TraceView) => ReturnType<typeof samplingOf> {
  const read = recording.reader('trace.trace_state');
  return (trace) => {
    let sampled = false;
    for (const row of trace.rows) {
      const state = read(row);
      if (state === undefined) continue;
      const found = samplingOf(String(state));
      if (found.random !== undefined) return found;
      sampled ||= found.sampled;
    }
    return { sampled };
  };
}

/** All policies must sample a trace. With the gate, a limit chooses from the traces that the others sample. */
export function and(policies: readonly Policy[]): Start {
  return (run) => {
    const order = run.gate
      ? policies.toSorted((a, b) => Number(a.isLimited) - Number(b.isLimited))
      : policies;
    const decide = order.map((each) => each.start(run));
    return (traces, now) => {
      const largest = new Map<TraceView, bigint>(traces.map((trace) => [trace, 0n]));
      for (const each of decide) {
        const asked = [...largest.keys()];
        for (const [at, threshold] of each(asked, now).entries()) {
          const trace = asked[at] as TraceView;
          if (threshold === undefined) largest.delete(trace);
          else if (threshold > (largest.get(trace) ?? 0n)) largest.set(trace, threshold);
        }
      }
      return traces.map((trace) => largest.get(trace));
    };
  };
}

/** Whether all policies sample a trace, or not. What is dropped is not kept, so bounds change sides. */
export function all(policies: readonly Policy[], wanted: boolean): Start {
  const start = and(policies);
  return (run) => {
    const decide = start({ ...run, assume: !run.assume });
    return (traces, now) =>
      decide(traces, now).map((threshold) => ((threshold !== undefined) === wanted ? 0n : undefined));
  };
}

/** The first policy that samples a trace decides, as long as its spans of this second allow it. */
export function composite(policies: readonly Policy[], shares: readonly number[], most: number): Start {
  return (run) => {
    const decide = policies.map((each) => each.start(run));
    const used = new Array<number>(policies.length).fill(0);
    const begin = Number(run.recording.begin % 1_000_000_000n);
    let second = -1;
    return (traces, now) => {
      const present = Math.floor((begin + now) / 1e9);
      if (present !== second) used.fill(0);
      second = present;
      const first = new Map<TraceView, number>();
      for (const [place, each] of decide.entries()) {
        const asked = traces.filter((trace) => !first.has(trace));
        for (const [at, threshold] of each(asked, now).entries())
          if (threshold !== undefined) first.set(asked[at] as TraceView, place);
      }
      return traces.map((trace) => {
        const place = first.get(trace) ?? -1;
        const spans = (used[place] ?? 0) + trace.spans;
        if (place === -1 || spans > (shares[place] ?? 0) || spans > most) return undefined;
        used[place] = spans;
        return 0n;
      });
    };
  };
}
