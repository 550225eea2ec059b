import protobuf from 'protobufjs';
import t from 'tap';
import { sameLarge } from '../../../test/helpers/load/same-large.ts';
import { SpanEventFields, SpanFields, SpanLinkFields } from '../src/fields/trace.ts';
import { decodeTraces, encodeTraces, spanToJson, tracesToJson } from '../src/index.ts';
import type { DecodedTraces } from '../src/messages/trace.ts';
import { TraceRequest } from '../testing/index.ts';
import { generatedTraces } from './generate-traces.ts';

t.test('written JSON is read back unchanged', async (t) => {
  for (let seed = 1; seed <= 30; seed++) {
    const traces = generatedTraces(seed);
    const json = Buffer.from(JSON.stringify(tracesToJson(traces.scopeSpans)));
    sameLarge(t, comparable(decodeTraces(json, 'json')), comparable(traces), `seed ${seed}`);
  }
});

t.test('written protobuf is read back unchanged', async (t) => {
  for (let seed = 1; seed <= 30; seed++) {
    const traces = generatedTraces(seed);
    const read = decodeTraces(encodeTraces(traces), 'protobuf');
    sameLarge(t, comparable(read), comparable(traces), `seed ${seed}`);
  }
});

t.test('the JSON equals what protobufjs reads from the protobuf', async (t) => {
  for (let seed = 1; seed <= 30; seed++) {
    const traces = generatedTraces(seed);
    const message = TraceRequest.decode(encodeTraces(traces));
    const expected = TraceRequest.toObject(message, { longs: String, bytes: String, json: true });
    sameLarge(t, inProtoJson(tracesToJson(traces.scopeSpans)), expected, `seed ${seed}`);
  }
});

t.test('a message of protobufjs is read unchanged, and written as the same message', async (t) => {
  for (let seed = 1; seed <= 30; seed++) {
    const traces = generatedTraces(seed);
    const theirs = TraceRequest.encode(TraceRequest.decode(encodeTraces(traces))).finish();
    const read = decodeTraces(theirs, 'protobuf');
    sameLarge(t, comparable(read), comparable(traces), `seed ${seed}`);
    const again = TraceRequest.decode(encodeTraces(read));
    t.same(Buffer.from(TraceRequest.encode(again).finish()), Buffer.from(theirs));
  }
});

t.test('both encodings of a span have its fields in the order of the table', async (t) => {
  const isOrdered = (names: readonly string[], table: object) =>
    names.join() ===
    Object.keys(table)
      .filter((name) => names.includes(name))
      .join();
  const nameOf = new Map(Object.entries(SpanFields).map(([name, tag]) => [tag, name]));
  const wrong: unknown[] = [];
  for (let seed = 1; seed <= 30; seed++) {
    for (const span of generatedTraces(seed).scopeSpans.flatMap(({ spans }) => spans)) {
      const names = tagsOf(protobuf.Reader.create(span.raw)).map((tag) => nameOf.get(tag) ?? `${tag}`);
      const json = spanToJson(span);
      const messages: [names: readonly string[], table: object][] = [
        [[...new Set(names)], SpanFields], // repeated fields stand together
        [Object.keys(json), SpanFields],
        ...listOf(json.events).map((event): [string[], object] => [Object.keys(event), SpanEventFields]),
        ...listOf(json.links).map((link): [string[], object] => [Object.keys(link), SpanLinkFields]),
      ];
      wrong.push(...messages.filter(([names, table]) => !isOrdered(names, table)));
    }
  }
  t.strictSame(wrong, []);
});

/** The tags of a message, in the order of its bytes. */
function tagsOf(reader: protobuf.Reader): number[] {
  if (reader.pos >= reader.len) return [];
  const tag = reader.uint32();
  reader.skipType(tag & 7);
  return [tag, ...tagsOf(reader)];
}

function listOf(value: unknown): object[] {
  return Array.isArray(value) ? value : [];
}

/** Bytes as hex, as a Buffer and a view on one are different to a strict comparison. */
function comparable(traces: DecodedTraces): unknown {
  const plain = (value: unknown): unknown => {
    if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`;
    if (Array.isArray(value)) return value.map(plain);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
  };
  return plain(traces);
}

/**
 * OTLP's JSON as protobufjs has ProtoJSON: ids in base64, -0 as a number, and nothing for an empty key and an empty list.
 */
function inProtoJson(value: unknown, name = ''): unknown {
  if (/^(trace|span|parentSpan)Id$/.test(name)) return Buffer.from(String(value), 'hex').toString('base64');
  if (name === 'doubleValue' && value === '-0') return -0;
  if (Array.isArray(value)) return value.map((item) => inProtoJson(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, part]) => !(key === 'key' && part === ''))
      .filter(([key, part]) => !(key === 'values' && isEmpty(part)))
      .map(([key, part]) => [key, inProtoJson(part, key)]),
  );
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
