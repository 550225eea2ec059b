import type { Recording, Value } from '../recording.ts';
import { EVENT, SPAN } from '../recording.ts';
import type { PolicySpec } from '../rules/policy-spec.ts';
import { BudgetPolicy } from './budget-policy.ts';
import { largestHash, randomBits, samplingOf, thresholdOf, traceHash } from './trace-hash.ts';
import type { TraceView } from './trace-view.ts';

/** A policy of tail_sampling over a recording. */
export interface Policy {
  readonly name: string;
  readonly isDrop: boolean;
  /**
   * Decides about a trace. @param now nanoseconds since the recording's begin
   * @returns the threshold when the policy samples the trace (0n for policies that keep a whole class); undefined when not
   */
  evaluate(trace: TraceView, now: number): bigint | undefined;
  /** Looks at all traces of a tick first; policies that need no such look leave it out. */
  prepare?(traces: readonly TraceView[], now: number): void;
}

/** How policies decide. */
export interface PolicyOptions {
  /** The feature gate usetracestate: decisions by the random bits, and thresholds. */
  readonly gate: boolean;
  /** What a policy decides that is not modelled. */
  readonly assume: boolean;
}

type Evaluate = Policy['evaluate'];
type Test = (trace: TraceView) => boolean;

/** Makes a policy that decides as tail_sampling 0.161 does. */
export function makePolicy(spec: PolicySpec, recording: Recording, options: PolicyOptions): Policy {
  const { name, type } = spec;
  const whole = { name, isDrop: type === 'drop' };
  const when = (test: Test): Policy => ({ ...whole, evaluate: (trace) => (test(trace) ? 0n : undefined) });
  switch (spec.type) {
    case 'always_sample':
      return when(() => true);
    case 'unknown':
      return when(() => options.assume);
    case 'trace_flags':
      return when(anyRow(recording, SPAN, (row) => ((recording.rows.flags[row] ?? 0) & 1) !== 0));
    case 'latency':
      return when(latency(spec, recording));
    case 'span_count':
      return when(({ spans }) => spans >= spec.least && spans <= spec.most);
    case 'numeric_attribute': {
      const isInteger = recording.columns.get(spec.field)?.type === 'integer';
      // Go reads 0 from a value that is not an integer.
      const isIn = (value: Value) => {
        const number = isInteger ? Number(value) : 0;
        return number >= spec.least && number <= spec.most;
      };
      return when(attribute(recording, spec, isIn));
    }
    case 'string_attribute':
      return when(
        attribute(
          recording,
          spec,
          (value) => typeof value === 'string' && value !== '' && spec.matches(value),
        ),
      );
    case 'boolean_attribute': {
      const isBoolean = recording.columns.get(spec.field)?.type === 'boolean';
      return when(attribute(recording, spec, (value) => (isBoolean ? value : false) === spec.value));
    }
    case 'status_code': {
      const read = recording.reader('status_code');
      return when(anyRow(recording, SPAN, (row) => spec.codes.includes(Number(read(row) ?? 0))));
    }
    case 'trace_state': {
      const read = recording.reader('trace.trace_state');
      return when(
        anyRow(recording, SPAN, (row) => spec.values.has(memberOf(String(read(row) ?? ''), spec.key))),
      );
    }
    case 'ottl_condition': {
      const [onSpan, onEvent] = [spec.span, spec.event].map((conditions) => {
        const tests = conditions.map((condition) => condition.of(recording));
        return (row: number) => tests.some((test) => test(row));
      }) as [(row: number) => boolean, (row: number) => boolean];
      const [spans, events] = [anyRow(recording, SPAN, onSpan), anyRow(recording, EVENT, onEvent)];
      return when((trace) => spans(trace) || events(trace));
    }
    case 'probabilistic':
      return { ...whole, evaluate: probabilistic(spec, recording, options.gate) };
    case 'rate_limiting':
      return new BudgetPolicy(name, spec, {
        costOf: ({ spans }) => spans,
        random: randomOf(recording),
        gate: options.gate,
      });
    case 'bytes_limiting':
      return new BudgetPolicy(name, spec, {
        costOf: ({ size }) => size,
        random: randomOf(recording),
        gate: options.gate,
      });
    case 'and':
      return and(
        name,
        spec.policies.map((each) => makePolicy(each, recording, options)),
      );
    case 'drop':
    case 'not': {
      // What is dropped is not kept: bounds change sides.
      const own = spec.policies.map((each) =>
        makePolicy(each, recording, { ...options, assume: !options.assume }),
      );
      const all: Evaluate = (trace, now) =>
        own.every((each) => each.evaluate(trace, now) !== undefined) ? 0n : undefined;
      const none: Evaluate = (trace, now) => (all(trace, now) === undefined ? 0n : undefined);
      return { ...whole, evaluate: spec.type === 'drop' ? all : none };
    }
    case 'composite':
      return { ...whole, evaluate: composite(spec, recording, options) };
  }
}

function anyRow({ rows }: Recording, kind: number, test: (row: number) => boolean): Test {
  return (trace) => trace.rows.some((row) => rows.kind[row] === kind && test(row));
}

/** Whether any span has a value that fits; inverted: whether none has. */
function attribute(
  recording: Recording,
  { field, invert }: { readonly field: string; readonly invert: boolean },
  fits: (value: Value) => boolean,
): Test {
  const read = recording.reader(field);
  const any = anyRow(recording, SPAN, (row) => {
    const value = read(row);
    return value !== undefined && fits(value);
  });
  return invert ? (trace) => !any(trace) : any;
}

/** The time from the first start to the last end, after each span that came: one of these times must fit. */
function latency(
  { above, upTo }: { readonly above: number; readonly upTo: number },
  { rows }: Recording,
): Test {
  return (trace) => {
    let [first, last] = [Infinity, -Infinity];
    return trace.rows.some((row) => {
      if (rows.kind[row] !== SPAN) return false;
      first = Math.min(first, rows.start[row] ?? 0);
      last = Math.max(last, rows.arrival[row] ?? 0);
      const milliseconds = Math.trunc((last - first) / 1e6);
      return milliseconds > above && (upTo === 0 || milliseconds <= upTo);
    });
  };
}

function probabilistic(
  { percentage, salt }: { readonly percentage: number; readonly salt: string },
  recording: Recording,
  gate: boolean,
): Evaluate {
  const ratio = percentage / 100;
  const [hash, largest, threshold] = [traceHash(salt), largestHash(ratio), thresholdOf(ratio)];
  const state = stateOf(recording);
  return (trace) => {
    const { random, sampled } = gate ? state(trace) : { sampled: false };
    const isKept = sampled ? threshold <= (random ?? randomBits(trace.id)) : hash(trace.id) <= largest;
    return isKept ? threshold : undefined;
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

function randomOf(recording: Recording): (trace: TraceView) => bigint {
  const state = stateOf(recording);
  return (trace) => state(trace).random ?? randomBits(trace.id);
}

/** All policies must sample the trace. A policy with a budget gets the traces that the others sample. */
function and(name: string, policies: readonly Policy[]): Policy {
  const budgets = policies.filter(({ prepare }) => prepare !== undefined);
  const others = policies.filter(({ prepare }) => prepare === undefined);
  const evaluate: Evaluate = (trace, now) => {
    let largest = 0n;
    for (const policy of policies) {
      const threshold = policy.evaluate(trace, now);
      if (threshold === undefined) return undefined;
      if (threshold > largest) largest = threshold;
    }
    return largest;
  };
  if (budgets.length === 0) return { name, isDrop: false, evaluate };
  return {
    name,
    isDrop: false,
    evaluate,
    prepare(traces, now) {
      const candidates = traces.filter((trace) =>
        others.every((each) => each.evaluate(trace, now) !== undefined),
      );
      for (const budget of budgets) budget.prepare?.(candidates, now);
    },
  };
}

/** The first policy that samples a trace decides, as long as its spans of this second allow it. */
function composite(
  { policies, shares, most }: Extract<PolicySpec, { readonly type: 'composite' }>,
  recording: Recording,
  options: PolicyOptions,
): Evaluate {
  const own = policies.map((each) => makePolicy(each, recording, options));
  const used = new Array<number>(own.length).fill(0);
  let second = -1;
  return (trace, now) => {
    const present = Math.floor((Number(recording.begin % 1_000_000_000n) + now) / 1e9);
    if (present !== second) used.fill(0);
    second = present;
    const at = own.findIndex((each) => each.evaluate(trace, now) !== undefined);
    const spans = (used[at] ?? 0) + trace.spans;
    if (at === -1 || spans > (shares[at] ?? 0) || spans > most) return undefined;
    used[at] = spans;
    return 0n;
  };
}

function memberOf(traceState: string, key: string): string {
  const member = traceState.split(',').find((each) => each.trim().startsWith(`${key}=`));
  return member?.trim().slice(key.length + 1) ?? '';
}
