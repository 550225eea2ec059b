import t from 'tap';
import { sameLarge } from '../../../../test/helpers/load/same-large.ts';
import { decodeTraces } from '../../src/decode.ts';
import { UndecodableError } from '../../src/errors.ts';
import type { Attribute } from '../../src/messages/attributes.ts';
import { ValueKind } from '../../src/messages/attributes.ts';
import type { DecodedTraces } from '../../src/messages/trace.ts';
import { decodeSpan } from '../../src/protobuf/decode-span.ts';
import { encodeTraces } from '../../src/protobuf/encode-request.ts';
import { encodeSpan } from '../../src/protobuf/encode-span.ts';
import { decoded, generator, message, TraceRequest } from '../../testing/index.ts';
import { generatedSpans } from '../generate-traces.ts';

const ID = { traceId: Buffer.alloc(16, 1), spanId: Buffer.alloc(8, 2) };

function decodeTracesProtobuf(bytes: Uint8Array): DecodedTraces {
  return decodeTraces(bytes, 'protobuf');
}

function request(...spans: object[]): Uint8Array {
  return TraceRequest.encode(
    TraceRequest.fromObject({ resourceSpans: [{ scopeSpans: [{ spans }] }] }),
  ).finish();
}

function spansOf({ scopeSpans }: DecodedTraces) {
  return scopeSpans.flatMap(({ spans }) => spans);
}

/** What protobufjs reads, in the shape of its `toObject`, from our decoded form. */
function asOracle(traces: DecodedTraces): unknown {
  return spansOf(traces).map((span) => ({
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    traceState: span.traceState,
    flags: span.flags,
    name: span.name,
    kind: span.kind,
    startTimeUnixNano: String(span.startTimeUnixNano),
    endTimeUnixNano: String(span.endTimeUnixNano),
    attributes: attributesAsOracle(span.attributes),
    droppedAttributesCount: span.droppedAttributesCount,
    events: span.events.map((event) => ({
      timeUnixNano: String(event.timeUnixNano),
      name: event.name,
      attributes: attributesAsOracle(event.attributes),
      droppedAttributesCount: event.droppedAttributesCount,
    })),
    droppedEventsCount: span.droppedEventsCount,
    links: span.links.map((link) => ({ ...link, attributes: attributesAsOracle(link.attributes) })),
    droppedLinksCount: span.droppedLinksCount,
    status: { code: span.statusCode, message: span.statusMessage },
  }));
}

function attributesAsOracle(attributes: readonly Attribute[]): unknown[] {
  return attributes.map((attribute) => ({ key: attribute.key, value: valueAsOracle(attribute) }));
}

function valueAsOracle({ kind, value }: Attribute): unknown {
  switch (kind) {
    case ValueKind.string:
      return { stringValue: value };
    case ValueKind.boolean:
      return { boolValue: value };
    case ValueKind.integer:
      return { intValue: String(value) };
    case ValueKind.float:
      return { doubleValue: value };
    case ValueKind.bytes:
      return { bytesValue: Buffer.from(value as Uint8Array).toString('hex') };
    case ValueKind.array:
      return { arrayValue: { values: (value as Attribute[]).map(valueAsOracle) } };
    case ValueKind.map:
      return { kvlistValue: { values: attributesAsOracle(value as Attribute[]) } };
    default:
      return {};
  }
}

/** The oracle's reading, with bytes as hex (protobufjs gives Buffers) and defaults filled in. */
function oracle(bytes: Uint8Array): unknown {
  const message = TraceRequest.toObject(TraceRequest.decode(bytes), { longs: String, defaults: false });
  const withDefaults = (object: Record<string, unknown>, defaults: Record<string, unknown>) => ({
    ...defaults,
    ...object,
  });
  const hex = (value: unknown) => Buffer.from((value as Uint8Array | undefined) ?? []).toString('hex');
  const value = (any: Record<string, unknown> | undefined): unknown => {
    if (any === undefined) return {};
    if ('bytesValue' in any) return { bytesValue: hex(any.bytesValue) };
    if ('arrayValue' in any) {
      const { values = [] } = any.arrayValue as { values?: Record<string, unknown>[] };
      return { arrayValue: { values: values.map(value) } };
    }
    if ('kvlistValue' in any) {
      return { kvlistValue: { values: list((any.kvlistValue as { values?: unknown }).values) } };
    }
    return any;
  };
  const list = (attributes: unknown): unknown[] =>
    ((attributes ?? []) as Record<string, unknown>[]).map((attribute) => ({
      key: attribute.key ?? '',
      value: value(attribute.value as Record<string, unknown> | undefined),
    }));
  const spans = (
    (message.resourceSpans ?? []) as { scopeSpans?: { spans?: Record<string, unknown>[] }[] }[]
  ).flatMap(({ scopeSpans = [] }) => scopeSpans.flatMap(({ spans: inner = [] }) => inner));
  return spans.map((span) => ({
    ...withDefaults(span, {
      traceState: '',
      flags: 0,
      name: '',
      kind: 0,
      startTimeUnixNano: '0',
      endTimeUnixNano: '0',
      droppedAttributesCount: 0,
      droppedEventsCount: 0,
      droppedLinksCount: 0,
    }),
    traceId: hex(span.traceId),
    spanId: hex(span.spanId),
    parentSpanId: hex(span.parentSpanId),
    attributes: list(span.attributes),
    events: ((span.events ?? []) as Record<string, unknown>[]).map((event) => ({
      ...withDefaults(event, { timeUnixNano: '0', name: '', droppedAttributesCount: 0 }),
      attributes: list(event.attributes),
    })),
    links: ((span.links ?? []) as Record<string, unknown>[]).map((link) => ({
      ...withDefaults(link, { traceState: '', droppedAttributesCount: 0, flags: 0 }),
      traceId: hex(link.traceId),
      spanId: hex(link.spanId),
      attributes: list(link.attributes),
    })),
    status: withDefaults((span.status ?? {}) as Record<string, unknown>, { code: 0, message: '' }),
  }));
}

t.test('our reader and our writer agree with protobufjs on generated requests', async (t) => {
  for (let seed = 1; seed <= 50; seed++) {
    const bytes = encodeTraces(decoded(generatedSpans(seed)));
    sameLarge(t, asOracle(decodeTracesProtobuf(bytes)), oracle(bytes), `seed ${seed}`);
  }
});

t.test('a read request is written back unchanged', async (t) => {
  for (const { raw } of decoded(generatedSpans(7)).scopeSpans.flatMap(({ spans }) => spans)) {
    t.same(Buffer.from(encodeSpan(decodeSpan(raw))), Buffer.from(raw));
  }
});

t.test('resource, scope and schema URLs belong to their spans, in whatever order they come', async (t) => {
  const bytes = TraceRequest.encode(
    TraceRequest.fromObject({
      resourceSpans: [
        {
          resource: {
            attributes: [{ key: 'service.name', value: { stringValue: 'api' } }],
            droppedAttributesCount: 3,
          },
          schemaUrl: 'https://opentelemetry.io/schemas/1.40.0',
          scopeSpans: [{ scope: { name: 's', version: '1' }, schemaUrl: 'scope-url', spans: [ID] }],
        },
      ],
    }),
  ).finish();
  t.match(decodeTracesProtobuf(bytes).scopeSpans, [
    {
      resource: {
        attributes: [{ key: 'service.name', kind: ValueKind.string, value: 'api' }],
        droppedAttributesCount: 3,
        schemaUrl: 'https://opentelemetry.io/schemas/1.40.0',
      },
      scope: { name: 's', version: '1', schemaUrl: 'scope-url' },
    },
  ]);
});

t.test('unknown fields are ignored, wherever they are', async (t) => {
  const unknown = Buffer.from([0xf8, 0x07, 0x01, 0xfa, 0x07, 0x02, 0x61, 0x62]); // field 127, as varint and as bytes
  const span = decoded([{ name: 'kept' }]).scopeSpans[0]?.spans[0];
  const raw = Buffer.concat([unknown, span?.raw ?? Buffer.alloc(0), unknown]);
  t.match(decodeSpan(raw), { name: 'kept', traceId: span?.traceId });
  const body = Buffer.concat([unknown, encodeTraces(decoded([{ name: 'a' }])), unknown]);
  t.equal(spansOf(decodeTracesProtobuf(body)).length, 1);
});

t.test('invalid UTF-8 becomes U+FFFD, and its span is kept', async (t) => {
  const good = request({
    ...ID,
    name: 'abcdef',
    attributes: [{ key: 'k', value: { stringValue: 'vvvvvv' } }],
  });
  const bad = Buffer.from(
    Buffer.from(good).toString('latin1').replace('abcdef', 'ab\xff\xfeef').replace('vvvvvv', 'v\xc3\xc3vvv'),
    'latin1',
  );
  const [span] = spansOf(decodeTracesProtobuf(bad));
  t.equal(span?.name, 'ab\ufffd\ufffdef');
  t.equal(span?.attributes[0]?.value, 'v\ufffd\ufffdvvv');
  t.same(
    Buffer.from(span?.raw ?? []).includes(Buffer.from([0xff, 0xfe])),
    true,
    'the bytes are kept as sent',
  );
});

t.test('a span with ids of the wrong length or of zeros is left out, the others are read', async (t) => {
  const traces = decodeTracesProtobuf(
    request(
      { ...ID, name: 'good' },
      { ...ID, traceId: Buffer.alloc(15, 1) },
      { ...ID, traceId: Buffer.alloc(16) },
      { ...ID, spanId: Buffer.alloc(9, 1) },
      { ...ID, spanId: Buffer.alloc(8) },
      { name: 'no ids' },
    ),
  );
  t.same(
    spansOf(traces).map(({ name }) => name),
    ['good'],
  );
  t.equal(traces.rejectedCount, 5);
  t.match(
    traces.rejectedReason,
    /spans\[1\]: trace_id has 15 bytes instead of 16.*trace_id is all zeros.*and 2 more$/,
  );
});

t.test('a parent id of the wrong length is kept, one of zeros means a root', async (t) => {
  const traces = decodeTracesProtobuf(
    request({ ...ID, parentSpanId: Buffer.from('abcd', 'hex') }, { ...ID, parentSpanId: Buffer.alloc(8) }),
  );
  t.same(
    spansOf(traces).map(({ parentSpanId }) => parentSpanId),
    ['abcd', ''],
  );
});

t.test('a span with damaged bytes is left out, the others are read', async (t) => {
  const damaged = Buffer.from([0x0a, 0x7f, 0x01]); // an id that claims 127 bytes
  const groups = decoded([{ name: 'before' }, { name: 'damaged' }, { name: 'after' }]).scopeSpans.map(
    (group, index) =>
      index === 1 ? { ...group, spans: group.spans.map((span) => ({ ...span, raw: damaged })) } : group,
  );
  const traces = decodeTracesProtobuf(encodeTraces({ scopeSpans: groups }));
  t.same(
    spansOf(traces).map(({ name }) => name),
    ['before', 'after'],
  );
  t.equal(traces.rejectedReason, 'resourceSpans[1].scopeSpans[0].spans[0]: the message ends early');
});

t.test('a span with values nested deeper than 100 levels is left out, the others are read', async (t) => {
  for (const depth of [101, 10_000]) {
    const value = listsIn(depth);
    const deep = Buffer.concat([
      decoded([{ name: 'deep' }]).scopeSpans[0]?.spans[0]?.raw ?? Buffer.alloc(0),
      nest(0x4a, Buffer.concat([nest(0x0a, Buffer.from('key')), nest(0x12, value)])),
    ]);
    const [first, second] = decoded([{}, { name: 'shallow' }]).scopeSpans;
    const scopeSpans = [
      ...(first === undefined
        ? []
        : [{ ...first, spans: first.spans.map((span) => ({ ...span, raw: deep })) }]),
      ...(second === undefined ? [] : [second]),
    ];
    const traces = decodeTracesProtobuf(encodeTraces({ scopeSpans }));
    t.same(
      spansOf(traces).map(({ name }) => name),
      ['shallow'],
    );
    t.match(traces.rejectedReason, 'nested deeper than 100 levels');
  }
});

function nest(tag: number, content: Buffer): Buffer {
  return Buffer.concat([head(tag, content.byteLength), content]);
}

function head(tag: number, bytes: number): Buffer {
  const length: number[] = [];
  let rest = bytes;
  for (; rest > 0x7f; rest >>>= 7) length.push((rest & 0x7f) | 0x80);
  return Buffer.from([tag, ...length, rest]);
}

/** A value in a list in a list, so many levels deep; its parts are put together once, not per level. */
function listsIn(levels: number): Buffer {
  const parts: Buffer[] = [Buffer.from([0x10, 0x01])];
  let bytes = 2;
  for (let level = 0; level < levels; level++) {
    for (const tag of [0x0a, 0x2a]) {
      const part = head(tag, bytes);
      parts.push(part);
      bytes += part.byteLength;
    }
  }
  return Buffer.concat(parts.reverse());
}

t.test('random bytes and cut requests throw only UndecodableError', async (t) => {
  const random = generator(3);
  const whole = encodeTraces(decoded(generatedSpans(3)));
  for (let round = 0; round < 2_000; round++) {
    const bytes = Buffer.from(whole);
    for (let change = 0; change < 5; change++)
      bytes[random.integer(0, bytes.length)] = random.integer(0, 256);
    const cut = bytes.subarray(0, random.integer(0, bytes.length));
    try {
      decodeTracesProtobuf(round % 2 === 0 ? bytes : cut);
    } catch (error) {
      if (!(error instanceof UndecodableError)) throw error;
    }
  }
  t.throws(() => decodeTracesProtobuf(whole.subarray(0, whole.byteLength - 1)), UndecodableError);
});

t.test(
  'unknown groups are skipped, also within one another; broken ones cost their span alone',
  async (t) => {
    const group = (field: number, content: Buffer) => Buffer.concat([tag(field, 3), content, tag(field, 4)]);
    const fields = Buffer.concat([
      tag(1, 0),
      Buffer.from([5]),
      message(2, Buffer.from('text')),
      tag(3, 5),
      Buffer.alloc(4),
    ]);
    const unknown = group(127, Buffer.concat([fields, group(1, group(9, Buffer.alloc(0))), fields]));
    const raw = decoded([{ name: 'kept' }]).scopeSpans[0]?.spans[0]?.raw ?? Buffer.alloc(0);
    const spans = [Buffer.concat([unknown, raw, unknown])];
    const bodyOf = (contents: readonly Uint8Array[]) =>
      Buffer.concat([
        unknown,
        message(
          1,
          Buffer.concat([
            unknown,
            message(2, Buffer.concat([unknown, ...contents.map((span) => message(2, span))])),
          ]),
        ),
        unknown,
      ]);
    t.match(spansOf(decodeTracesProtobuf(bodyOf(spans))), [{ name: 'kept' }]);

    let deep = Buffer.alloc(0);
    for (let level = 0; level < 200; level++) deep = group(1, deep);
    const broken = {
      'without its end': tag(127, 3),
      'with the end of another': Buffer.concat([tag(127, 3), tag(126, 4)]),
      'an end without a start': tag(127, 4),
      'nested too deep': deep,
    };
    for (const [what, bytes] of Object.entries(broken)) {
      const traces = decodeTracesProtobuf(bodyOf([Buffer.concat([bytes, raw]), raw]));
      t.match([traces.rejectedCount, spansOf(traces)], [1, [{ name: 'kept' }]], what);
    }
  },
);

/** What stands before a field: its number and wire type. */
function tag(field: number, wireType: number): Buffer {
  const value = field * 8 + wireType;
  return value < 0x80 ? Buffer.from([value]) : Buffer.from([(value & 0x7f) | 0x80, value >>> 7]);
}
