import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { decodeRequest, spansOf } from '@tandem/otlp/testing';
import t from 'tap';
import { sameLarge } from '../../../../test/helpers/same-large.ts';
import { halvesOf } from '../../src/export/export-batch.ts';
import type { Batch } from '../../src/wire/batch.ts';
import { BatchBuilder } from '../../src/wire/batch.ts';
import { encodeSpan } from '../../src/wire/encode-span.ts';
import { wholeBatches } from '../../src/wire/whole-batches.ts';
import { generateSpans } from '../export/generate-spans.ts';
import type { Test } from '../export/harness.ts';
import { names, startDelivery } from '../export/harness.ts';

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

t.test("the bytes decode like the stock serializer's, for generated spans with all parts", async (t) => {
  const builder = new BatchBuilder(encodeSpan);
  for (let seed = 1; seed <= 20; seed++) {
    const spans = generateSpans(seed, 60);
    const batch = build(spans, builder);
    t.equal(batch.items, 60);
    sameLarge(t, decodeRequest(batch.body), decodeRequest(stock(spans)), `seed ${seed}`);
  }
});

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

function buildSeed(seed: number, count: number): Batch {
  const builder = new BatchBuilder(encodeSpan);
  for (const span of generateSpans(seed, count)) builder.add(span);
  return builder.take() as Batch;
}

t.test('both halves together are the whole, and each span keeps its resource and scope', async (t) => {
  for (const count of [2, 3, 17, 64]) {
    const joined = Buffer.concat([buildSeed(count, count).body, buildSeed(count + 1, count).body]);
    const whole = { body: joined, items: 2 * count };
    const [first, second] = await halvesOf(whole);
    t.equal(first.items, count);
    t.equal(second.items, count);
    t.equal(spansOf(first.body).length, count);
    sameLarge(t, [...spansOf(first.body), ...spansOf(second.body)], spansOf(whole.body), 'spans');
    const scopes = (body: Uint8Array) =>
      decodeRequest(body).resourceSpans.flatMap(({ resource, scopeSpans }) =>
        scopeSpans.flatMap(({ scope, spans }) => spans.map((span) => [span.spanId, scope, resource])),
      );
    sameLarge(t, [...scopes(first.body), ...scopes(second.body)], scopes(whole.body), 'scopes');
    t.notOk(
      decodeRequest(first.body).resourceSpans.some(({ scopeSpans }) =>
        scopeSpans.some(({ spans }) => !spans.length),
      ),
    );
  }
});

t.test('splitting again and again ends in single spans', async (t) => {
  const split = async (batch: Batch): Promise<Batch[]> =>
    batch.items < 2 ? [batch] : (await Promise.all((await halvesOf(batch)).map(split))).flat();
  const whole = buildSeed(5, 33);
  const singles = await split(whole);
  t.equal(singles.length, 33);
  t.same(
    singles.flatMap(({ body }) => spansOf(body)),
    spansOf(whole.body),
  );
});

/** Two batches, one after the other, with three and five spans. */
function twoBatches(t: Test) {
  const { end } = startDelivery(t, { destinations: [] });
  const builder = new BatchBuilder(encodeSpan);
  return [3, 5].map((count) => {
    for (const span of end(...names(count))) builder.add(span);
    return builder.take()?.body ?? Buffer.of();
  });
}

t.test('the items of whole batches are counted', async (t) => {
  const bytes = Buffer.concat(twoBatches(t));
  t.same(wholeBatches(bytes), { length: bytes.length, items: 8 });
  t.same(wholeBatches(Buffer.of()), { length: 0, items: 0 });
});

t.test('a torn batch is cut off at the end of the last whole one, wherever it is torn', async (t) => {
  const [first = Buffer.of(), second = Buffer.of()] = twoBatches(t);
  const bytes = Buffer.concat([first, second]);
  for (let length = first.length; length < bytes.length; length++)
    t.same(wholeBatches(bytes.subarray(0, length)), { length: first.length, items: 3 });
});

t.test('bytes that are no batch end the walk', async (t) => {
  const [first = Buffer.of()] = twoBatches(t);
  for (const garbage of [Buffer.alloc(100), Buffer.from('no batch at all'), Buffer.alloc(100, 0xff)])
    t.same(wholeBatches(Buffer.concat([first, garbage, first])), { length: first.length, items: 3 });
});
