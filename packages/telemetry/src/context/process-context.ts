import type { Context, TextMapPropagator } from '@opentelemetry/api';
import { ROOT_CONTEXT, TraceFlags, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { processWide } from '../process/process-wide.ts';

/** The context that the process was started in; without one, the root context. */
export const processContext = processWide<Context>('process context 1', ROOT_CONTEXT);

/** Runs work without a context of its own in the context that the process was started in. */
export class ProcessContextManager extends AsyncLocalStorageContextManager {
  override active(): Context {
    const active = super.active();
    return active === ROOT_CONTEXT ? processContext.value : active;
  }
}

/**
 * Reads the context from the environment of a process: TRACEPARENT, TRACESTATE, BAGGAGE, and the variables of other
 * propagators (OpenTelemetry, "Environment Variables as Context Propagation Carriers").
 *
 * @returns the context, whether TRACEPARENT names a parent that cannot be read, and whether the parent is not sampled
 */
export function contextOf(environment: NodeJS.ProcessEnv, propagator: TextMapPropagator) {
  const read = propagator.extract(ROOT_CONTEXT, environment, {
    get: (carrier: NodeJS.ProcessEnv, key) => carrier[key.toUpperCase().replace(/[^A-Z0-9_]/g, '_')],
    keys: (carrier: NodeJS.ProcessEnv) => Object.keys(carrier),
  });
  const isMalformed =
    Boolean(environment.TRACEPARENT) &&
    propagator.fields().includes('traceparent') &&
    trace.getSpanContext(read) === undefined;
  const { traceFlags = TraceFlags.SAMPLED } = trace.getSpanContext(read) ?? {};
  const isUnsampled = (traceFlags & TraceFlags.SAMPLED) === 0;
  return { context: isMalformed ? ROOT_CONTEXT : read, isMalformed, isUnsampled };
}
