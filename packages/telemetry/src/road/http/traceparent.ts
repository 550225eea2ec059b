import type {
  Context,
  SpanContext,
  TextMapGetter,
  TextMapPropagator,
  TextMapSetter,
} from '@opentelemetry/api';
import { isSpanContextValid, trace } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { spanMadeBelow } from '../../beside/other-tracers.ts';
import { RANDOM_TRACE_STATE, W3CTraceState } from './tracestate.ts';

const TRACEPARENT = 'traceparent';
const TRACESTATE = 'tracestate';

/**
 * Carries span contexts as the headers `traceparent` and `tracestate`, strictly by W3C Trace Context level 2. Illegal
 * headers are ignored as the specification says; nothing throws.
 */
export class TraceContextPropagator implements TextMapPropagator {
  /** Writes the headers of the span that is active in `context`; nothing for a span without valid ids. */
  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    const spanContext = trace.getSpanContext(context);
    if (!spanContext || isTracingSuppressed(context) || !isSpanContextValid(spanContext)) return;
    setter.set(carrier, TRACEPARENT, formatTraceparent(spanContext));
    const state = spanContext.traceState?.serialize();
    if (state) setter.set(carrier, TRACESTATE, state);
  }

  /**
   * Returns `context` with the caller's span as the remote parent. When a SERVER span was made from the same headers, the
   * SERVER span is the parent, because Sentry and others read the headers of a request again.
   */
  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const header = onlyValue(getter.get(carrier, TRACEPARENT));
    const remote = header === undefined ? undefined : parseTraceparent(header);
    if (remote === undefined) return context;
    const made = spanMadeBelow(remote, context);
    if (made !== undefined) return trace.setSpan(context, made);
    const state = traceState(getter.get(carrier, TRACESTATE), isRandomTraceId(remote.traceFlags));
    if (state) remote.traceState = state;
    return trace.setSpanContext(context, remote);
  }

  fields(): string[] {
    return [TRACEPARENT, TRACESTATE];
  }
}

/** Trace flags that W3C Trace Context level 2 defines; all others are sent as zero. */
const SAMPLED = 0x01;
const RANDOM_TRACE_ID = 0x02;
const KNOWN_FLAGS = SAMPLED | RANDOM_TRACE_ID;

/**
 * Version, trace id, parent id and flags; later versions may add text after a dash. Version `ff` and ids of zeros only are
 * forbidden. A comma means several headers.
 */
const HEADER =
  /^[ \t]*(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:[ \t]*|-[^,]*)$/;
const VERSION_00_LENGTH = 55;
const DASH = 45;
const NO_TRACE = '0'.repeat(32);
const NO_SPAN = '0'.repeat(16);

/**
 * The remote span context that a `traceparent` header names (W3C Trace Context level 2); undefined when the header must
 * be ignored. A value joined from several headers is ignored too, because the right parent is unknown.
 *
 * The result has the flags of level 2; for versions above 00, only `sampled`.
 */
export function parseTraceparent(value: string): SpanContext | undefined {
  if (!isPlainVersion00(value) && !HEADER.test(value)) return undefined;
  // The parts have fixed places. Groups of the expression would cost an array and five texts per request.
  const header = value.trim();
  const isVersion00 = header.startsWith('00');
  if (isVersion00 && header.length > VERSION_00_LENGTH) return undefined;
  const flags = Number.parseInt(header.slice(53, 55), 16) & (isVersion00 ? KNOWN_FLAGS : SAMPLED);
  return { traceId: header.slice(3, 35), spanId: header.slice(36, 52), traceFlags: flags, isRemote: true };
}

/** Whether a value is a legal header of version 00 without spaces, as nearly all are. The expression takes 2 µs for it. */
function isPlainVersion00(value: string): boolean {
  return (
    value.length === VERSION_00_LENGTH &&
    value.startsWith('00-') &&
    value.charCodeAt(35) === DASH &&
    value.charCodeAt(52) === DASH &&
    isHex(value, 3, 35) &&
    isHex(value, 36, 52) &&
    isHex(value, 53, 55) &&
    !value.startsWith(NO_TRACE, 3) &&
    !value.startsWith(NO_SPAN, 36)
  );
}

/** Digits and small letters only, from `start` to before `end`. */
function isHex(value: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const code = value.charCodeAt(at);
    if (!((code >= 48 && code <= 57) || (code >= 97 && code <= 102))) return false;
  }
  return true;
}

/**
 * The version 00 `traceparent` of a span context, for requests and for `traceresponse`. The random flag comes from the
 * trace state.
 */
export function formatTraceparent({ traceId, spanId, traceFlags, traceState }: SpanContext): string {
  const random = traceState instanceof W3CTraceState && traceState.randomTraceId ? RANDOM_TRACE_ID : 0;
  return `00-${traceId}-${spanId}-0${(traceFlags & KNOWN_FLAGS) | random}`;
}

/** Whether the flags of a received context say that its trace id is random. */
export function isRandomTraceId(traceFlags: number): boolean {
  return (traceFlags & RANDOM_TRACE_ID) !== 0;
}

/** Undefined for several headers: the right one is unknown. */
function onlyValue(header: string | string[] | undefined): string | undefined {
  if (typeof header === 'string') return header;
  const [value] = Array.isArray(header) && header.length === 1 ? header : [];
  return typeof value === 'string' ? value : undefined;
}

function traceState(header: string | string[] | undefined, random: boolean): W3CTraceState | undefined {
  const list = Array.isArray(header) ? header.join(',') : header;
  if (typeof list === 'string' && list !== '') return new W3CTraceState(list, random);
  return random ? RANDOM_TRACE_STATE : undefined;
}
