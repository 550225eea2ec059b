import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { decodeRequest } from '@tandem/otlp/testing';
import t from 'tap';
import { sameLarge } from '../../../../test/helpers/same-large.ts';
import type { Batch } from '../../src/wire/batch.ts';
import { BatchBuilder } from '../../src/wire/batch.ts';
import { encodeSpan } from '../../src/wire/encode-span.ts';
import { generateSpans } from '../export/generate-spans.ts';

function build(spans: readonly ReadableSpan[], builder = new BatchBuilder(encodeSpan)): Batch {
  for (const span of spans) builder.add(span);
  const batch = builder.take();
  if (!batch) throw new Error('nothing was built');
  return batch;
}

function stock(spans: ReadableSpan[]): Uint8Array {
  const body = ProtobufTraceSerializer.serializeRequest(spans);
  if (!body) throw new Error('the stock serializer gave nothing');
  return body;
}

t.test(
  'the bytes mean what the stock serializer writes, for generated spans with everything in them',
  async (t) => {
    const builder = new BatchBuilder(encodeSpan);
    for (let seed = 1; seed <= 20; seed++) {
      const spans = generateSpans(seed, 60);
      const batch = build(spans, builder);
      t.equal(batch.items, 60);
      sameLarge(t, decodeRequest(batch.body), decodeRequest(stock(spans)), `seed ${seed}`);
    }
  },
);

t.test('bytes and nested values are encoded, although the SDK does not let them through today', async (t) => {
  const [span] = generateSpans(1, 1);
  const odd = {
    ...span,
    spanContext: () => (span as ReadableSpan).spanContext(),
    attributes: {
      bytes: new Uint8Array([0, 255, 7]),
      nested: { a: [1, { b: 'é'.repeat(90) }], c: [] },
      mixed: [1, 'x', true, 0.5, null],
    },
  } as unknown as ReadableSpan;
  t.same(decodeRequest(build([odd]).body), decodeRequest(stock([odd])));
});

t.test('an attribute without a value is left out', async (t) => {
  const [span] = generateSpans(1, 1) as [ReadableSpan];
  const odd = { ...span, spanContext: () => span.spanContext(), attributes: { a: undefined, b: 1 } };
  t.match(decodeRequest(build([odd]).body).resourceSpans[0]?.scopeSpans[0]?.spans, [
    { attributes: [{ key: 'b' }] },
  ]);
});

t.test('a span that cannot be encoded leaves the batch as it was', async (t) => {
  const [first, second] = generateSpans(3, 2) as [ReadableSpan, ReadableSpan];
  const endless: Record<string, unknown> = {};
  endless.self = endless;
  const broken = {
    ...first,
    spanContext: () => first.spanContext(),
    attributes: { endless },
  } as unknown as ReadableSpan;
  const builder = new BatchBuilder(encodeSpan);
  builder.add(first);
  t.throws(() => builder.add(broken), RangeError);
  builder.add(second);
  t.same(decodeRequest(builder.take()?.body ?? Buffer.alloc(0)), decodeRequest(stock([first, second])));
  t.equal(builder.take(), undefined, 'and nothing is left over');
});

t.test('attributes that a resource detects late are in the batches built after that', async (t) => {
  const [span] = generateSpans(1, 1) as [ReadableSpan];
  const resource = resourceFromAttributes({ early: 1, late: Promise.resolve('found') });
  const own = { ...span, spanContext: () => span.spanContext(), resource };
  const builder = new BatchBuilder(encodeSpan);
  build([own], builder);
  await resource.waitForAsyncAttributes?.();
  t.same(decodeRequest(build([own], builder).body), decodeRequest(stock([own])));
});

t.test('two batches in a row are one request', async (t) => {
  const one = build(generateSpans(1, 5));
  const two = build(generateSpans(2, 5));
  const both = decodeRequest(Buffer.concat([one.body, two.body]));
  t.same(both.resourceSpans, [
    ...decodeRequest(one.body).resourceSpans,
    ...decodeRequest(two.body).resourceSpans,
  ]);
});
