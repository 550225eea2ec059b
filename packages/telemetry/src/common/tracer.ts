import type { Tracer } from '@opentelemetry/api';
import { trace } from '@opentelemetry/api';

/** Instrumentation scope of this package's own spans. */
export const SCOPE_NAME = '@tandem/telemetry';
const SCOPE_VERSION = '0.1.0';

/** The tracer of this package's scope, from the present provider. */
export function tracer(): Tracer {
  return trace.getTracer(SCOPE_NAME, SCOPE_VERSION);
}
