import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { decodeSpan, decodeTraces, encodeSpan } from '@tandem/otlp';
import type { DecodedRequest } from '@tandem/otlp/testing';
import { decodeRequest, spansOf } from '@tandem/otlp/testing';
import t from 'tap';
import { sameLarge } from '../../../../../test/helpers/load/same-large.ts';
import { leanEngine } from '../../../src/chosen/lean/engine.ts';
import { HttpExporter } from '../../../src/road/delivery/http-exporter.ts';
import { spansBy } from '../../../src/road/delivery/signal.ts';
import { compact, encode } from '../../../src/road/spans/serializer.ts';
import { generateSpans, recorders } from '../../chosen/lean/oracle.ts';
import { startReceiver } from '../../receiver.ts';

const NO_STATUS = { message: '', code: 0 };

/** What a receiver reads. */
const ours = (spans: ReadableSpan[]) => withStatus(decodeRequest(encode(spans)));
const official = (spans: ReadableSpan[]) =>
  withStatus(decodeRequest(ProtobufTraceSerializer.serializeRequest(spans) ?? new Uint8Array()));

/** A message that is not there reads as one with the defaults, which the official serializer writes. */
function withStatus(request: DecodedRequest): DecodedRequest {
  for (const { scopeSpans } of request.resourceSpans)
    for (const { spans } of scopeSpans)
      for (const span of spans)
        Object.assign(span, { status: { ...NO_STATUS, ...Object(Reflect.get(span, 'status')) } });
  return request;
}

/** A span of the SDK with other parts than its own. */
function spanWith(parts: object): ReadableSpan {
  const [span] = generateSpans(1, 1) as [ReadableSpan];
  return { ...span, spanContext: () => span.spanContext(), ...parts } as ReadableSpan;
}

t.test('generated spans decode like those of the official serializer, with all parts', async (t) => {
  for (let seed = 1; seed <= 8; seed++) {
    const spans = generateSpans(seed, 40);
    sameLarge(t, ours(spans), official(spans), `seed ${seed}`);
  }
});

t.test('a receiver that writes a span again writes the same bytes', async (t) => {
  const bare = { name: '', status: { code: 0 }, events: [{ name: '', time: [1, 0] }] };
  for (let seed = 1; seed <= 8; seed++) {
    const bytes = encode([...generateSpans(seed, 40), spanWith(bare)]);
    const { scopeSpans } = decodeTraces(bytes, 'protobuf');
    const raw = scopeSpans.flatMap(({ spans }) => spans.map((span) => Buffer.from(span.raw)));
    t.equal(raw.length, 41);
    t.strictSame(
      raw.map((each) => Buffer.from(encodeSpan(decodeSpan(each))).toString('hex')),
      raw.map((each) => each.toString('hex')),
    );
  }
});

t.test('each span keeps its resource and its scope', async (t) => {
  const [one, two] = [generateSpans(1, 9), generateSpans(2, 9)];
  const mixed = one.flatMap((span, index) => [span, two[index] ?? span]);
  sameLarge(t, ours(mixed), official(mixed), 'two resources of three scopes');
});

t.test(
  'spans that became bytes early give the same request, and one that has no bytes gives an error',
  async (t) => {
    const circle: { own?: object } = {};
    circle.own = circle;
    const spans = [...generateSpans(3, 20), spanWith({ attributes: { circle } }), ...generateSpans(4, 20)];
    const compacted = [...spans];
    compact(compacted, 10);
    t.same(compacted.slice(0, 10), spans.slice(0, 10), 'earlier spans stay');
    t.not(compacted[10], spans[10], 'a later span is replaced');
    t.throws(() => encode(compacted));
    const [before, after] = [spans, compacted].map((all) => all.toSpliced(20, 1)) as [
      ReadableSpan[],
      ReadableSpan[],
    ];
    t.ok(Buffer.from(encode(before)).equals(encode(after)));
  },
);

t.test('a request is not written over by the next one', async (t) => {
  const first = encode(generateSpans(1, 5));
  const before = Buffer.from(first);
  encode(generateSpans(2, 50));
  t.ok(before.equals(first));
});

t.test('bytes, maps and mixed lists are values of attributes', async (t) => {
  const attributes = {
    bytes: new Uint8Array([0, 255, 7]),
    nested: { a: [1, { b: 'é'.repeat(90) }], c: [] },
    mixed: [1, 'x', true, 0.5, null],
  };
  const span = spanWith({ attributes });
  t.same(ours([span]), official([span]));
});

t.test('an attribute without a value has its key and an empty value', async (t) => {
  const span = spanWith({ attributes: { a: undefined, b: 1, c: null } });
  t.match(spansOf(encode([span])), [{ attributes: [{ key: 'a', value: {} }, { key: 'b' }, { key: 'c' }] }]);
  t.same(ours([span]), official([span]));
});

t.test('after a span that cannot be written, others are written as before', async (t) => {
  const endless: Record<string, unknown> = {};
  endless.self = endless;
  t.throws(() => encode([...generateSpans(3, 2), spanWith({ attributes: { endless } })]));
  const spans = generateSpans(3, 2);
  t.same(ours(spans), official(spans));
});

t.test('attributes that a resource detects late are in later requests', async (t) => {
  const resource = resourceFromAttributes({ early: 1, late: Promise.resolve('found') });
  const span = spanWith({ resource });
  encode([span]);
  await resource.waitForAsyncAttributes?.();
  t.same(ours([span]), official([span]));
});

t.test('the official exporter sends lean spans, maps too', async (t) => {
  const receiver = await startReceiver(t);
  const { tracer, spans } = recorders().lean;
  tracer.startSpan('sent', { attributes: { order: { id: 7 } as never } }).end();
  const destination = { name: 'test', url: receiver.tracesUrl };
  const exporter = new HttpExporter(destination, spansBy(leanEngine), 5_000);
  t.teardown(() => exporter.close());
  t.match(await exporter.send(encode(spans()), 1), { kind: 'taken' });
  t.match(receiver.spans(), [{ name: 'sent', attributes: { order: { id: 7 } } }]);
});
