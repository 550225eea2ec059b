import type { SamplingResult } from '../opentelemetry/sdk.ts';
import { SamplingDecision } from '../opentelemetry/sdk.ts';

/** Decisions that add nothing to the span; one object each, because every span asks. */
export const SAMPLED: SamplingResult = Object.freeze({ decision: SamplingDecision.RECORD_AND_SAMPLED });
export const DROPPED: SamplingResult = Object.freeze({ decision: SamplingDecision.NOT_RECORD });
