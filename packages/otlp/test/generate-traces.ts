import type { DecodedTraces } from '../src/messages/trace.ts';
import { encodeSpan } from '../src/protobuf/encode-span.ts';
import type { PlainSpan, PlainValue } from '../testing/index.ts';
import { decoded, generator, randomId } from '../testing/index.ts';

/** Zeros, and what is no number or hardly one. */
const ODD_FLOATS = [0, -0, Number.NaN, Number.POSITIVE_INFINITY, 5e-324];

/** Spans with every kind of value and unpleasant texts; the same for the same seed, but for their ids. */
export function generatedSpans(seed: number): PlainSpan[] {
  const random = generator(seed);
  const values: (() => PlainValue)[] = [
    () => random.text(),
    () => random.integer(-100, 100),
    () => 2n ** 53n + BigInt(random.integer(0, 1000)),
    () => -(2n ** 63n) + BigInt(random.integer(0, 1000)),
    () => random.integer(0, 2) === 1,
    () => ({ float: random.integer(-1000, 1000) / 7 }),
    () => ({ float: random.pick(ODD_FLOATS) }),
    () => Buffer.from(random.text()),
    () => null,
    () => [random.text(), random.integer(0, 9), [true, random.text()]],
    () => ({ map: { inner: random.text(), deeper: { map: { '': 1, __proto__x: [] } } } }),
  ];
  const attributes = () =>
    Object.fromEntries(
      Array.from({ length: random.integer(0, 8) }, () => [random.text(), random.pick(values)()]),
    );
  return Array.from({ length: 20 }, () => ({
    traceId: randomId(16),
    spanId: randomId(8),
    ...(random.integer(0, 2) === 1 ? { parentSpanId: randomId(8) } : {}),
    name: random.text(),
    kind: random.integer(0, 6),
    traceState: random.pick(['', 'a=b,c=d']),
    start: BigInt(random.integer(0, 2 ** 31)) * 1_000_000_007n,
    end: random.pick([0n, 2n ** 64n - 1n, 1n]),
    attributes: attributes(),
    events: Array.from({ length: random.integer(0, 3) }, () => ({
      name: random.text(),
      attributes: attributes(),
    })),
    links: Array.from({ length: random.integer(0, 3) }, () => ({
      traceId: randomId(16),
      spanId: randomId(8),
      attributes: attributes(),
    })),
    status: random.pick([0, 1, 2] as const),
    statusMessage: random.text(),
  }));
}

/** Generated spans as a request in memory, with counts, flags and schema URLs as well. */
export function generatedTraces(seed: number): DecodedTraces {
  const random = generator(seed);
  const traces = decoded(generatedSpans(seed));
  const count = () => random.pick([0, 0, 1, 300, 2 ** 32 - 1]);
  const scopeSpans = traces.scopeSpans.map(({ resource, scope, spans }) => ({
    resource: { ...resource, schemaUrl: random.pick(['', 'https://opentelemetry.io/schemas/1.40.0']) },
    scope: { ...scope, schemaUrl: random.pick(['', 'scope-url']) },
    spans: spans.map((span) => {
      const more = {
        ...span,
        flags: count(),
        droppedAttributesCount: count(),
        droppedEventsCount: count(),
        droppedLinksCount: count(),
        events: span.events.map((event) => ({ ...event, droppedAttributesCount: count() })),
        links: span.links.map((link) => ({
          ...link,
          traceState: random.pick(['', 'a=b']),
          droppedAttributesCount: count(),
          flags: count(),
        })),
      };
      return { ...more, raw: encodeSpan(more) };
    }),
  }));
  return { ...traces, scopeSpans };
}
