import type { TextMapPropagator } from '@opentelemetry/api';
import { CompositePropagator, W3CBaggagePropagator } from '@opentelemetry/core';
import { loadFor } from '../process/optional-package.ts';
import type { PropagatorName } from '../settings/index.ts';
import { TraceContextPropagator } from './traceparent.ts';

/**
 * The propagators of OTEL_PROPAGATORS as one, in its order. Each writes its headers; of several parents in a request, the
 * last one counts. Their errors are logged, and no request fails.
 */
export function propagatorOf(names: readonly PropagatorName[]): TextMapPropagator {
  return new CompositePropagator({ propagators: names.map(propagatorNamed) });
}

/** The part of the entry `./propagators` that is used here. */
interface Propagators {
  vendorPropagator(name: PropagatorName): TextMapPropagator;
}

function propagatorNamed(name: PropagatorName): TextMapPropagator {
  if (name === 'tracecontext') return new TraceContextPropagator();
  if (name === 'baggage') return new W3CBaggagePropagator();
  return loadFor<Propagators>('OTEL_PROPAGATORS', '@tandem/telemetry/propagators').vendorPropagator(name);
}
