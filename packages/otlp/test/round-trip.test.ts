import t from 'tap';
import { sameLarge } from '../../../test/helpers/same-large.ts';
import { decodeTraces, encodeTraces, tracesToJson } from '../src/index.ts';
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
 * OTLP's JSON as protobufjs has ProtoJSON: ids in base64, -0 as a number, and nothing for an empty key, an empty list and a
 * value of no kind.
 */
function inProtoJson(value: unknown, name = ''): unknown {
  if (/^(trace|span|parentSpan)Id$/.test(name)) return Buffer.from(String(value), 'hex').toString('base64');
  if (name === 'doubleValue' && value === '-0') return -0;
  if (Array.isArray(value)) return value.map((item) => inProtoJson(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, part]) => !(key === 'key' && part === '') && !(key === 'value' && isEmpty(part)))
      .filter(([key, part]) => !(key === 'values' && isEmpty(part)))
      .map(([key, part]) => [key, inProtoJson(part, key)]),
  );
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
