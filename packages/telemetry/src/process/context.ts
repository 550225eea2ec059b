import type { Context, TextMapPropagator } from '@opentelemetry/api';
import { ROOT_CONTEXT, TraceFlags, trace } from '@opentelemetry/api';
import { processWide } from '../common/process-wide.ts';

/** The context that the process was started in; without one, the root context. */
export const processContext = processWide<Context>('process context 1', ROOT_CONTEXT);

/**
 * Reads the context from the environment of a process: TRACEPARENT, TRACESTATE, BAGGAGE, and the variables of other
 * propagators (OpenTelemetry, "Environment Variables as Context Propagation Carriers").
 *
 * @returns the context, with a warning when TRACEPARENT is malformed or not sampled
 */
export function readProcessContext(
  environment: NodeJS.ProcessEnv,
  propagator: TextMapPropagator,
): { readonly context: Context; readonly warning?: string } {
  const context = propagator.extract(ROOT_CONTEXT, environment, {
    get: (carrier: NodeJS.ProcessEnv, key) => carrier[key.toUpperCase().replace(/[^A-Z0-9_]/g, '_')],
    keys: (carrier: NodeJS.ProcessEnv) => Object.keys(carrier),
  });
  const parent = trace.getSpanContext(context);
  if (parent === undefined && environment.TRACEPARENT && propagator.fields().includes('traceparent')) {
    const warning = 'TRACEPARENT is malformed, so this process starts traces of its own.';
    return { context: ROOT_CONTEXT, warning };
  }
  const isSampled = parent === undefined || (parent.traceFlags & TraceFlags.SAMPLED) !== 0;
  if (isSampled || !/^(?:parentbased|$)/.test(environment.OTEL_TRACES_SAMPLER ?? '')) return { context };
  const warning =
    'TRACEPARENT ends in -00: its trace is not sampled, so this process has no spans outside of requests. ' +
    'Unset TRACEPARENT, or set OTEL_TRACES_SAMPLER=always_on.';
  return { context, warning };
}
