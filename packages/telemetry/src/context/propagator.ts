import type { Context, TextMapGetter, TextMapPropagator, TextMapSetter } from '@opentelemetry/api';
import { diag } from '@opentelemetry/api';
import { AWSXRayPropagator } from '@opentelemetry/propagator-aws-xray';
import { B3InjectEncoding, B3Propagator } from '@opentelemetry/propagator-b3';
import { JaegerPropagator } from '@opentelemetry/propagator-jaeger';
import type { PropagatorName } from '../settings/index.ts';
import type { DroppedBaggage } from './baggage.ts';
import { BaggagePropagator } from './baggage.ts';
import { TraceContextPropagator } from './traceparent.ts';
import { VendorPropagator } from './vendor-propagator.ts';

/** Sees what was read from a carrier; returns whether it wants to see the next one, too. */
export type ExtractionWatch = (extracted: Context, carrier: unknown, getter: TextMapGetter) => boolean;

/**
 * The propagators that OTEL_PROPAGATORS names as one, in its order: each of them writes its headers, and of several
 * parents in a request the one read last counts. None of them can make a request fail: what they throw is logged.
 */
export class Propagator implements TextMapPropagator {
  readonly #propagators: readonly TextMapPropagator[];
  readonly #fields: string[];
  readonly #baggage = new BaggagePropagator();
  #watch: ExtractionWatch | undefined;

  /** @param names duplicates are one, and `none` adds nothing */
  constructor(names: readonly PropagatorName[]) {
    this.#propagators = [...new Set(names)].flatMap((name) => propagatorsNamed(name, this.#baggage));
    this.#fields = [...new Set(this.#propagators.flatMap((propagator) => propagator.fields()))];
  }

  /** Baggage members that were not carried since the start, by reason. */
  get droppedBaggage(): Readonly<DroppedBaggage> {
    return this.#baggage.dropped;
  }

  /** Writes the headers that carry `context` on. */
  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    for (const propagator of this.#propagators) {
      try {
        propagator.inject(context, carrier, setter);
      } catch (error) {
        diag.warn(`Context could not be sent on with ${propagator.constructor.name}: ${error}`);
      }
    }
  }

  /** `context` with what the headers of a carrier say: the caller's span as parent, and its baggage. */
  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    let extracted = context;
    for (const propagator of this.#propagators) {
      try {
        extracted = propagator.extract(extracted, carrier, getter);
      } catch (error) {
        diag.warn(`Context could not be read with ${propagator.constructor.name}: ${error}`);
      }
    }
    if (this.#watch?.(extracted, carrier, getter) === false) this.#watch = undefined;
    return extracted;
  }

  fields(): string[] {
    return this.#fields;
  }

  /** Shows every extraction from now on to `watch`, until it returns false. One at a time. */
  watchExtractions(watch: ExtractionWatch): void {
    this.#watch = watch;
  }
}

function propagatorsNamed(name: PropagatorName, baggage: BaggagePropagator): TextMapPropagator[] {
  switch (name) {
    case 'tracecontext':
      return [new TraceContextPropagator()];
    case 'baggage':
      return [baggage];
    case 'b3':
      return [new VendorPropagator(new B3Propagator({ injectEncoding: B3InjectEncoding.SINGLE_HEADER }))];
    case 'b3multi':
      return [new VendorPropagator(new B3Propagator({ injectEncoding: B3InjectEncoding.MULTI_HEADER }))];
    case 'jaeger':
      return [new VendorPropagator(new JaegerPropagator())];
    case 'xray':
      return [new VendorPropagator(new AWSXRayPropagator())];
    case 'none':
      return [];
  }
}
