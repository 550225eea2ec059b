import type { TextMapPropagator } from '@opentelemetry/api';
import { loadFor } from '../opentelemetry/optional-package.ts';
import { CompositePropagator, W3CBaggagePropagator } from '../opentelemetry/sdk.ts';
import type { PropagatorName } from '../settings/index.ts';
import { TraceContextPropagator } from './traceparent.ts';

/**
 * The propagators of OTEL_PROPAGATORS as one, in its order. Each writes its headers; of several parents in a request, the
 * last one counts. Their errors are logged, and no request fails.
 */
export class Propagator extends CompositePropagator {
  constructor(names: readonly PropagatorName[]) {
    super({ propagators: names.map(propagatorNamed) });
  }
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
