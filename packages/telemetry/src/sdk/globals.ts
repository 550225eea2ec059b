import type { TextMapPropagator, TracerProvider } from '@opentelemetry/api';
import { context, ProxyTracerProvider, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '../opentelemetry/sdk.ts';

/**
 * Registers what the OpenTelemetry API of this process uses: tracer provider, propagator and a context manager. What was
 * registered before is replaced: the first one would get all spans.
 *
 * @returns whether another tracer provider was registered before
 */
export function registerGlobals(provider: TracerProvider, propagator: TextMapPropagator): boolean {
  const registered = trace.getTracerProvider();
  const isTaken =
    !(registered instanceof ProxyTracerProvider) || registered.getDelegateTracer('') !== undefined;
  if (isTaken) unregisterGlobals();
  trace.setGlobalTracerProvider(provider);
  registerPropagation(propagator);
  return isTaken;
}

/** Registers propagator and context manager alone: contexts travel, and nobody makes a span. */
export function registerPropagation(propagator: TextMapPropagator): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(propagator);
}

/** Makes the OpenTelemetry API of this process a no-op again. */
export function unregisterGlobals(): void {
  trace.disable();
  context.disable();
  propagation.disable();
}
