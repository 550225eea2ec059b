import t from 'tap';
import { decodeTraces } from '../../src/decode.ts';
import { UndecodableError } from '../../src/errors.ts';
import { resourceToJson, scopeToJson } from '../../src/json/encode-resource.ts';
import { spanToJson } from '../../src/json/encode-span.ts';
import { ValueKind } from '../../src/messages/attributes.ts';
import type { DecodedTraces } from '../../src/messages/trace.ts';
import { decodeResource, decodeScope } from '../../src/protobuf/decode-resource.ts';
import { decodeSpan } from '../../src/protobuf/decode-span.ts';
import { encodeTraces } from '../../src/protobuf/encode-request.ts';
import { decoded } from '../../testing/index.ts';

const IDS = { traceId: '5B8EFFF798038103D269B633813FC60C', spanId: 'Eee19b7ec3c1b174' };

function decode(body: unknown): DecodedTraces {
  return decodeTraces(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), 'json');
}

function decodeSpans(...spans: unknown[]): DecodedTraces {
  return decode({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
}

function only(traces: DecodedTraces) {
  const spans = traces.scopeSpans.flatMap((group) => group.spans);
  if (spans.length !== 1 || spans[0] === undefined)
    throw new Error(`${spans.length} spans: ${traces.rejectedReason}`);
  return spans[0];
}

t.test('ids are hex in any case; enums are integers or names; unknown names are ignored', async (t) => {
  const span = only(
    decodeSpans({
      ...IDS,
      parentSpanId: 'ABCDEF0123456789',
      kind: 2,
      status: { code: 2, message: 'm', x: 1 },
      unknown: {},
    }),
  );
  t.match(span, {
    traceId: '5b8efff798038103d269b633813fc60c',
    spanId: 'eee19b7ec3c1b174',
    parentSpanId: 'abcdef0123456789',
    kind: 2,
    statusCode: 2,
    statusMessage: 'm',
  });
  t.match(only(decodeSpans({ ...IDS, kind: 'SPAN_KIND_CLIENT', status: { code: 'STATUS_CODE_ERROR' } })), {
    kind: 3,
    statusCode: 2,
  });
});

t.test('64-bit integers are exact, as text and as number', async (t) => {
  const text = only(
    decodeSpans({
      ...IDS,
      startTimeUnixNano: '1544712660300000001',
      endTimeUnixNano: '18446744073709551615',
      attributes: [{ key: 'n', value: { intValue: '-9223372036854775808' } }],
    }),
  );
  t.equal(text.startTimeUnixNano, 1544712660300000001n);
  t.equal(text.endTimeUnixNano, 2n ** 64n - 1n);
  t.equal(text.attributes[0]?.value, -(2n ** 63n));

  const body = `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"${IDS.traceId}","spanId":"${IDS.spanId}",
    "startTimeUnixNano":1544712660300000001,"attributes":[{"key":"n","value":{"intValue":7}}]}]}]}]}`;
  const number = only(decode(body));
  t.equal(number.startTimeUnixNano, 1544712660300000001n);
  t.equal(number.attributes[0]?.value, 7);
});

t.test('every kind of value is read', async (t) => {
  const values = [
    [{ stringValue: '' }, ValueKind.string, ''],
    [{ boolValue: false }, ValueKind.boolean, false],
    [{ intValue: 0 }, ValueKind.integer, 0],
    [{ doubleValue: 1 }, ValueKind.float, 1],
    [{ doubleValue: 'NaN' }, ValueKind.float, Number.NaN],
    [{ doubleValue: '-Infinity' }, ValueKind.float, Number.NEGATIVE_INFINITY],
    [
      { arrayValue: { values: [{ intValue: 1 }] } },
      ValueKind.array,
      [{ key: '', kind: ValueKind.integer, value: 1 }],
    ],
    [{ arrayValue: {} }, ValueKind.array, []],
    [
      { kvlistValue: { values: [{ key: '__proto__', value: { stringValue: 'x' } }] } },
      ValueKind.map,
      [{ key: '__proto__', kind: ValueKind.string, value: 'x' }],
    ],
    [{ bytesValue: 'AQI=' }, ValueKind.bytes, Buffer.from([1, 2])],
    [{}, ValueKind.none, null],
    [null, ValueKind.none, null],
  ] as const;
  const span = only(
    decodeSpans({ ...IDS, attributes: values.map(([value], index) => ({ key: `k${index}`, value })) }),
  );
  for (const [index, [, kind, value]] of values.entries()) {
    t.equal(span.attributes[index]?.kind, kind);
    t.same(span.attributes[index]?.value, value);
  }
});

t.test('a span with a wrong value is left out, the others are read', async (t) => {
  const wrong = [
    { traceId: 'xyz' },
    { traceId: '5b8e' },
    { traceId: 5 },
    { spanId: 'eee19b7ec3c1b17' },
    { name: 5 },
    { startTimeUnixNano: -1 },
    { startTimeUnixNano: 1.5 },
    { attributes: {} },
    { attributes: [{ key: 'k', value: { intValue: '9223372036854775808' } }] },
    { attributes: [{ key: 'k', value: { intValue: 'many' } }] },
    { attributes: [{ key: 'k', value: 'bare' }] },
    { events: 5 },
    { status: [] },
  ];
  for (const fields of wrong) {
    const traces = decodeSpans({ ...IDS, ...fields }, { ...IDS, name: 'good' });
    t.equal(traces.rejectedCount, 1, JSON.stringify(fields));
    t.equal(only(traces).name, 'good');
  }
});

t.test('a span with values nested 10,000 deep is left out, the others are read', async (t) => {
  const deep = `${'{"arrayValue":{"values":['.repeat(10_000)}{"intValue":1}${']}}'.repeat(10_000)}`;
  const ids = `"traceId":"${IDS.traceId}","spanId":"${IDS.spanId}"`;
  const traces = decode(
    `{"resourceSpans":[{"scopeSpans":[{"spans":[{${ids},"attributes":[{"key":"k","value":${deep}}]},{${ids},"name":"good"}]}]}]}`,
  );
  t.match(traces.rejectedReason, 'nested deeper than 100 levels');
  t.equal(only(traces).name, 'good');
});

t.test('a body that is no OTLP request is refused as a whole', async (t) => {
  for (const body of [
    '',
    '[]',
    '"x"',
    '{',
    '{"resourceSpans":{}}',
    '{"resourceSpans":[1]}',
    '{"resourceSpans":[{"resource":5}]}',
  ]) {
    t.throws(() => decode(body), UndecodableError, body);
  }
});

t.test('a request reads the same in both encodings, also after it was written back', async (t) => {
  const traces = decoded([
    {
      name: 'x',
      parentSpanId: 'abcdef0123456789',
      attributes: {
        s: 'text',
        i: 5,
        big: 2n ** 60n,
        f: { float: 2 },
        b: true,
        list: ['a', 1],
        map: { map: { deep: 'x' } },
        raw: Buffer.from('z'),
        none: null,
      },
      events: [{ name: 'exception', attributes: { 'exception.type': 'E' } }],
      links: [{ traceId: '1'.repeat(32), spanId: '2'.repeat(16), attributes: { a: 'b' } }],
      status: 2,
      statusMessage: 'failed',
      scope: { name: 'scope', version: '1.2.3' },
    },
  ]);
  const json = {
    resourceSpans: traces.scopeSpans.map(({ resource, scope, spans }) => ({
      resource: resourceToJson(decodeResource(resource.raw, '')),
      scopeSpans: [
        {
          scope: scopeToJson(decodeScope(scope.raw, '')),
          spans: spans.map(({ raw }) => spanToJson(decodeSpan(raw))),
        },
      ],
    })),
  };
  t.strictSame(normal(decode(json)), normal(decodeTraces(encodeTraces(traces), 'protobuf')));
  t.match(json.resourceSpans[0]?.scopeSpans[0]?.spans[0], {
    kind: 1,
    attributes: [
      {},
      { value: { intValue: '5' } },
      { value: { intValue: '1152921504606846976' } },
      { value: { doubleValue: 2 } },
    ],
    status: { code: 2, message: 'failed' },
  });
});

/** Bytes as hex, since a Buffer and a view on one are different to a strict comparison. */
function normal(traces: DecodedTraces): unknown {
  return JSON.parse(
    JSON.stringify(traces, (_key, value) =>
      typeof value === 'bigint'
        ? `${value}n`
        : value instanceof Uint8Array
          ? Buffer.from(value).toString('hex')
          : value?.type === 'Buffer'
            ? Buffer.from(value.data).toString('hex')
            : value,
    ),
  );
}
