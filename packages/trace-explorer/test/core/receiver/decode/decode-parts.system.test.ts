import type { DecodedTraces, OtlpEncoding } from '@tandem/otlp';
import { decodeTraces, encodeTraces, traces, tracesToJson, UndecodableError } from '@tandem/otlp';
import type { PlainSpan } from '@tandem/otlp/testing';
import { decoded } from '@tandem/otlp/testing';
import t from 'tap';
import type { RowLimits } from '../../../../src/core/receiver/decode/decode-parts.ts';
import { decodeParts, findParts } from '../../../../src/core/receiver/decode/decode-parts.ts';

const ENCODINGS: readonly OtlpEncoding[] = ['protobuf', 'json'];

function encoded(traces: DecodedTraces, encoding: OtlpEncoding): Uint8Array {
  return encoding === 'protobuf'
    ? encodeTraces(traces)
    : Buffer.from(JSON.stringify(tracesToJson(traces.scopeSpans)));
}

function body(spans: readonly PlainSpan[], encoding: OtlpEncoding): Uint8Array {
  return encoded(decoded(spans), encoding);
}

/** The parts of a request; undefined for each pause. */
function* inParts(
  signal: typeof traces,
  bytes: Uint8Array,
  encoding: OtlpEncoding,
  limits: Partial<RowLimits> = {},
) {
  const found = yield* findParts(signal, { bytes, encoding, limits });
  for (const part of found.read(() => {})) yield part as DecodedTraces | undefined;
}

function namesOf({ scopeSpans }: DecodedTraces): string[] {
  return scopeSpans.flatMap(({ spans }) => spans.map(({ name }) => name));
}

/** Decodes with a small limit, which the good span beside the bad one keeps. */
function limited(spans: readonly PlainSpan[], encoding: OtlpEncoding, limits: Partial<RowLimits>) {
  const bytes = body([...spans, { name: 'good' }], encoding);
  const parts = [...inParts(traces, bytes, encoding, limits)].filter((part) => part !== undefined);
  const rejected = parts.reduce((sum, { rejectedCount }) => sum + rejectedCount, 0);
  return { names: parts.flatMap(namesOf), rejected, reason: parts.at(-1)?.rejectedReason ?? '' };
}

t.test('a large request comes in parts, which together are the whole', async (t) => {
  const one = decoded(Array.from({ length: 10_000 }, (_, n) => ({ name: `n${n}` })));
  for (const encoding of ENCODINGS) {
    const bytes = encoded(one, encoding);
    const parts = [...inParts(traces, bytes, encoding)].filter((part) => part !== undefined);
    t.same(
      parts.map(({ spanCount }) => spanCount),
      [2048, 2048, 2048, 2048, 1808],
    );
    t.same(parts.flatMap(namesOf), namesOf(one));
    const whole = decodeTraces(bytes, encoding);
    t.same(namesOf(whole), namesOf(one));
    t.equal(whole.spanCount, 10_000);
  }
});

t.test('the requests of several signals; a JSON body is not needed for the last part', async (t) => {
  const spans = Array.from({ length: 3_000 }, (_, n) => ({ name: `n${n}` }));
  const { resourceSpans } = tracesToJson(decoded(spans).scopeSpans);
  const resourceLogs = [{ scopeLogs: [{ logRecords: [{ body: { stringValue: 'a' } }] }] }];
  for (const [document, expected] of [
    [{ resourceLogs, resourceSpans }, ['2048', '952', 'read', '1']],
    [{ resourceSpans }, ['2048', 'read', '952']],
  ] as const) {
    const bytes = Buffer.from(JSON.stringify(document));
    const seen: string[] = [];
    const onRead = () => {
      seen.push('read');
      bytes.fill(0);
    };
    for (const part of decodeParts({ signals: ['traces', 'logs'], bytes, encoding: 'json', onRead })) {
      const items = part === undefined ? 0 : 'scopeLogs' in part ? part.recordCount : part.spanCount;
      if (items > 0) seen.push(String(items));
    }
    t.same(seen, expected);
  }
});

t.test('others have their turn before more than 256 spans, or two after a MiB, are read', async (t) => {
  const many = Array.from({ length: 3_000 }, (_, n) => ({ name: `n${n}` }));
  const large = Array.from({ length: 40 }, () => ({ name: 'x'.repeat(100_000) }));
  for (const encoding of ENCODINGS) {
    let spans = 0;
    let bytes = 0;
    const most = { spans: 0, bytes: 0 };
    const counting: typeof traces = {
      ...traces,
      invalidReason(span) {
        spans++;
        bytes += span.name.length;
        return undefined;
      },
    };
    for (const _ of inParts(counting, body([...many, ...large], encoding), encoding)) {
      most.spans = Math.max(most.spans, spans);
      most.bytes = Math.max(most.bytes, bytes);
      spans = 0;
      bytes = 0;
    }
    t.equal(most.spans, 256, encoding);
    t.ok(most.bytes >= 1_000_000 && most.bytes < 1_150_000, `${most.bytes} bytes, ${encoding}`);
  }
});

t.test('others have their turn while small members of JSON are passed over, wherever they are', async (t) => {
  const members = '"":0,'.repeat(200_000);
  for (const text of [
    `{${members}"resourceSpans":[]}`,
    `{"resourceSpans":[{${members}"scopeSpans":[]}]}`,
    `{"resourceSpans":[{"scopeSpans":[{${members}"spans":[]}]}]}`,
  ]) {
    const pauses = [...inParts(traces, Buffer.from(text), 'json')].filter((part) => part === undefined);
    t.equal(pauses.length, 3, text.slice(0, 30));
  }
});

t.test('parts say how many of their own spans were refused, and the reasons so far', async (t) => {
  const spans = Array.from({ length: 5_000 }, (_, n) => ({
    name: `n${n}`,
    ...(n % 1000 === 0 && { traceId: '00' }),
  }));
  for (const encoding of ENCODINGS) {
    const parts = [...inParts(traces, body(spans, encoding), encoding)].filter((part) => part !== undefined);
    t.same(
      parts.map(({ rejectedCount }) => rejectedCount),
      [3, 2, 0],
    );
    t.match(parts[1]?.rejectedReason, /spans\[\d+\]: trace_id has 1 bytes.*and 2 more$/);
  }
});

t.test('there is a part for an empty request', async (t) => {
  t.match([...inParts(traces, new Uint8Array(), 'protobuf')], [{ spanCount: 0, scopeSpans: [] }]);
  t.match([...inParts(traces, Buffer.from('{}'), 'json')], [{ spanCount: 0, scopeSpans: [] }]);
});

t.test('nothing is read of a request that is malformed around its spans, or cut', async (t) => {
  const spans = Array.from({ length: 5_000 }, (_, n) => ({ name: `n${n}` }));
  for (const encoding of ENCODINGS) {
    const bytes = body(spans, encoding);
    t.throws(() => inParts(traces, bytes.subarray(0, -3), encoding).next(), UndecodableError, encoding);
  }
});

t.test('spans beyond what a request may hold in all are refused one by one', async (t) => {
  const attributes = Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`k${n}`, n]));
  for (const encoding of ENCODINGS) {
    const four = [1, 2, 3, 4].map((n) => ({ name: `n${n}`, attributes }));
    const values = limited(four, encoding, { maxRowValues: 30 });
    t.ok(values.names.length < 5 && values.rejected === 5 - values.names.length);
    t.match(
      values.reason,
      'the rows of the request, which all have the fields of their resource, hold more than 30 values',
    );

    const resource = { large: 'x'.repeat(10_000) };
    const shared = four.map((span) => ({ ...span, resource }));
    const bytes = limited(shared, encoding, { maxRowBytes: 25_000 });
    t.strictSame(bytes.names.slice(0, 2), ['n1', 'n2']);
    t.match(bytes.reason, 'have the fields of their resource, hold more than 25,000 bytes');

    const annotated = { resource, events: Array.from({ length: 20 }, () => ({ name: 'e' })) };
    const one = limited([annotated], encoding, { maxItemRowBytes: 100_000 });
    t.strictSame(one.names, ['good']);
    t.match(
      one.reason,
      'the rows of the span, which all have the fields of their resource, hold more than 100,000 bytes',
    );
  }
});

t.test('a large resource costs its rows no more than a row holds of it', async (t) => {
  for (const encoding of ENCODINGS) {
    const resource = { large: 'x'.repeat(1_000_000) };
    const spans = [1, 2, 3, 4].map((n) => ({ name: `n${n}`, resource }));
    const { names } = limited(spans, encoding, { maxRowBytes: 70_000 });
    t.strictSame(names, ['n1', 'n2', 'n3', 'n4', 'good']);
    const fields = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`r${n}`, n]));
    const wide = spans.map((span) => ({ ...span, resource: fields }));
    t.equal(limited(wide, encoding, { maxRowValues: 10 }).names.length, 5, 'values are shared');
  }
});
