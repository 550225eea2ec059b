import t from 'tap';
import { sameLarge } from '../../../test/helpers/load/same-large.ts';
import type { LogRecord } from '../src/index.ts';
import { decodeLogRecord, decodeLogs, encodeLogs, logsToJson } from '../src/index.ts';
import type { DecodedLogs } from '../src/messages/logs.ts';
import type { PlainLogRecord, PlainValue } from '../testing/index.ts';
import { decodedLogs, generator, LogsRequest, randomId } from '../testing/index.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

t.test(
  'what is written is read back as it was, in both encodings, and protobufjs reads the same',
  async (t) => {
    for (let seed = 1; seed <= 30; seed++) {
      const logs = decodedLogs(generatedRecords(seed));
      const bytes = encodeLogs(logs);
      sameLarge(t, comparable(decodeLogs(bytes, 'protobuf')), comparable(logs), `protobuf, seed ${seed}`);
      const json = Buffer.from(JSON.stringify(logsToJson(logs.scopeLogs)));
      sameLarge(t, comparable(decodeLogs(json, 'json')), comparable(logs), `JSON, seed ${seed}`);
      const theirs = LogsRequest.encode(LogsRequest.decode(bytes)).finish();
      sameLarge(t, comparable(decodeLogs(theirs, 'protobuf')), comparable(logs), `protobufjs, seed ${seed}`);
    }
  },
);

t.test('a record with invalid ids is kept without a trace', async (t) => {
  const cases: [unknown, unknown, string, string][] = [
    [TRACE, SPAN, TRACE, SPAN],
    [TRACE.toUpperCase(), SPAN.toUpperCase(), TRACE, SPAN],
    ['0'.repeat(32), '0'.repeat(16), '', ''],
    ['abcd', 'ab', '', ''],
    [undefined, undefined, '', ''],
    [TRACE, undefined, TRACE, ''],
    [undefined, SPAN, '', SPAN],
  ];
  for (const [traceId, spanId, trace, span] of cases) {
    const body = { resourceLogs: [{ scopeLogs: [{ logRecords: [{ traceId, spanId }] }] }] };
    const ofJson = recordsOf(decodeLogs(Buffer.from(JSON.stringify(body)), 'json'));
    t.match(ofJson, [{ traceId: trace, spanId: span }]);
    const bytes = LogsRequest.encode({
      resourceLogs: [{ scopeLogs: [{ logRecords: [{ traceId: hex(traceId), spanId: hex(spanId) }] }] }],
    } as object).finish();
    t.match(recordsOf(decodeLogs(bytes, 'protobuf')), [{ traceId: trace, spanId: span }]);
  }
});

t.test('severities are read by name or number, also beyond the list', async (t) => {
  const body = (severityNumber: unknown) =>
    Buffer.from(JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ severityNumber }] }] }] }));
  for (const [given, number] of [
    ['SEVERITY_NUMBER_TRACE', 1],
    ['SEVERITY_NUMBER_INFO', 9],
    ['SEVERITY_NUMBER_ERROR2', 18],
    ['SEVERITY_NUMBER_FATAL4', 24],
    [17, 17],
    [99, 99],
    [-1, -1],
    [undefined, 0],
  ] as const) {
    const [ofJson] = recordsOf(decodeLogs(body(given), 'json'));
    t.match(ofJson, { severityNumber: number }, String(given));
    const bytes = LogsRequest.encode({
      resourceLogs: [{ scopeLogs: [{ logRecords: [{ severityNumber: number }] }] }],
    } as object).finish();
    const [ofProtobuf] = recordsOf(decodeLogs(bytes, 'protobuf'));
    t.match(ofProtobuf, { severityNumber: number });
    // As it is written, it is read.
    t.match(decodeLogRecord(ofJson?.raw as Uint8Array), { severityNumber: number });
  }
});

t.test('an empty text or list is a body in both encodings, a missing body is none', async (t) => {
  for (const [body, kind] of [
    ['', 1],
    [[], 5],
    [{ map: {} }, 6],
    [null, 0],
  ] as [PlainValue, number][]) {
    const logs = decodedLogs([{ body }]);
    t.match(recordsOf(decodeLogs(encodeLogs(logs), 'protobuf')), [{ body: { key: '', kind } }]);
    const json = Buffer.from(JSON.stringify(logsToJson(logs.scopeLogs)));
    t.match(recordsOf(decodeLogs(json, 'json')), [{ body: { key: '', kind } }]);
  }
});

t.test('an unreadable record is left out and named by its place, the others are read', async (t) => {
  const good = { body: { stringValue: 'good' } };
  const body = { resourceLogs: [{ scopeLogs: [{ logRecords: [good, { body: 5 }, good] }] }] };
  const logs = decodeLogs(Buffer.from(JSON.stringify(body)), 'json');
  t.match(logs, { recordCount: 2, rejectedCount: 1 });
  t.equal(logs.rejectedReason, 'resourceLogs[0].scopeLogs[0].logRecords[1]: body is not an object');
  t.throws(() => decodeLogs(Buffer.from('{"resourceLogs":5}'), 'json'), /not an OTLP logs request in JSON/);
  t.throws(() => decodeLogs(Uint8Array.of(0x0a, 9), 'protobuf'), /not an OTLP logs request in protobuf/);
  const many = encodeLogs(decodedLogs([{}, {}, {}]));
  t.throws(() => decodeLogs(many, 'protobuf', { maxItems: 2 }), /more than 2 log records/);
});

t.test('a single record is read from its bytes', async (t) => {
  const [record] = recordsOf(decodedLogs([{ body: 'x', traceId: TRACE, attributes: { a: [1, 'b'] } }]));
  t.strictSame(comparable(decodeLogRecord((record as LogRecord).raw)), comparable(record));
});

/** Records with every kind of value and unpleasant texts; the same for the same seed, but for their ids. */
function generatedRecords(seed: number): PlainLogRecord[] {
  const random = generator(seed);
  const values: (() => PlainValue)[] = [
    () => random.text(),
    () => random.integer(-100, 100),
    () => 2n ** 53n + BigInt(random.integer(0, 1000)),
    () => random.integer(0, 2) === 1,
    () => ({ float: random.integer(-1000, 1000) / 7 }),
    () => Buffer.from(random.text()),
    () => null,
    () => [random.text(), random.integer(0, 9), [true, random.text()]],
    () => ({ map: { inner: random.text(), deeper: { map: { '': 1, __proto__x: [] } } } }),
  ];
  const isInTrace = () => random.integer(0, 2) === 1;
  return Array.from({ length: 20 }, () => ({
    time: random.pick([0n, 1n, 2n ** 64n - 1n, 1_700_000_000_000_000_001n]),
    observedTime: random.pick([0n, 5n]),
    severity: random.integer(0, 25),
    severityText: random.text(),
    body: random.pick(values)(),
    attributes: Object.fromEntries(
      Array.from({ length: random.integer(0, 8) }, () => [random.text(), random.pick(values)()]),
    ),
    flags: random.pick([0, 1, 2 ** 32 - 1]),
    ...(isInTrace() && { traceId: randomId(16) }),
    ...(isInTrace() && { spanId: randomId(8) }),
    eventName: random.text(),
  }));
}

function recordsOf({ scopeLogs }: DecodedLogs): LogRecord[] {
  return scopeLogs.flatMap(({ logRecords }) => logRecords);
}

function hex(id: unknown): Buffer {
  return Buffer.from(String(id ?? ''), 'hex');
}

/** Bytes as hex, as a Buffer and a view on one are different to a strict comparison. */
function comparable(value: unknown): unknown {
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`;
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, comparable(part)]));
}
