import type { TextMapPropagator } from '@opentelemetry/api';
import { AWSXRayPropagator } from '@opentelemetry/propagator-aws-xray';
import { B3InjectEncoding, B3Propagator } from '@opentelemetry/propagator-b3';
import { JaegerPropagator } from '@opentelemetry/propagator-jaeger';
import { CompositePropagator, W3CBaggagePropagator } from '../opentelemetry/sdk.ts';
import type { PropagatorName } from '../settings/index.ts';
import { TraceContextPropagator } from './traceparent.ts';
import { vendorPropagator } from './vendor-propagator.ts';

/**
 * The propagators that OTEL_PROPAGATORS names as one, in its order: each of them writes its headers, and of several
 * parents in a request the one read last counts. None of them can make a request fail: what they throw is logged.
 */
export class Propagator extends CompositePropagator {
  constructor(names: readonly PropagatorName[]) {
    super({ propagators: names.map(propagatorNamed) });
  }
}

function propagatorNamed(name: PropagatorName): TextMapPropagator {
  switch (name) {
    case 'tracecontext':
      return new TraceContextPropagator();
    case 'baggage':
      return new W3CBaggagePropagator();
    case 'b3':
      return vendorPropagator(new B3Propagator({ injectEncoding: B3InjectEncoding.SINGLE_HEADER }));
    case 'b3multi':
      return vendorPropagator(new B3Propagator({ injectEncoding: B3InjectEncoding.MULTI_HEADER }));
    case 'jaeger':
      return vendorPropagator(new JaegerPropagator());
    case 'xray':
      return vendorPropagator(new AWSXRayPropagator());
  }
}
