import type { Tracer, TracerProvider } from '@opentelemetry/api';
import { trace } from '@opentelemetry/api';

/** Instrumentation scope of every span that this package itself makes. */
export const SCOPE_NAME = '@tandem/telemetry';
export const SCOPE_VERSION = '0.1.0';

let cached: Tracer | undefined;
let cachedFrom: unknown;

/**
 * The tracer of this package's scope. Kept between calls, because `getTracer` of the global proxy
 * makes an object each time; asked for again when another provider was registered, as tests do.
 */
export function tracer(): Tracer {
  const provider: TracerProvider & { getDelegate?(): TracerProvider } = trace.getTracerProvider();
  const delegate = provider.getDelegate?.() ?? provider;
  if (cached === undefined || cachedFrom !== delegate) {
    cached = trace.getTracer(SCOPE_NAME, SCOPE_VERSION);
    cachedFrom = delegate;
  }
  return cached;
}
