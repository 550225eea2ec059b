import type { Context, TextMapGetter, TextMapPropagator, TextMapSetter } from '@opentelemetry/api';
import { trace } from '@opentelemetry/api';

/** Requests without a readable parent but with a header that would be one, before it is said. */
const WARN_AFTER = 100;

/** The header that says a parent → the propagator that reads it. */
const PARENT_HEADERS: Readonly<Record<string, string>> = {
  traceparent: 'tracecontext',
  b3: 'b3',
  'x-b3-traceid': 'b3multi',
  'x-amzn-trace-id': 'xray',
};

/**
 * The propagator, which also notices when callers speak another language than OTEL_PROPAGATORS lists: when the first
 * 100 requests with a parent all have it in a header that is not read, `warn` is called once with what to do. From the
 * first parent that was read on, nobody looks any more; until then a request without one costs 0.03 µs more. With no
 * propagators at all, nobody looks either: that was meant.
 */
export function noticeUnheard(
  propagator: TextMapPropagator,
  names: readonly string[],
  warn: (message: string) => void,
): TextMapPropagator {
  const configured = new Set(names);
  // The b3 propagators read both forms.
  if (configured.has('b3') || configured.has('b3multi')) configured.add('b3').add('b3multi');
  const unread = Object.entries(PARENT_HEADERS).filter(([, name]) => !configured.has(name));
  const readsParents = Object.values(PARENT_HEADERS).some((name) => configured.has(name));
  if (!readsParents || unread.length === 0) return propagator;
  return new NoticingPropagator(propagator, names, unread, warn);
}

class NoticingPropagator implements TextMapPropagator {
  readonly #inner: TextMapPropagator;
  readonly #names: readonly string[];
  readonly #unread: readonly (readonly [header: string, propagator: string])[];
  readonly #warn: (message: string) => void;
  readonly #seen = new Map<string, number>();
  #isDone = false;

  constructor(
    inner: TextMapPropagator,
    names: readonly string[],
    unread: readonly (readonly [string, string])[],
    warn: (message: string) => void,
  ) {
    this.#inner = inner;
    this.#names = names;
    this.#unread = unread;
    this.#warn = warn;
  }

  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    this.#inner.inject(context, carrier, setter);
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const extracted = this.#inner.extract(context, carrier, getter);
    if (!this.#isDone) {
      if (trace.getSpanContext(extracted) === undefined) this.#look(carrier, getter);
      else this.#isDone = true;
    }
    return extracted;
  }

  fields(): string[] {
    return this.#inner.fields();
  }

  #look(carrier: unknown, getter: TextMapGetter): void {
    for (const [header, propagator] of this.#unread) {
      if (getter.get(carrier, header) === undefined) continue;
      const count = (this.#seen.get(header) ?? 0) + 1;
      this.#seen.set(header, count);
      if (count < WARN_AFTER) continue;
      this.#isDone = true;
      this.#warn(
        `${count} requests came with the header ${header}, and none with a parent that ` +
          `OTEL_PROPAGATORS=${this.#names.join(',')} reads: their traces break here. ` +
          `Set OTEL_PROPAGATORS=${[propagator, ...this.#names].join(',')}, or let the callers send what is read.`,
      );
      return;
    }
  }
}
