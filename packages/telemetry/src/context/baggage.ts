import type { Context, TextMapGetter, TextMapPropagator, TextMapSetter } from '@opentelemetry/api';
import { propagation } from '@opentelemetry/api';
import { isTracingSuppressed } from '../opentelemetry/sdk.ts';
import type { DroppedBaggage } from './baggage-header.ts';
import { formatBaggage, parseBaggage } from './baggage-header.ts';

const BAGGAGE = 'baggage';

/** Carries baggage as the W3C `baggage` header, within its size limits. */
export class BaggagePropagator implements TextMapPropagator {
  readonly #dropped: DroppedBaggage = { tooMany: 0, tooLarge: 0, malformed: 0 };

  /** Members that were not carried since the start. */
  get dropped(): Readonly<DroppedBaggage> {
    return this.#dropped;
  }

  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    const baggage = propagation.getBaggage(context);
    if (baggage === undefined || isTracingSuppressed(context)) return;
    const header = formatBaggage(baggage, this.#dropped);
    if (header !== '') setter.set(carrier, BAGGAGE, header);
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const value = getter.get(carrier, BAGGAGE);
    const header = Array.isArray(value) ? value.join(',') : value;
    if (typeof header !== 'string' || header === '') return context;
    const baggage = parseBaggage(header, this.#dropped);
    return baggage === undefined ? context : propagation.setBaggage(context, baggage);
  }

  fields(): string[] {
    return [BAGGAGE];
  }
}
