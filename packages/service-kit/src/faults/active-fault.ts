import type { Context, Span } from '@opentelemetry/api';
import { context, createContextKey, propagation, trace } from '@opentelemetry/api';
import type { Fault } from './fault.ts';
import { FAULT } from './fault.ts';

const KEY = createContextKey(FAULT);

/** The context in which a request's fault is known here, and goes along in baggage to the services it calls. */
export function withFault(ctx: Context, fault: Fault): Context {
  const baggage = propagation.getBaggage(ctx) ?? propagation.createBaggage();
  return propagation.setBaggage(ctx.setValue(KEY, fault), baggage.setEntry(FAULT, { value: fault.text }));
}

/** The fault of the request that is being answered, when it is about this part; undefined nearly always. */
export function activeFault(part: string): Fault | undefined {
  const fault = context.active().getValue(KEY) as Fault | undefined;
  return fault?.part === part ? fault : undefined;
}

/** Says on a span, by default the active one, which fault happened in it. */
export function markFault(fault: Fault, span: Span | undefined = trace.getActiveSpan()): void {
  span?.setAttribute(FAULT, fault.text);
}

/** Waits as a slow database would, where the request asks for one. `span` is the statement's. */
export function delayFaultyQuery(span: Span | undefined): Promise<void> | undefined {
  const fault = activeFault('database');
  if (fault?.kind !== 'delay') return undefined;
  markFault(fault, span);
  return new Promise((resolve) => setTimeout(resolve, fault.milliseconds));
}
