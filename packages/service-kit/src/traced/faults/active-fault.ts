import { setTimeout as wait } from 'node:timers/promises';
import type { Context } from '@opentelemetry/api';
import { context, createContextKey, propagation, trace } from '@opentelemetry/api';
import { problems } from '../../errors.ts';
import type { Fault } from './fault.ts';
import { FAULT } from './fault.ts';

const KEY = createContextKey(FAULT);
const ANSWERED = createContextKey(`${FAULT}: the request is answered, or its caller gone`);

/**
 * A context that knows the request's fault; its baggage carries the fault on to the services that are called.
 * @param answered aborted as soon as nobody waits for the request's work any more
 */
export function withFault(ctx: Context, fault: Fault, answered?: AbortSignal): Context {
  const baggage = propagation.getBaggage(ctx) ?? propagation.createBaggage();
  const known = ctx.setValue(KEY, fault).setValue(ANSWERED, answered);
  return propagation.setBaggage(known, baggage.setEntry(FAULT, { value: fault.text }));
}

/** The fault, of `part` or of any, that the request being answered asks for; undefined nearly always. */
export function activeFault(part?: string): Fault | undefined {
  const fault = context.active().getValue(KEY) as Fault | undefined;
  return part === undefined || fault?.part === part ? fault : undefined;
}

/** Says on the active span which fault happens in it. */
export function markFault(fault: Fault): void {
  trace.getActiveSpan()?.setAttribute(FAULT, fault.text);
}

/**
 * Waits as long as a fault says.
 * @throws Problem DEADLINE_EXCEEDED as soon as the request that asked for it is answered or its caller gone: what was
 * to come after the delay is not wanted any more
 */
export async function waitForFault(milliseconds: number): Promise<void> {
  const signal = context.active().getValue(ANSWERED) as AbortSignal | undefined;
  try {
    await wait(milliseconds, undefined, signal === undefined ? {} : { signal });
  } catch (cause) {
    throw problems.DEADLINE_EXCEEDED({ cause });
  }
}
