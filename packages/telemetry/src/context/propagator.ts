import type { Context, TextMapGetter, TextMapPropagator } from '@opentelemetry/api';
import { AWSXRayPropagator } from '@opentelemetry/propagator-aws-xray';
import { B3InjectEncoding, B3Propagator } from '@opentelemetry/propagator-b3';
import { JaegerPropagator } from '@opentelemetry/propagator-jaeger';
import { CompositePropagator, W3CBaggagePropagator } from '../opentelemetry/sdk.ts';
import type { PropagatorName } from '../settings/index.ts';
import { TraceContextPropagator } from './traceparent.ts';
import { vendorPropagator } from './vendor-propagator.ts';

/** Sees what was read from a carrier; returns whether it wants to see the next one, too. */
export type ExtractionWatch = (extracted: Context, carrier: unknown, getter: TextMapGetter) => boolean;

/**
 * The propagators that OTEL_PROPAGATORS names as one, in its order: each of them writes its headers, and of several
 * parents in a request the one read last counts. None of them can make a request fail: what they throw is logged.
 */
export class Propagator extends CompositePropagator {
  #watch: ExtractionWatch | undefined;

  /** @param names duplicates are one, and `none` adds nothing */
  constructor(names: readonly PropagatorName[]) {
    super({ propagators: [...new Set(names)].flatMap(propagatorsNamed) });
  }

  override extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const extracted = super.extract(context, carrier, getter);
    if (this.#watch?.(extracted, carrier, getter) === false) this.#watch = undefined;
    return extracted;
  }

  /** Shows every extraction from now on to `watch`, until it returns false. One at a time. */
  watchExtractions(watch: ExtractionWatch): void {
    this.#watch = watch;
  }
}

function propagatorsNamed(name: PropagatorName): TextMapPropagator[] {
  switch (name) {
    case 'tracecontext':
      return [new TraceContextPropagator()];
    case 'baggage':
      return [new W3CBaggagePropagator()];
    case 'b3':
      return [vendorPropagator(new B3Propagator({ injectEncoding: B3InjectEncoding.SINGLE_HEADER }))];
    case 'b3multi':
      return [vendorPropagator(new B3Propagator({ injectEncoding: B3InjectEncoding.MULTI_HEADER }))];
    case 'jaeger':
      return [vendorPropagator(new JaegerPropagator())];
    case 'xray':
      return [vendorPropagator(new AWSXRayPropagator())];
    case 'none':
      return [];
  }
}
