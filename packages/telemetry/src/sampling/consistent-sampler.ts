import type { SpanContext } from '@opentelemetry/api';
import { TraceFlags, trace } from '@opentelemetry/api';
import type { Sampler, SamplingResult } from '@opentelemetry/sdk-trace-base';
import { SamplingDecision } from '@opentelemetry/sdk-trace-base';
import { isRandomTraceId, RANDOM_TRACE_STATE, W3CTraceState } from '@tandem/http-spans';
import type { OtelMember } from './otel-member.ts';
import { readOtelMember, withThreshold } from './otel-member.ts';
import { SAMPLE_RATE, sampleRateOf } from './sample-rate.ts';
import { adjustedCountOf, isKept, thresholdOf } from './threshold.ts';

/** Decisions without attributes. */
const SAMPLED: SamplingResult = Object.freeze({ decision: SamplingDecision.RECORD_AND_SAMPLED });
const DROPPED: SamplingResult = Object.freeze({ decision: SamplingDecision.NOT_RECORD });

/** Options of {@link consistentSampler}. */
interface ConsistentSamplerOptions {
  /** From 0 to 1. */
  readonly probability: number;
  /** Whether to keep a decision that came with a request. Decisions of this process always stay. */
  readonly parentBased: boolean;
}

/**
 * Consistent probability sampling (OpenTelemetry specification, TraceState: Probability Sampling). A threshold, which
 * travels as `ot=th:…`, is compared with 56 random bits of the trace. So a service that samples more keeps at least the
 * traces of a service that samples less. Sampled spans have `SampleRate`. A caller's wrong threshold is erased.
 *
 * @throws RangeError when `probability` is not a number from 0 to 1
 */
export function consistentSampler({ probability, parentBased }: ConsistentSamplerOptions): Sampler {
  if (!(probability >= 0 && probability <= 1))
    throw new RangeError(`The probability must be a number from 0 to 1, not ${probability}.`);
  // With the probability 0, nothing is kept, and there is no threshold to send.
  const threshold = probability === 0 ? undefined : thresholdOf(probability);

  /** Decides for a trace's first span in this process. Our threshold replaces the threshold of a remote parent. */
  function decide(traceId: string, parent?: SpanContext): SamplingResult {
    const state = parent === undefined ? RANDOM_TRACE_STATE : stateOf(parent);
    const member = readOtelMember(state);
    const randomness = member.randomness ?? traceId.slice(-14);
    if (threshold === undefined || !isKept(randomness, threshold)) return dropped(state, member);
    return sampled(adjustedCountOf(threshold), randomness, withThreshold(state, member, threshold));
  }

  return {
    shouldSample(context, traceId) {
      const parent = trace.getSpanContext(context);
      // Only a root, also under an invalid parent, has another trace id than its parent.
      if (parent?.traceId !== traceId) return decide(traceId);
      if (parent.isRemote !== true) return followLocal(parent, traceId);
      return parentBased ? followRemote(parent, traceId) : decide(traceId, parent);
    },
    toString: () => `${parentBased ? 'ParentBased' : ''}ConsistentProbability{${probability}}`,
  };
}

/** Children share the decision and the trace state of a parent in this process. */
function followLocal(parent: SpanContext, traceId: string): SamplingResult {
  if (!isSampled(parent)) return DROPPED;
  const { adjustedCount, randomness } = readOtelMember(parent.traceState);
  return sampled(adjustedCount, randomness ?? traceId.slice(-14));
}

/** The caller's flag decides. A threshold that disagrees with the flag does not count. */
function followRemote(parent: SpanContext, traceId: string): SamplingResult {
  const member = readOtelMember(parent.traceState);
  const { threshold, adjustedCount } = member;
  if (threshold === undefined) return isSampled(parent) ? SAMPLED : DROPPED;
  const randomness = member.randomness ?? traceId.slice(-14);
  if (!isSampled(parent)) return dropped(stateOf(parent), member);
  if (adjustedCount !== undefined && isKept(randomness, threshold)) return sampled(adjustedCount, randomness);
  return { ...SAMPLED, traceState: withThreshold(stateOf(parent), member, undefined) };
}

/** An unknown probability gives no `SampleRate`. Without `traceState`, the parent's stays. */
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
  if (member.threshold === undefined) return DROPPED;
  return { ...DROPPED, traceState: withThreshold(state, member, undefined) };
}

function isSampled(parent: SpanContext): boolean {
  return (parent.traceFlags & TraceFlags.SAMPLED) !== 0;
}

/** The parent's trace state in our class, also when another propagator made the trace state. */
function stateOf(parent: SpanContext): W3CTraceState {
  const { traceState, traceFlags } = parent;
  if (traceState instanceof W3CTraceState) return traceState;
  return new W3CTraceState(traceState?.serialize() ?? '', isRandomTraceId(traceFlags));
}
