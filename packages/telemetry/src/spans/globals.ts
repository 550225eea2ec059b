import type { Context, TextMapPropagator } from '@opentelemetry/api';
import { context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import type { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
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
 * Registers tracer provider, propagator and context manager with the OpenTelemetry API of this process. Older registrations
 * are removed, because an old provider would get all spans.
 */
export function registerGlobals(provider: NodeTracerProvider, propagator: TextMapPropagator): void {
  unregisterGlobals();
  provider.register({ propagator, contextManager: newContextManager() });
}

/** Registers propagator and context manager only: contexts travel, and there are no spans. */
export function registerPropagation(propagator: TextMapPropagator): void {
  context.setGlobalContextManager(newContextManager().enable());
  propagation.setGlobalPropagator(propagator);
}

function newContextManager(): AsyncLocalStorageContextManager {
  const isStarted = processContext.value !== ROOT_CONTEXT;
  contextManager = isStarted ? new ProcessContextManager() : new AsyncLocalStorageContextManager();
  return contextManager;
}

/** Makes the OpenTelemetry API of this process a no-op again. */
export function unregisterGlobals(): void {
  contextManager = undefined;
  trace.disable();
  context.disable();
  propagation.disable();
}
