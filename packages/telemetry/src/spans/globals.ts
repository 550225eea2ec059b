import type { Context, TextMapPropagator, TracerProvider } from '@opentelemetry/api';
import { context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { ProcessContextManager, processContext } from '../context/process-context.ts';

let contextManager: AsyncLocalStorageContextManager | undefined;

/**
 * Makes a context active in the rest of the running callback, and in everything that the callback starts.
 *
 * @returns how to make the earlier context active again
 */
export function enterContext(entered: Context): { dispose(): void } | undefined {
  return contextManager?.attach(entered);
}

/**
 * Registers propagator, context manager and tracer provider with the OpenTelemetry API of this process. Older registrations
 * are removed, because an old provider would get all spans. Without a provider, contexts travel, and there are no spans.
 */
export function registerGlobals(propagator: TextMapPropagator, provider?: TracerProvider): void {
  unregisterGlobals();
  const isStarted = processContext.value !== ROOT_CONTEXT;
  contextManager = isStarted ? new ProcessContextManager() : new AsyncLocalStorageContextManager();
  context.setGlobalContextManager(contextManager.enable());
  propagation.setGlobalPropagator(propagator);
  if (provider) trace.setGlobalTracerProvider(provider);
}

/** Makes the OpenTelemetry API of this process a no-op again. */
export function unregisterGlobals(): void {
  contextManager = undefined;
  trace.disable();
  context.disable();
  propagation.disable();
}
