import type { TextMapPropagator } from '@opentelemetry/api';
import { CompositePropagator, W3CBaggagePropagator } from '@opentelemetry/core';
import { ifThere, load } from '../../process/load.ts';
import type { PropagatorName } from '../../process/settings/index.ts';
import { TraceContextPropagator } from '../../road/http/traceparent.ts';

/**
 * Combines the propagators of OTEL_PROPAGATORS, in their order. Each propagator writes its headers. The last parent counts
 * when a request has several. Errors of propagators are logged, and no request fails.
 */
export function propagatorOf(names: readonly PropagatorName[]): TextMapPropagator {
  const propagators = names.flatMap((name) => ifThere(() => propagatorNamed(name)) ?? []);
  return new CompositePropagator({ propagators });
}

function propagatorNamed(name: PropagatorName): TextMapPropagator {
  if (name === 'tracecontext') return new TraceContextPropagator();
  if (name === 'baggage') return new W3CBaggagePropagator();
  return load<typeof import('./propagators.ts')>('propagators').vendorPropagator(name);
}
