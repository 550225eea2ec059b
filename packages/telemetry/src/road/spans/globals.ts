import type { Context, TextMapPropagator, TracerProvider } from '@opentelemetry/api';
import { context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { enterBy } from '../../common/enter-context.ts';
import { processContext } from '../../process/context.ts';

/** Runs work without a context of its own in the context that the process was started in. */
class ProcessContextManager extends AsyncLocalStorageContextManager {
  override active(): Context {
    const active = super.active();
    return active === ROOT_CONTEXT ? processContext.value : active;
  }
}

/**
 * Registers propagator, context manager and tracer provider with the OpenTelemetry API of this process. Older registrations
 * are removed, because an old provider would get all spans. Without a provider, contexts travel, and there are no spans.
 */
export function registerGlobals(propagator: TextMapPropagator, provider?: TracerProvider): void {
  unregisterGlobals();
  const isStarted = processContext.value !== ROOT_CONTEXT;
  const manager = isStarted ? new ProcessContextManager() : new AsyncLocalStorageContextManager();
  context.setGlobalContextManager(manager.enable());
  enterBy(manager);
  propagation.setGlobalPropagator(propagator);
  if (provider) trace.setGlobalTracerProvider(provider);
}

/** Makes the OpenTelemetry API of this process a no-op again. */
export function unregisterGlobals(): void {
  enterBy(undefined);
  trace.disable();
  context.disable();
  propagation.disable();
}
