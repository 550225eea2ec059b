import type { SpanContext } from '@opentelemetry/api';
import { TraceFlags, trace } from '@opentelemetry/api';
import type { Sampler, SamplingResult } from '@opentelemetry/sdk-trace-base';
import { SamplingDecision } from '@opentelemetry/sdk-trace-base';
import { isRandomTraceId } from '../../road/http/traceparent.ts';
import { RANDOM_TRACE_STATE, W3CTraceState } from '../../road/http/tracestate.ts';
import { readOtelMember, withThreshold } from './otel-member.ts';
import { SAMPLE_RATE, sampleRateOf } from './sample-rate.ts';
import { adjustedCountOf, thresholdOf } from './threshold.ts';

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
  const own = probability === 0 ? undefined : thresholdOf(probability);
  const ownCount = adjustedCountOf(own);
  return {
    shouldSample(context, traceId) {
      const active = trace.getSpanContext(context);
      // Only a root, also under an invalid parent, has another trace id than its parent.
      const parent = active?.traceId === traceId ? active : undefined;
      const isDecided = parent !== undefined && (parent.isRemote !== true || parentBased);
      const member = readOtelMember(parent?.traceState);
      const randomness = member.randomness ?? traceId.slice(-14);
      const threshold = isDecided ? member.threshold : own;
      const count = isDecided ? adjustedCountOf(threshold) : ownCount;
      // A caller's threshold that is illegal, or disagrees with the randomness, does not count. Both are digits of a fraction.
      const agrees = threshold !== undefined && count !== undefined && randomness >= threshold;
      const isSampled = isDecided ? (parent.traceFlags & TraceFlags.SAMPLED) !== 0 : agrees;
      const result: SamplingResult = {
        decision: isSampled ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.NOT_RECORD,
      };
      const sent = isSampled && agrees ? threshold : undefined;
      if (sent !== undefined && count !== undefined)
        result.attributes = { [SAMPLE_RATE]: sampleRateOf(count, randomness) };
      // Without a trace state of the result, the parent's stays.
      if (sent !== member.threshold) result.traceState = withThreshold(stateOf(parent), member, sent);
      return result;
    },
    toString: () => `${parentBased ? 'ParentBased' : ''}ConsistentProbability{${probability}}`,
  };
}

/** The trace state of a parent in our class, also when another propagator made the trace state. */
function stateOf(parent: SpanContext | undefined): W3CTraceState {
  if (parent === undefined) return RANDOM_TRACE_STATE;
  const { traceState, traceFlags } = parent;
  if (traceState instanceof W3CTraceState) return traceState;
  return new W3CTraceState(traceState?.serialize() ?? '', isRandomTraceId(traceFlags));
}
