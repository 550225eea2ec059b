import t from 'tap';
import { parseDocuments } from '../../../../src/core/files/foreign/foreign-documents.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const MICROS = 1_795_723_881_547_123;

/** The documents of a text, as objects. */
const read = (value: unknown) => parseDocuments(JSON.stringify(value)).map((each) => JSON.parse(each));
const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });

t.test('a trace that Jaeger’s page has saved has each span with its service, times, parent and tags', (t) => {
  const parent = { refType: 'CHILD_OF', traceID: TRACE, spanID: 'b7ad6b7169203331' };
  const link = { refType: 'FOLLOWS_FROM', traceID: '1', spanID: '2' };
  const [document] = read({
    data: [
      {
        traceID: TRACE,
        spans: [
          {
            traceID: TRACE,
            spanID: 'ad6b7169203331',
            operationName: 'GET /x',
            references: [link, parent],
            startTime: MICROS,
            duration: 50,
            tags: [
              { key: 'span.kind', type: 'string', value: 'server' },
              { key: 'error', type: 'bool', value: true },
              { key: 'http.status_code', type: 'int64', value: 500 },
              { key: 'otel.status_description', type: 'string', value: 'it broke' },
            ],
            logs: [
              {
                timestamp: MICROS + 1,
                fields: [
                  { key: 'event', value: 'exception' },
                  { key: 'n', value: 1 },
                ],
              },
            ],
            processID: 'p1',
          },
        ],
        processes: { p1: { serviceName: 'shop', tags: [{ key: 'host.name', type: 'string', value: 'h' }] } },
      },
    ],
  });
  t.same(document.resourceSpans, [
    {
      resource: { attributes: [text('service.name', 'shop'), text('host.name', 'h')] },
      scopeSpans: [
        {
          spans: [
            {
              traceId: TRACE,
              spanId: '00ad6b7169203331',
              parentSpanId: 'b7ad6b7169203331',
              name: 'GET /x',
              kind: 2,
              startTimeUnixNano: `${MICROS}000`,
              endTimeUnixNano: `${MICROS + 50}000`,
              attributes: [{ key: 'http.status_code', value: { intValue: '500' } }],
              events: [
                {
                  timeUnixNano: `${MICROS + 1}000`,
                  name: 'exception',
                  attributes: [{ key: 'n', value: { intValue: '1' } }],
                },
              ],
              links: [{ traceId: '1'.padStart(32, '0'), spanId: '2'.padStart(16, '0') }],
              status: { code: 2, message: 'it broke' },
            },
          ],
        },
      ],
    },
  ]);
  t.end();
});

t.test('spans of Zipkin, in one list or in a list for each trace, are grouped by their service', (t) => {
  const span = (id: string, more: object) => ({
    traceId: 'c116',
    id,
    timestamp: MICROS,
    duration: 7,
    ...more,
  });
  const spans = [
    span('1', {
      name: 'get',
      kind: 'CLIENT',
      localEndpoint: { serviceName: 'a' },
      remoteEndpoint: { serviceName: 'b', port: 80 },
    }),
    span('2', {
      parentId: '1',
      kind: 'SERVER',
      localEndpoint: { serviceName: 'b' },
      tags: { error: 'refused', 'http.path': '/' },
    }),
    span('3', { localEndpoint: { serviceName: 'a' }, annotations: [{ timestamp: MICROS, value: 'sent' }] }),
  ];
  for (const value of [spans, [spans.slice(0, 1), spans.slice(1)]]) {
    const [{ resourceSpans }, more] = read(value);
    t.equal(more, undefined, 'one document');
    t.match(resourceSpans, [
      {
        resource: { attributes: [text('service.name', 'a')] },
        scopeSpans: [
          {
            spans: [
              {
                traceId: 'c116'.padStart(32, '0'),
                kind: 3,
                name: 'get',
                startTimeUnixNano: `${MICROS}000`,
                endTimeUnixNano: `${MICROS + 7}000`,
                attributes: [
                  text('peer.service', 'b'),
                  { key: 'network.peer.port', value: { intValue: '80' } },
                ],
              },
              { kind: 1, events: [{ name: 'sent' }] },
            ],
          },
        ],
      },
      {
        resource: { attributes: [text('service.name', 'b')] },
        scopeSpans: [
          {
            spans: [
              {
                parentSpanId: '1'.padStart(16, '0'),
                kind: 2,
                status: { code: 2, message: 'refused' },
                attributes: [text('error', 'refused'), text('http.path', '/')],
              },
            ],
          },
        ],
      },
    ]);
  }
  t.end();
});

t.test('a status is what the tags of clients and of OpenTelemetry’s exporters say', (t) => {
  for (const [tags, status] of [
    [{ error: 'true' }, { code: 2, message: '' }],
    [{ error: 'false' }, undefined],
    [{ 'otel.status_code': 'OK', error: 'x' }, { code: 1 }],
    [
      { 'otel.status_code': 'ERROR', error: 'no stock' },
      { code: 2, message: 'no stock' },
    ],
    [{}, undefined],
  ] as const) {
    const [{ resourceSpans }] = read([{ traceId: '1', id: '1', tags }]);
    t.same(resourceSpans[0].scopeSpans[0].spans[0].status, status, JSON.stringify(tags));
  }
  t.end();
});

t.test('OTLP JSON is found in a list, in lines of Java’s logging exporters, and as it is', (t) => {
  const spans = { resource: {}, scopeSpans: [{ spans: [] }] };
  const logs = { resource: {}, scopeLogs: [{ logRecords: [] }] };
  t.same(read([{ resourceSpans: [spans] }, { resourceLogs: [logs] }]), [
    { resourceSpans: [spans] },
    { resourceLogs: [logs] },
  ]);
  t.same(
    parseDocuments([spans, logs].map((each) => JSON.stringify(each)).join('\n')).map((each) =>
      JSON.parse(each),
    ),
    [{ resourceSpans: [spans] }, { resourceLogs: [logs] }],
  );
  t.end();
});

t.test('a known form that is not read is refused by its name; other content has nothing', (t) => {
  t.throws(() => read([{ Name: 'a', SpanContext: {}, StartTime: '' }]), {
    message: /stdouttrace.*otlptracehttp/,
  });
  t.throws(() => read([{ time: '', data: { name: 'a' } }]), { message: /events of Honeycomb/ });
  for (const value of [
    {},
    [],
    [[]],
    [1],
    'a',
    null,
    { hello: 1 },
    { data: [1, { traceID: 'a' }] },
    { constructor: 1 },
  ])
    t.same(read(value), [], JSON.stringify(value));
  t.same(parseDocuments('[2026-11-26] started'), []);
  t.end();
});

t.test('members of the wrong type are left to the receiver, which refuses the span', (t) => {
  for (const odd of [null, 1, 'x', [], {}, -1, 1e300]) {
    t.doesNotThrow(() =>
      read({
        traceID: 'a',
        spans: [odd, { references: odd, tags: odd, logs: odd, startTime: odd, process: odd }],
      }),
    );
    t.doesNotThrow(() =>
      read([{ traceId: 'a', id: 'b', tags: odd, annotations: odd, timestamp: odd, localEndpoint: odd }]),
    );
  }
  t.end();
});
