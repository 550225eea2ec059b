import type { Attributes, SpanContext } from '@opentelemetry/api';
import { TraceFlags, trace } from '@opentelemetry/api';
import type { Sampler, SamplingResult } from '@opentelemetry/sdk-trace-base';
import { SamplingDecision } from '@opentelemetry/sdk-trace-base';
import { isRandomTraceId } from '../context/traceparent.ts';
import { RANDOM_TRACE_STATE, W3CTraceState } from '../context/tracestate.ts';
import type { OtelMember } from './otel-member.ts';
import { readOtelMember, withThreshold } from './otel-member.ts';
import { rateOf, readRates } from './rates.ts';
import { SAMPLE_RATE, sampleRateOf } from './sample-rate.ts';
import { adjustedCountOf, isKept, thresholdOf } from './threshold.ts';

/** Decisions without attributes. */
const SAMPLED: SamplingResult = Object.freeze({ decision: SamplingDecision.RECORD_AND_SAMPLED });
const DROPPED: SamplingResult = Object.freeze({ decision: SamplingDecision.NOT_RECORD });

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
 * @throws RangeError when `rates` does not begin with a number from 0 to 1
 */
export function consistentSampler({ rates: text, parentBased }: ConsistentSamplerOptions): Sampler {
  const rates = readRates(text);

  /** For a trace's first span here, also with a remote parent, whose threshold ours replaces. */
  function decide(
    traceId: string,
    name: string,
    attributes: Attributes,
    parent?: SpanContext,
  ): SamplingResult {
    const state = parent === undefined ? RANDOM_TRACE_STATE : stateOf(parent);
    const member = readOtelMember(state);
    const probability = rateOf(rates, name, attributes);
    // Keeping nothing is no probability that a threshold can say.
    const threshold = probability === 0 ? undefined : thresholdOf(probability);
    const randomness = member.randomness ?? traceId.slice(-14);
    if (threshold === undefined || !isKept(randomness, threshold)) return dropped(state, member);
    return sampled(adjustedCountOf(threshold), randomness, withThreshold(state, member, threshold));
  }

  return {
    shouldSample(context, traceId, name, _kind, attributes) {
      const parent = trace.getSpanContext(context);
      // A root gets a new trace id, so comparing ids tells roots apart, also under an invalid parent.
      if (parent?.traceId !== traceId) return decide(traceId, name, attributes);
      if (parent.isRemote !== true) return followLocal(parent, traceId);
      return parentBased ? followRemote(parent, traceId) : decide(traceId, name, attributes, parent);
    },
    toString: () => `${parentBased ? 'ParentBased' : ''}ConsistentProbability{${text}}`,
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

/** Removes the threshold, the probability of being kept, from a dropped span. */
function dropped(state: W3CTraceState, member: OtelMember): SamplingResult {
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
