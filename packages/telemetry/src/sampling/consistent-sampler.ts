import type { Attributes, Context, SpanContext, SpanKind } from '@opentelemetry/api';
import { TraceFlags, trace } from '@opentelemetry/api';
import { isRandomTraceId } from '../context/traceparent.ts';
import { RANDOM_TRACE_STATE, W3CTraceState } from '../context/tracestate.ts';
import type { Sampler, SamplingResult } from '../opentelemetry/sdk.ts';
import { DROPPED, SAMPLED } from '../sdk/sampler.ts';
import type { Rates } from '../settings/sampling-rates.ts';
import { parseRates } from '../settings/sampling-rates.ts';
import type { OtelMember } from './otel-member.ts';
import { readOtelMember, withThreshold } from './otel-member.ts';
import { SAMPLE_RATE, sampleRateOf } from './sample-rate.ts';
import { adjustedCountOf, isKept, thresholdOf } from './threshold.ts';

/** What {@link consistentSampler} keeps. */
interface ConsistentSamplerOptions {
  /** A probability from 0 to 1, and others for single routes: `0.1;GET /orders=0.01;/orders/:id=1`. */
  readonly rates: string;
  /** Whether a sampling decision that came with a request is kept. Those of spans of this process always are. */
  readonly parentBased: boolean;
}

/**
 * Consistent probability sampling (OpenTelemetry specification, TraceState: Probability Sampling): 56 random bits of
 * the trace decide, compared with a threshold that travels as `ot=th:…`, so that every service that samples at least
 * as much keeps the same traces. Sampled spans carry `SampleRate`, and a wrong threshold from outside is erased.
 *
 * @throws RangeError for rates that cannot be read
 */
export function consistentSampler(options: ConsistentSamplerOptions): Sampler {
  return new ConsistentSampler(options);
}

class ConsistentSampler implements Sampler {
  readonly #rates: Rates;
  readonly #parentBased: boolean;
  readonly #byProbability = new Map<number, Rate | undefined>();

  constructor(options: ConsistentSamplerOptions) {
    this.#rates = parseRates(options.rates);
    this.#parentBased = options.parentBased;
    for (const probability of [this.#rates.standard, ...this.#rates.routes.values()]) {
      this.#byProbability.set(probability, rateOf(probability));
    }
  }

  shouldSample(
    context: Context,
    traceId: string,
    spanName: string,
    _spanKind: SpanKind,
    attributes: Attributes,
  ): SamplingResult {
    const parent = trace.getSpanContext(context);
    // A root gets a new trace id, so comparing ids tells roots apart, also under an invalid parent.
    if (parent?.traceId !== traceId) return this.#decide(traceId, spanName, attributes);
    if (parent.isRemote !== true) return followLocal(parent, traceId);
    return this.#parentBased
      ? followRemote(parent, traceId)
      : this.#decide(traceId, spanName, attributes, parent);
  }

  /** For a trace's first span here, also with a remote parent, whose threshold ours replaces. */
  #decide(traceId: string, spanName: string, attributes: Attributes, parent?: SpanContext): SamplingResult {
    const state = parent === undefined ? RANDOM_TRACE_STATE : stateOf(parent);
    const member = readOtelMember(state);
    const rate = this.#byProbability.get(this.#rates.of(spanName, attributes));
    const randomness = member.randomness ?? traceId.slice(-14);
    if (rate === undefined || !isKept(randomness, rate.threshold)) return dropped(state, member);
    const traceState =
      state === RANDOM_TRACE_STATE ? rate.rootState : withThreshold(state, member, rate.threshold);
    return sampled(rate.adjustedCount, randomness, traceState);
  }

  toString(): string {
    const name = this.#parentBased ? 'ParentBasedConsistentProbability' : 'ConsistentProbability';
    return `${name}{${this.#rates}}`;
  }
}

/** What a probability means, worked out once. */
interface Rate {
  readonly threshold: string;
  readonly adjustedCount: number;
  readonly rootState: W3CTraceState;
}

/** Undefined for 0: keeping nothing is no probability that a threshold can say. */
function rateOf(probability: number): Rate | undefined {
  if (probability === 0) return undefined;
  const threshold = thresholdOf(probability);
  return {
    threshold,
    adjustedCount: adjustedCountOf(threshold) ?? 1,
    rootState: RANDOM_TRACE_STATE.set('ot', `th:${threshold}`),
  };
}

/** A span of this process decided already; its children share the decision and the trace state. */
function followLocal(parent: SpanContext, traceId: string): SamplingResult {
  if (!isSampled(parent)) return DROPPED;
  const { adjustedCount, randomness } = readOtelMember(parent.traceState);
  return sampled(adjustedCount, randomness ?? traceId.slice(-14));
}

/** The flag of the caller decides. Its threshold counts only where it agrees with the flag. */
function followRemote(parent: SpanContext, traceId: string): SamplingResult {
  const member = readOtelMember(parent.traceState);
  if (!member.hasThreshold) return isSampled(parent) ? SAMPLED : DROPPED;
  const randomness = member.randomness ?? traceId.slice(-14);
  if (!isSampled(parent)) return dropped(stateOf(parent), member);
  if (member.threshold !== undefined && isKept(randomness, member.threshold)) {
    return sampled(member.adjustedCount, randomness);
  }
  return { ...SAMPLED, traceState: withThreshold(stateOf(parent), member, undefined) };
}

const DROPPED_ROOT: SamplingResult = Object.freeze({ ...DROPPED, traceState: RANDOM_TRACE_STATE });

/** Unknown probability gives no `SampleRate`; without a trace state the parent's is kept. */
function sampled(
  adjustedCount: number | undefined,
  randomness: string,
  traceState?: W3CTraceState,
): SamplingResult {
  if (adjustedCount === undefined) return SAMPLED;
  const attributes = { [SAMPLE_RATE]: sampleRateOf(adjustedCount, randomness) };
  return { ...SAMPLED, attributes, ...(traceState !== undefined && { traceState }) };
}

/** A threshold says how likely it was to be kept: what was dropped must not carry one on. */
function dropped(state: W3CTraceState, member: OtelMember): SamplingResult {
  if (state === RANDOM_TRACE_STATE) return DROPPED_ROOT;
  return member.hasThreshold ? { ...DROPPED, traceState: withThreshold(state, member, undefined) } : DROPPED;
}

function isSampled(parent: SpanContext): boolean {
  return (parent.traceFlags & TraceFlags.SAMPLED) !== 0;
}

/** The parent's trace state as one of ours, also when another propagator made it. */
function stateOf(parent: SpanContext): W3CTraceState {
  const { traceState, traceFlags } = parent;
  if (traceState instanceof W3CTraceState) return traceState;
  return new W3CTraceState(traceState?.serialize() ?? '', isRandomTraceId(traceFlags));
}
