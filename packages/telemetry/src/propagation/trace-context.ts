import type {
  Context,
  SpanContext,
  TextMapGetter,
  TextMapPropagator,
  TextMapSetter,
} from '@opentelemetry/api';
import { isSpanContextValid, trace } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { RANDOM_TRACE_STATE, W3CTraceState } from './trace-state.ts';
import { formatTraceparent, isRandomTraceId, parseTraceparent } from './traceparent.ts';

const TRACEPARENT = 'traceparent';
const TRACESTATE = 'tracestate';

/** Carries span contexts as W3C Trace Context level 2 headers, strictly. */
export class TraceContextPropagator implements TextMapPropagator {
  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    const spanContext = trace.getSpanContext(context);
    if (!spanContext || isTracingSuppressed(context) || !isSpanContextValid(spanContext)) return;
    setter.set(carrier, TRACEPARENT, formatTraceparent(spanContext));
    const state = spanContext.traceState?.serialize();
    if (state) setter.set(carrier, TRACESTATE, state);
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const header = onlyValue(getter.get(carrier, TRACEPARENT));
    if (header === undefined) return context;
    const parent = parseTraceparent(header);
    if (parent === undefined) return context;
    const state = traceState(getter.get(carrier, TRACESTATE), isRandomTraceId(parent.traceFlags));
    const remote: SpanContext = { ...parent, isRemote: true };
    if (state) remote.traceState = state;
    return trace.setSpanContext(context, remote);
  }

  fields(): string[] {
    return [TRACEPARENT, TRACESTATE];
  }
}

/** Several headers have no order that says which one is right, so none is taken. */
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
