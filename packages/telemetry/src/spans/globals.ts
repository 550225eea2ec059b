import type { TextMapPropagator } from '@opentelemetry/api';
import { context, ProxyTracerProvider, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import type { ProcessTracerProvider } from './engine.ts';

/**
 * Registers tracer provider, propagator and context manager with the OpenTelemetry API of this process. They replace
 * older ones, which would get all spans otherwise.
 */
export function registerGlobals(provider: ProcessTracerProvider, propagator: TextMapPropagator): void {
  unregisterGlobals();
  provider.register({ propagator, contextManager: new AsyncLocalStorageContextManager() });
}

/** Registers propagator and context manager only: contexts travel, and there are no spans. */
export function registerPropagation(propagator: TextMapPropagator): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(propagator);
}

/** Whether somebody has registered a tracer provider that this copy of the OpenTelemetry API sees. */
export function hasTracerProvider(): boolean {
  const registered = trace.getTracerProvider();
  return !(registered instanceof ProxyTracerProvider) || registered.getDelegateTracer('') !== undefined;
}

/** Makes the OpenTelemetry API of this process a no-op again. */
export function unregisterGlobals(): void {
  trace.disable();
  context.disable();
  propagation.disable();
}
