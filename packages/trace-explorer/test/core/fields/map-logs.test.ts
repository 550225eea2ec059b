import { decodeLogs } from '@tandem/otlp';
import type { PlainLogRecord, PlainValue } from '@tandem/otlp/testing';
import { decodedLogs, plainAttributes } from '@tandem/otlp/testing';
import t from 'tap';
import type { FieldValue } from '../../../src/core/fields/field-type.ts';
import { mapLogs } from '../../../src/core/fields/map-logs.ts';
import { logsDatasetName } from '../../../src/core/fields/resource.ts';
import type { Row } from './collect-rows.ts';
import { collectRows } from './collect-rows.ts';

const NOW = 1_800_000_000_000_000_000n;
const TRACE = { traceId: '1'.repeat(32), spanId: '2'.repeat(16) };

function rowOf(record: PlainLogRecord, received = NOW): Row {
  const [row] = collectRows((sink) => {
    for (const group of decodedLogs([{ time: NOW, ...record }]).scopeLogs) mapLogs(group, received, sink);
  });
  if (row === undefined) throw new Error('no row');
  return row;
}

function fieldsOf(record: PlainLogRecord): Record<string, FieldValue> {
  return rowOf(record).fields;
}

t.test('a log record becomes the row that Honeycomb makes of it', async (t) => {
  const fields = fieldsOf({
    ...TRACE,
    severity: 17,
    severityText: 'ERR',
    body: 'could not pay',
    eventName: 'payment.failed',
    flags: 1,
    service: 'api',
    resource: { 'host.name': 'h' },
    scope: { name: 'pino', version: '1.0' },
    attributes: { 'user.id': 'u1', nested: { map: { a: 1, b: 2 } } },
  });
  t.strictSame(fields, {
    'service.name': 'api',
    'host.name': 'h',
    'library.name': 'pino',
    'library.version': '1.0',
    'meta.signal_type': 'log',
    severity: 'error',
    severity_code: 17,
    severity_text: 'ERR',
    flags: 1,
    body: 'could not pay',
    'event.name': 'payment.failed',
    'user.id': 'u1',
    'nested.a': 1,
    'nested.b': 2,
    'trace.trace_id': TRACE.traceId,
    'trace.parent_id': TRACE.spanId,
    'meta.annotation_type': 'span_event',
  });
});

t.test('a record without a trace is no annotation, and absent parts are no fields', async (t) => {
  t.strictSame(fieldsOf({ severity: 0, service: 'api' }), {
    'service.name': 'api',
    'meta.signal_type': 'log',
    severity: 'unspecified',
    severity_code: 0,
    flags: 0,
  });
  t.match(fieldsOf({ traceId: TRACE.traceId }), { 'meta.annotation_type': 'span_event' });
  t.notOk('trace.parent_id' in fieldsOf({ traceId: TRACE.traceId }));
  const spanOnly = fieldsOf({ spanId: TRACE.spanId });
  t.equal(spanOnly['trace.parent_id'], TRACE.spanId);
  t.notOk('meta.annotation_type' in spanOnly);
});

t.test('severity numbers are words, four numbers each', async (t) => {
  const words = Array.from({ length: 27 }, (_, number) => fieldsOf({ severity: number }).severity);
  const four = (word: string) => [word, word, word, word];
  const expected = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'].flatMap(four);
  t.strictSame(words, ['unspecified', ...expected, 'unspecified', 'unspecified']);
  t.equal(fieldsOf({ severity: 99 }).severity_code, 99);
});

t.test('a body of every kind', async (t) => {
  const body = (value: PlainValue) => {
    const { fields, types } = rowOf({ body: value });
    const names = Object.keys(fields).filter((name) => name === 'body' || name.startsWith('body.'));
    return names.map((name) => [name, types[name], fields[name]]);
  };
  t.strictSame(body('text'), [['body', 'string', 'text']]);
  t.strictSame(body(''), [['body', 'string', '']]);
  t.strictSame(body(7), [['body', 'integer', 7]]);
  t.strictSame(body({ float: 1.5 }), [['body', 'float', 1.5]]);
  t.strictSame(body(true), [['body', 'boolean', true]]);
  t.strictSame(body(['a', 1]), [['body', 'string', '["a",1]']]);
  t.strictSame(body({ map: { msg: 'hi', user: { map: { id: 7 } }, none: null } }), [
    ['body.msg', 'string', 'hi'],
    ['body.user.id', 'integer', 7],
    ['body', 'string', '{"msg":"hi","none":null,"user":{"id":7}}'],
  ]);
  t.strictSame(body({ map: {} }), [['body', 'string', '{}']]);
  const nested = (depth: number): PlainValue =>
    depth === 0 ? { map: { end: 1 } } : { map: { m: nested(depth - 1) } };
  t.strictSame(
    body(nested(5)),
    [
      ['body.m.m.m.m.m', 'string', '{"end":1}'],
      ['body', 'string', '{"m":{"m":{"m":{"m":{"m":{"end":1}}}}}}'],
    ],
    'maps beyond the fifth are JSON',
  );
  t.strictSame(body(null), []);
  t.equal(Buffer.byteLength(String(fieldsOf({ body: 'x'.repeat(100_000) }).body)), 65_535);
});

t.test(
  'attributes replace what the record says of itself, but neither what the row is nor where it belongs',
  async (t) => {
    const fields = fieldsOf({
      ...TRACE,
      body: 'of the record',
      severity: 9,
      resource: { body: 'of the resource' },
      attributes: {
        severity: 'own',
        trace: { map: { trace_id: 'x' } },
        'trace.parent_id': 'y',
        'meta.signal_type': 'trace',
        'span.kind': 'server',
      },
    });
    t.match(fields, {
      body: 'of the resource',
      severity: 'own',
      severity_code: 9,
      'trace.trace_id': TRACE.traceId,
      'trace.parent_id': TRACE.spanId,
      'attribute.trace.trace_id': 'x',
      'attribute.trace.parent_id': 'y',
      'meta.signal_type': 'log',
      'attribute.meta.signal_type': 'trace',
      'attribute.span.kind': 'server',
    });
    t.equal(fieldsOf({ body: 'a', attributes: { body: 'b' } }).body, 'b');
  },
);

t.test('attributes that have the names of fields of spans keep their names', async (t) => {
  const attributes = {
    duration_ms: 12.5,
    name: 'charge',
    status_code: 200,
    type: 'audit',
    'trace.trace_id': `${'0'.repeat(16)}00000000000000AB`,
    'trace.parent_id': 'b7ad6b7169203331',
  };
  const { fields, types } = rowOf({ attributes });
  t.match(
    fields,
    { ...attributes, 'trace.trace_id': '00000000000000ab' },
    'in the trace as its spans have it',
  );
  t.match(
    fieldsOf({ traceId: TRACE.traceId, attributes: { 'trace.parent_id': 'b7ad6b7169203331' } }),
    { 'trace.trace_id': TRACE.traceId, 'trace.parent_id': 'b7ad6b7169203331' },
    'an id that the record does not have itself',
  );
  t.match(rowOf({ attributes: { duration_ms: 12 } }).types, { duration_ms: 'integer' });
  t.match(types, { duration_ms: 'float', status_code: 'integer' });
});

t.test('an attribute whose type a field of spans cannot have is kept beside it', async (t) => {
  const fields = fieldsOf({ attributes: { duration_ms: '12 ms', status_code: 'OK', name: 7 } });
  t.match(fields, {
    'attribute.duration_ms': '12 ms',
    'attribute.status_code': 'OK',
    'attribute.name': 7,
    duration_ms: undefined,
  });
  t.match(fieldsOf({ attributes: { duration_ms: { float: Number.NaN } } }), { duration_ms: undefined });
});

t.test(
  'a record without a usable time stands at the time it was observed, else at its arrival',
  async (t) => {
    const at = (time: bigint, observedTime: bigint) => {
      const row = rowOf({ time, observedTime });
      return [row.time, row.fields['meta.invalid_time']];
    };
    const DAY = 86_400_000_000_000n;
    const TOO_LARGE = 2n ** 64n - 1n;
    t.strictSame(at(NOW - 5n, NOW), [NOW - 5n, undefined]);
    t.strictSame(at(0n, NOW - 7n), [NOW - 7n, undefined]);
    t.strictSame(at(TOO_LARGE, NOW - 7n), [NOW - 7n, undefined]);
    t.strictSame(at(0n, 0n), [NOW, true]);
    t.strictSame(at(0n, TOO_LARGE), [NOW, true]);
    t.strictSame(at(NOW + DAY + 1n, 0n), [NOW + DAY + 1n, true]);
  },
);

t.test('ids of a wrong length or of zeros belong to no trace', async (t) => {
  const body = (ids: object) =>
    Buffer.from(JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [ids] }] }] }));
  const rows = (ids: object) => {
    const { scopeLogs, rejectedCount } = decodeLogs(body(ids), 'json');
    t.equal(rejectedCount, 0);
    return collectRows((sink) => {
      for (const group of scopeLogs) mapLogs(group, NOW, sink);
    });
  };
  for (const ids of [
    { traceId: '0'.repeat(32), spanId: '0'.repeat(16) },
    { traceId: 'abcd', spanId: 'ef' },
    { traceId: '', spanId: '' },
  ]) {
    const names = Object.keys(rows(ids)[0]?.fields ?? {});
    t.notMatch(names, ['trace.trace_id']);
    t.same(
      names.filter((name) => name.startsWith('trace.') || name === 'meta.annotation_type'),
      [],
    );
  }
});

t.test('the dataset is the service, or an unknown source', async (t) => {
  t.equal(logsDatasetName(plainAttributes({ 'service.name': ' api ' })), 'api');
  t.equal(logsDatasetName(plainAttributes({ 'service.name': 'unknown_service:node' })), 'unknown_log_source');
  t.equal(logsDatasetName([]), 'unknown_log_source');
});
