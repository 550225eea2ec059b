import { plainAttributes } from '@tandem/otlp/testing';
import t from 'tap';
import type { FieldValue } from '../../../src/core/fields/field-type.ts';
import { mapSpans } from '../../../src/core/fields/map-spans.ts';
import { datasetName } from '../../../src/core/fields/resource.ts';
import type { PlainAttributes, PlainSpan, PlainValue } from '../../spans.ts';
import { decoded } from '../../spans.ts';
import type { Row } from './collect-rows.ts';
import { collectRows } from './collect-rows.ts';

const NOW = 1_800_000_000_000_000_000n;
const TRACE = { traceId: '1'.repeat(32), spanId: '2'.repeat(16) };

function rowsOf(span: PlainSpan, received = NOW): Row[] {
  return collectRows((sink) => {
    for (const group of decoded([{ start: NOW, ...TRACE, ...span }]).scopeSpans)
      mapSpans(group, received, sink);
  });
}

function fieldsOf(span: PlainSpan): Record<string, FieldValue> {
  return rowsOf(span)[0]?.fields ?? {};
}

function flattened(attributes: PlainAttributes): Record<string, FieldValue> {
  const bare = fieldsOf({});
  return Object.fromEntries(
    Object.entries(fieldsOf({ attributes })).filter(([name]) => !Object.hasOwn(bare, name)),
  );
}

t.test('a span becomes the row that Honeycomb makes of it', async (t) => {
  const fields = fieldsOf({
    name: 'GET /x',
    kind: 2,
    durationMs: 12.5,
    parentSpanId: '3'.repeat(16),
    traceState: 'a=b',
    status: 2,
    statusMessage: 'boom',
    service: 'api',
    resource: { 'host.name': 'h' },
    scope: { name: '@opentelemetry/instrumentation-undici', version: '1.0' },
    attributes: { 'app.now': 'x' },
  });
  t.strictSame(fields, {
    'service.name': 'api',
    'host.name': 'h',
    'library.name': '@opentelemetry/instrumentation-undici',
    'telemetry.instrumentation_library': true,
    'library.version': '1.0',
    error: true,
    'app.now': 'x',
    'trace.trace_id': TRACE.traceId,
    'trace.span_id': TRACE.spanId,
    'trace.parent_id': '3'.repeat(16),
    'trace.trace_state': 'a=b',
    name: 'GET /x',
    'span.kind': 'server',
    type: 'server',
    duration_ms: 12.5,
    status_code: 2,
    status_message: 'boom',
    'span.num_events': 0,
    'span.num_links': 0,
    'meta.signal_type': 'trace',
  });
});

t.test('absent parts of a span are no fields of its row', async (t) => {
  const fields = fieldsOf({});
  for (const name of [
    'error',
    'status_message',
    'trace.parent_id',
    'trace.trace_state',
    'meta.invalid_duration',
    'meta.annotation_type',
    'library.name',
  ]) {
    t.notOk(name in fields, name);
  }
});

t.test('kinds have husky’s names', async (t) => {
  for (const [kind, name] of [
    'unspecified',
    'internal',
    'server',
    'client',
    'producer',
    'consumer',
    'unspecified',
  ].entries()) {
    t.equal(fieldsOf({ kind })['span.kind'], name);
  }
});

t.test('events and links are rows of their own, beneath their span', async (t) => {
  const rows = rowsOf({
    name: 'parent',
    status: 2,
    resource: { shared: 'r' },
    attributes: { 'only.span': 1 },
    events: [{ name: 'cache miss', time: NOW + 2_500_000n, attributes: { key: 'k' } }],
    links: [{ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), attributes: { why: 'batch' } }],
  });
  t.equal(rows.length, 3);
  t.match(rows[0]?.fields, { 'span.num_events': 1, 'span.num_links': 1 });
  t.strictSame(rows[1], {
    time: NOW + 2_500_000n,
    sampleRate: 1,
    fields: {
      'service.name': 'test-service',
      shared: 'r',
      key: 'k',
      error: true,
      'trace.trace_id': TRACE.traceId,
      'trace.parent_id': TRACE.spanId,
      parent_name: 'parent',
      'meta.signal_type': 'trace',
      name: 'cache miss',
      'meta.annotation_type': 'span_event',
      'meta.time_since_span_start_ms': 2.5,
    },
    types: rows[1]?.types,
  });
  t.strictSame(rows[2]?.fields, {
    'service.name': 'test-service',
    shared: 'r',
    why: 'batch',
    error: true,
    'trace.trace_id': TRACE.traceId,
    'trace.parent_id': TRACE.spanId,
    parent_name: 'parent',
    'meta.signal_type': 'trace',
    'trace.link.trace_id': 'a'.repeat(32),
    'trace.link.span_id': 'b'.repeat(16),
    'meta.annotation_type': 'link',
  });
  t.equal(rows[2]?.time, NOW);
});

t.test('an event before its span is at 0 ms, and says so', async (t) => {
  const [, event] = rowsOf({ events: [{ name: 'early', time: NOW - 1n }] });
  t.match(event?.fields, { 'meta.time_since_span_start_ms': 0, 'meta.invalid_time_since_span_start': true });
});

t.test('the first exception is copied onto its span, whose own fields win', async (t) => {
  const exception = (type: string) => ({
    name: 'exception',
    attributes: {
      'exception.type': type,
      'exception.message': `m ${type}`,
      'exception.stacktrace': 's',
      other: 'o',
    },
  });
  const fields = fieldsOf({
    attributes: { 'exception.message': 'own' },
    events: [{ name: 'other' }, exception('First'), exception('Second')],
  });
  t.match(fields, { 'exception.type': 'First', 'exception.message': 'own', 'exception.stacktrace': 's' });
  t.notOk('other' in fields);
});

t.test('attributes of the span win over those of its scope and resource', async (t) => {
  t.equal(fieldsOf({ resource: { a: 'resource' }, attributes: { a: 'span' } }).a, 'span');
});

t.test('no attribute takes the place of what the span itself says', async (t) => {
  const fields = fieldsOf({
    name: 'real',
    attributes: {
      name: 'fake',
      'trace.trace_id': 'fake',
      duration_ms: 9,
      'meta.annotation_type': 'link',
    },
  });
  t.match(fields, { name: 'real', 'trace.trace_id': TRACE.traceId, duration_ms: 1 });
  t.notOk('meta.annotation_type' in fields);
  t.match(fields, {
    'attribute.name': 'fake',
    'attribute.trace.trace_id': 'fake',
    'attribute.duration_ms': 9,
  });
});

t.test('an exception of Python’s SDK has the fields that husky gives it', async (t) => {
  const [span, event] = rowsOf({
    attributes: { error: 'db down' },
    events: [
      {
        name: 'exception',
        attributes: {
          'exception.type': 'OSError',
          'exception.message': 'gone',
          'exception.escaped': 'False',
        },
      },
    ],
  });
  t.match(span?.fields, { error: 'db down', 'exception.type': 'OSError', 'exception.message': 'gone' });
  t.notOk('exception.escaped' in (span?.fields ?? {}), 'copied to the span as a boolean only');
  t.equal(event?.fields['exception.escaped'], 'False');
  const escaped = { name: 'exception', attributes: { 'exception.escaped': true } };
  t.equal(fieldsOf({ events: [escaped] })['exception.escaped'], true);
});

t.test('an id of 64 bits is not padded in rows, as husky has it', async (t) => {
  const short = 'f798a1e7f33c8af6';
  const padded = `${'0'.repeat(16)}${short}`;
  const [span, event, link] = rowsOf({
    traceId: padded,
    events: [{ name: 'e' }],
    links: [{ traceId: padded, spanId: 'b'.repeat(16) }],
  });
  t.equal(span?.fields['trace.trace_id'], short);
  t.equal(event?.fields['trace.trace_id'], short);
  t.match(link?.fields, { 'trace.trace_id': short, 'trace.link.trace_id': short });
});

t.test('values by type', async (t) => {
  const cases: [PlainValue, string, FieldValue][] = [
    ['text', 'string', 'text'],
    ['', 'string', ''],
    [5, 'integer', 5],
    [2n ** 60n, 'integer', 2n ** 60n],
    [{ float: 5 }, 'float', 5],
    [true, 'boolean', true],
    [['a', 1, { float: Number.NaN }, null], 'string', '["a",1,"NaN",null]'],
    [[2n ** 60n], 'string', '[1152921504606846976]'],
    [Buffer.from([1, 2, 3]), 'string', '"AQID"'],
  ];
  for (const [value, type, expected] of cases) {
    const [row] = rowsOf({ attributes: { v: value } });
    t.strictSame([row?.types.v, row?.fields.v], [type, expected]);
  }
  t.notOk('v' in fieldsOf({ attributes: { v: null } }), 'absent values are no fields');
  t.notOk('' in fieldsOf({ attributes: { '': 'x' } }), 'empty keys are no fields');
});

t.test('maps are flattened to depth 5, deeper ones are JSON', async (t) => {
  const nested = (depth: number): PlainValue =>
    depth === 0 ? { map: { leaf: 1 } } : { map: { m: nested(depth - 1) } };
  t.strictSame(flattened({ a: { map: { b: 'x', c: { map: { d: 1 } } } } }), { 'a.b': 'x', 'a.c.d': 1 });
  t.strictSame(flattened({ a: nested(4) }), { 'a.m.m.m.m.leaf': 1 });
  t.strictSame(flattened({ a: nested(5) }), { 'a.m.m.m.m.m': '{"leaf":1}' });
});

t.test('text is cut at 64 KiB, between characters', async (t) => {
  const cut = flattened({
    long: 'a'.repeat(1_000_000),
    umlauts: 'ä'.repeat(40_000),
    emoji: '🎉'.repeat(20_000),
    list: ['x'.repeat(100_000)],
  });
  t.equal(String(cut.long).length, 65_535);
  t.equal(cut.umlauts, 'ä'.repeat(32_767));
  t.equal(cut.emoji, '🎉'.repeat(16_383));
  t.equal(Buffer.byteLength(String(cut.list)), 65_535);
  t.equal(fieldsOf({ attributes: { fits: 'b'.repeat(65_535) } }).fits, 'b'.repeat(65_535));
});

t.test('names that are code are names', async (t) => {
  const attributes = { constructor: 'a', '<script>': 'b', '"; DROP TABLE spans; --': 'c', toString: 'd' };
  t.strictSame(flattened(attributes), attributes);
  t.equal(Object.keys(flattened({ ['k'.repeat(5_000)]: 1 }))[0]?.length, 255);
});

t.test('times that cannot be are given a rule', async (t) => {
  const row = (span: PlainSpan) => rowsOf(span)[0];
  t.match(
    row({ start: NOW, end: NOW - 5n }),
    { time: NOW, fields: { duration_ms: 0, 'meta.invalid_duration': true } },
    'end before start',
  );
  t.match(
    row({ start: NOW, end: 0n }),
    { time: NOW, fields: { duration_ms: 0, 'meta.invalid_duration': true } },
    'no end',
  );
  t.match(
    row({ start: 0n, end: 0n }),
    { time: NOW, fields: { duration_ms: 0, 'meta.invalid_time': true } },
    'no times',
  );
  t.match(
    row({ start: 0n, end: NOW - 7n }),
    { time: NOW - 7n, fields: { 'meta.invalid_time': true } },
    'no start',
  );
  t.match(
    row({ start: 2n ** 64n - 1n, end: 2n ** 64n - 1n }),
    { time: NOW, fields: { 'meta.invalid_time': true } },
    'past 2262',
  );
  const future = NOW + 3n * 86_400_000_000_000n;
  t.match(
    row({ start: future }),
    { time: future, fields: { duration_ms: 1, 'meta.invalid_time': true } },
    'in three days',
  );
  t.notOk(
    'meta.invalid_time' in (row({ start: NOW + 1_000_000_000n })?.fields ?? {}),
    'a second ahead is skew',
  );
});

t.test('a dataset is the service name of the resource', async (t) => {
  t.equal(datasetName(plainAttributes({ 'service.name': ' api ' })), 'api');
  for (const name of ['', '  ', 'unknown_service', 'unknown_service:node', 5]) {
    t.equal(datasetName(plainAttributes({ 'service.name': name })), 'unknown_service');
  }
  t.equal(datasetName([]), 'unknown_service');
});

t.test('128 attributes and more are all kept', async (t) => {
  const attributes = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`a${index}`, index]));
  t.strictSame(flattened(attributes), attributes);
});

t.test('ids of any length are cut as other text is', async (t) => {
  const long = 'ab'.repeat(40_000);
  const [row, link] = rowsOf({
    parentSpanId: long,
    links: [{ traceId: long, spanId: long }],
  });
  t.equal(String(row?.fields['trace.parent_id']).length, 65_535);
  t.equal(String(link?.fields['trace.link.trace_id']).length, 65_535);
  t.equal(String(link?.fields['trace.link.span_id']).length, 65_535);
});

t.test('a long name of a map is not joined to each of its many entries', async (t) => {
  const name = 'n'.repeat(1_000_000);
  const entries = Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`${n}`, n]));
  const fields = fieldsOf({ attributes: { [name]: { map: { inner: { map: entries } } } } });
  t.equal(fields['n'.repeat(255)], 99_999, 'the last one wins, as the first 255 characters are the field');
});
