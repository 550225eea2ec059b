import type { TraceState } from '@opentelemetry/api';
import type { W3CTraceState } from '../../road/http/tracestate.ts';

/** OpenTelemetry's own member of the tracestate. */
const KEY = 'ot';
const MAX_LENGTH = 256;

/** The `ot` member's words about sampling (OpenTelemetry specification, TraceState Handling). */
export interface OtelMember {
  /** `th`: the rejection threshold, legal or not. */
  readonly threshold: string | undefined;
  /** `rv`: explicit randomness, which replaces the trace id's. */
  readonly randomness: string | undefined;
  /** Everything but `th`, passed on unchanged. */
  readonly others: string;
}

/** Reads the `ot` member of a trace state. */
export function readOtelMember(state: TraceState | undefined): OtelMember {
  const value = state?.get(KEY);
  let th: string | undefined;
  let rv: string | undefined;
  const others: string[] = [];
  for (const part of value === undefined ? [] : value.split(';')) {
    if (part.startsWith('th:')) th ??= part.slice(3);
    else others.push(part);
    if (part.startsWith('rv:')) rv ??= part.slice(3);
  }
  return {
    threshold: th,
    randomness: rv !== undefined && /^[0-9a-f]{14}$/.test(rv) ? rv : undefined,
    others: others.join(';'),
  };
}

/** Replaces the threshold of a state. Undefined removes the threshold. */
export function withThreshold(
  state: W3CTraceState,
  member: OtelMember,
  threshold: string | undefined,
): W3CTraceState {
  const kept = member.others;
  if (threshold === undefined) return kept === '' ? state.unset(KEY) : state.set(KEY, kept);
  const value = kept === '' ? `th:${threshold}` : `th:${threshold};${kept}`;
  // Above the limit, the specification wants no change. But a wrong threshold is worse than no threshold.
  return value.length > MAX_LENGTH ? withThreshold(state, member, undefined) : state.set(KEY, value);
}
