import type { Context } from '@opentelemetry/api';
import { propagation } from '@opentelemetry/api';
import type { Span, SpanProcessor } from '../opentelemetry/sdk.ts';

/** Baggage comes from outside: longer values are cut, in characters. */
const MAX_LENGTH = 256;

/**
 * Puts the baggage entries named here on every span that starts under them, as attributes of the same name. Other
 * baggage stays off the spans: anyone can send some.
 */
export function baggageAttributes(keys: readonly string[]): SpanProcessor {
  return new BaggageAttributes(keys);
}

class BaggageAttributes implements SpanProcessor {
  readonly #keys: readonly string[];

  constructor(keys: readonly string[]) {
    this.#keys = [...new Set(keys)];
  }

  onStart(span: Span, parentContext: Context): void {
    const baggage = propagation.getBaggage(parentContext);
    if (baggage === undefined) return;
    for (const key of this.#keys) {
      const entry = baggage.getEntry(key);
      if (entry !== undefined) span.setAttribute(key, cut(entry.value));
    }
  }

  onEnd(): void {}

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {}
}

function cut(value: string): string {
  if (value.length <= MAX_LENGTH) return value;
  const last = value.charCodeAt(MAX_LENGTH - 1);
  const splitsPair = last >= 0xd800 && last <= 0xdbff;
  return value.slice(0, splitsPair ? MAX_LENGTH - 1 : MAX_LENGTH);
}
