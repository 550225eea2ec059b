import { at, ids } from '../../../explorer.ts';

export const id = ids();
export const traceId = id('trace', 16);

/** Every kind of value that OTLP has, with its least, its largest and its oddest, in OTLP's JSON. */
const attributes = [
  { key: 'text', value: { stringValue: 'été 日本語 🎉 \u2028 <b>' } },
  { key: 'text.empty', value: { stringValue: '' } },
  { key: 'text.nul', value: { stringValue: 'a\0b' } },
  { key: 'text.lines', value: { stringValue: 'a\r\nb\nc\rd\u0085\u2029\ufeff' } },
  { key: 'text.large', value: { stringValue: 'ä'.repeat(50_000) } },
  { key: 'true', value: { boolValue: true } },
  { key: 'false', value: { boolValue: false } },
  { key: 'int.zero', value: { intValue: '0' } },
  { key: 'int.least', value: { intValue: '-9223372036854775808' } },
  { key: 'int.most', value: { intValue: '9223372036854775807' } },
  { key: 'int.odd', value: { intValue: '9007199254740993' } },
  { key: 'double', value: { doubleValue: 0.1 } },
  { key: 'double.whole', value: { doubleValue: 1 } },
  { key: 'double.zero', value: { doubleValue: 0 } },
  { key: 'double.minus', value: { doubleValue: '-0' } },
  { key: 'double.nan', value: { doubleValue: 'NaN' } },
  { key: 'double.infinite', value: { doubleValue: 'Infinity' } },
  { key: 'double.below', value: { doubleValue: '-Infinity' } },
  { key: 'double.least', value: { doubleValue: 5e-324 } },
  { key: 'double.most', value: { doubleValue: 1.7976931348623157e308 } },
  { key: 'bytes', value: { bytesValue: 'AAEC/f7/' } },
  { key: 'bytes.empty', value: { bytesValue: '' } },
  { key: 'none', value: {} },
  { key: 'list.empty', value: { arrayValue: { values: [] } } },
  {
    key: 'list',
    value: {
      arrayValue: {
        values: [
          { stringValue: '' },
          {},
          { intValue: '9223372036854775807' },
          { doubleValue: '-0' },
          { bytesValue: '/w==' },
          { arrayValue: { values: [{ boolValue: false }] } },
          { kvlistValue: { values: [{ key: '', value: { doubleValue: 'NaN' } }] } },
        ],
      },
    },
  },
  { key: 'map.empty', value: { kvlistValue: { values: [] } } },
  {
    key: 'map',
    value: {
      kvlistValue: {
        values: [
          { key: 'z', value: { intValue: '1' } },
          { key: 'a', value: {} },
          { key: 'z', value: { stringValue: 'twice' } },
          { key: 'bytes', value: { bytesValue: 'AA==' } },
        ],
      },
    },
  },
  { key: 'deep', value: nested(20) },
  { key: '', value: { stringValue: 'without a key' } },
  { key: 'twice', value: { stringValue: 'one' } },
  { key: 'twice', value: { intValue: '2' } },
  { key: '__proto__', value: { stringValue: 'x' } },
  { key: 'nul\0in the key', value: { stringValue: 'x' } },
  { key: 'k'.repeat(300), value: { stringValue: 'x' } },
  { key: 'trace.trace_id', value: { stringValue: 'not the id' } },
  { key: 'service.name', value: { stringValue: 'of the span' } },
];

function nested(levels: number): object {
  return levels === 0
    ? { stringValue: 'inside' }
    : { kvlistValue: { values: [{ key: 'in', value: nested(levels - 1) }] } };
}

const some = [{ key: 'a', value: { intValue: '1' } }];
const MOST = 2 ** 32 - 1;
const nanos = (milliseconds: number) => String(at(milliseconds));

const scope = { name: 'shared', version: '1.2', attributes: some, droppedAttributesCount: 3 };
const cart = {
  attributes: [
    { key: 'service.name', value: { stringValue: 'cart' } },
    { key: 'host.id', value: { bytesValue: 'AAE=' } },
    ...attributes.filter(({ key }) => key.startsWith('map') || key.startsWith('double')),
  ],
  droppedAttributesCount: MOST,
  entityRefs: [
    {
      schemaUrl: 'https://example.com/1',
      type: 'service',
      idKeys: ['service.name'],
      descriptionKeys: ['map'],
    },
    { type: 'host', idKeys: ['host.id', ''] },
    {},
  ],
};
const shop = { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] };
const rate = [{ key: 'SampleRate', value: { intValue: '20' } }];

const whole = {
  traceId,
  spanId: id('whole'),
  traceState: 'ot=th:c;rv:abcdef01234567,vendor=a b',
  flags: 0x301,
  name: 'GET /\0 日本語',
  kind: 2,
  startTimeUnixNano: nanos(0),
  endTimeUnixNano: nanos(12.345678),
  attributes,
  droppedAttributesCount: 1,
  events: [
    { timeUnixNano: nanos(1), name: 'exception', attributes, droppedAttributesCount: 2 },
    { name: 'no time' },
    {},
  ],
  droppedEventsCount: MOST,
  links: [
    {
      traceId: id('linked', 16),
      spanId: id('linked'),
      traceState: 'a=b',
      attributes,
      droppedAttributesCount: 4,
      flags: 0x100,
    },
    {},
  ],
  droppedLinksCount: 5,
  status: { message: 'failed', code: 2 },
};
const bare = (name: string, more: object = {}) => {
  const times = { startTimeUnixNano: nanos(2), endTimeUnixNano: nanos(3) };
  return { traceId, spanId: id(name), parentSpanId: id('whole'), name, ...times, ...more };
};

/** Spans as other senders send them, with all that OTLP has: in its JSON, as exact as an export is to be. */
export const spans = {
  resourceSpans: [
    {
      resource: cart,
      scopeSpans: [
        {
          scope,
          spans: [
            whole,
            bare('once'),
            bare('once', { name: 'another one' }),
            bare('sampled', { attributes: rate }),
            bare('kind', { kind: 99, status: { code: 1 } }),
          ],
          schemaUrl: 'https://example.com/scope',
        },
      ],
      schemaUrl: 'https://opentelemetry.io/schemas/1.40.0',
    },
    {
      resource: shop,
      scopeSpans: [{ scope, spans: [bare('of shop'), bare('lost', { parentSpanId: id('nobody') })] }],
    },
    {
      resource: {},
      scopeSpans: [
        {
          scope: {},
          spans: [
            bare('before', { startTimeUnixNano: nanos(9), endTimeUnixNano: nanos(8) }),
            bare('far', { endTimeUnixNano: '18446744073709551615' }),
            bare('odd parent', { parentSpanId: 'abcd' }),
          ],
        },
      ],
    },
  ],
};

/** A span that says nothing of its time has that of its arrival. */
export const timeless = {
  resourceSpans: [
    {
      resource: {},
      scopeSpans: [{ scope: {}, spans: [{ traceId: id('no times', 16), spanId: id('no times') }] }],
    },
  ],
};

const bodies = attributes.map(({ value }) => value).filter((value) => Object.keys(value).length > 0);

/** Log records, in the same way. */
export const logs = {
  resourceLogs: [
    {
      resource: cart,
      scopeLogs: [
        {
          scope,
          logRecords: [
            {
              timeUnixNano: nanos(5),
              observedTimeUnixNano: nanos(6),
              severityNumber: 17,
              severityText: 'ERROR\0',
              attributes,
              droppedAttributesCount: 7,
              flags: 0x301,
              traceId,
              spanId: id('whole'),
              eventName: 'cart.refused',
              body: { kvlistValue: { values: attributes } },
            },
            { timeUnixNano: nanos(6), traceId },
            {
              timeUnixNano: nanos(6),
              attributes: [{ key: 'trace.trace_id', value: { stringValue: traceId } }],
            },
          ],
          schemaUrl: 'https://example.com/scope',
        },
      ],
      schemaUrl: 'https://opentelemetry.io/schemas/1.40.0',
    },
    {
      resource: shop,
      scopeLogs: [
        {
          scope: {},
          logRecords: [
            ...bodies.map((body, index) => ({ timeUnixNano: nanos(10 + index), body })),
            { observedTimeUnixNano: nanos(7), severityNumber: 99, attributes: rate },
            { timeUnixNano: nanos(8), traceId: id('without spans', 16), spanId: id('without spans') },
          ],
        },
      ],
    },
  ],
};
