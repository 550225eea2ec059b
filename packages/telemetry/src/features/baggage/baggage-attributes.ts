import { propagation } from '@opentelemetry/api';
import type { SpanStep } from '../../road/spans/span-steps.ts';

/** In UTF-16 units. Longer values are cut, because baggage comes from outside. */
const MAX_LENGTH = 256;

/**
 * Puts the baggage entries with these keys on every span of their context, as attributes of the same name. Other baggage
 * stays off the spans, because anyone can send baggage.
 */
export function baggageAttributes(keys: readonly string[]): SpanStep {
  return {
    onStart(span, parentContext) {
      const baggage = propagation.getBaggage(parentContext);
      if (baggage === undefined) return;
      for (const key of keys) {
        const entry = baggage.getEntry(key);
        if (entry !== undefined) span.setAttribute(key, entry.value.slice(0, MAX_LENGTH));
      }
    },
  };
}
