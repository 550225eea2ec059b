import type { Context } from '@opentelemetry/api';
import { propagation } from '@opentelemetry/api';
import type { Span, SpanProcessor } from '@opentelemetry/sdk-trace-base';

/** Baggage comes from outside: longer values are cut, in UTF-16 units, but never within a character. */
const MAX_LENGTH = 256;

/**
 * Puts the baggage entries named here on every span that starts under them, as attributes of the same name. Other
 * baggage stays off the spans: anyone can send some.
 */
export function baggageAttributes(keys: readonly string[]): SpanProcessor {
  return {
    onStart(span: Span, parentContext: Context) {
      const baggage = propagation.getBaggage(parentContext);
      for (const key of baggage === undefined ? [] : keys) {
        const entry = baggage?.getEntry(key);
        if (entry !== undefined) span.setAttribute(key, cut(entry.value));
      }
    },
    onEnd() {},
    async forceFlush() {},
    async shutdown() {},
  };
}

function cut(value: string): string {
  return value.length <= MAX_LENGTH ? value : value.slice(0, MAX_LENGTH).replace(/[\ud800-\udbff]$/, '');
}
