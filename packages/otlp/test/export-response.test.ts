import t from 'tap';
import { encodeExportResponse } from '../src/export-response.ts';
import { decodeExportResponse } from '../testing/decode-export-response.ts';
import { LogsResponse, MetricsResponse, TraceResponse } from '../testing/index.ts';

const NOTHING = { rejected: 0, errorMessage: '' };

t.test('an empty answer means that everything was taken', async (t) => {
  t.same(decodeExportResponse('traces', new Uint8Array(), 'protobuf'), NOTHING);
  t.same(decodeExportResponse('traces', Uint8Array.of(0x0a, 0), 'protobuf'), NOTHING);
});

t.test('rejected spans and the reason are read, with unknown fields around them', async (t) => {
  const inner = [0x10 + 0x08, 1, 0x08, 0xac, 0x02, 0x12, 3, 0x6e, 0x6f, 0x21, 0x2d, 1, 2, 3, 4];
  const body = Uint8Array.of(0x79, 1, 2, 3, 4, 5, 6, 7, 8, 0x0a, inner.length, ...inner);
  t.same(decodeExportResponse('traces', body, 'protobuf'), { rejected: 300, errorMessage: 'no!' });
});

t.test('other bytes count as an empty answer', async (t) => {
  for (const text of [
    '{}',
    'OK',
    '{"partialSuccess":{}}',
    '<html>',
    '\u0000',
    '\n\u007f',
    '\n\u0005\u0008',
  ]) {
    t.same(decodeExportResponse('traces', Buffer.from(text), 'protobuf'), NOTHING, text);
  }
  t.same(decodeExportResponse('traces', Buffer.alloc(40, 0xff), 'protobuf'), NOTHING);
});

const SIGNALS = {
  traces: [TraceResponse, 'rejectedSpans'],
  logs: [LogsResponse, 'rejectedLogRecords'],
  metrics: [MetricsResponse, 'rejectedDataPoints'],
} as const;

t.test('a written answer is read back unchanged, in both encodings, for each signal', async (t) => {
  for (const signal of ['traces', 'logs', 'metrics'] as const) {
    const [Response, count] = SIGNALS[signal];
    for (const rejected of [1, 300, 2 ** 40]) {
      for (const errorMessage of ['', 'no', 'été '.repeat(100)]) {
        const partial = { rejected, errorMessage };
        for (const encoding of ['protobuf', 'json'] as const)
          t.strictSame(
            decodeExportResponse(signal, encodeExportResponse(signal, partial, encoding), encoding),
            partial,
          );
        const partialSuccess = { [count]: rejected, errorMessage };
        const read = Response.decode(encodeExportResponse(signal, partial, 'protobuf'));
        t.strictSame(Response.toObject(read, { longs: Number, defaults: true }), { partialSuccess });
        const bytes = Response.encode(Response.fromObject({ partialSuccess })).finish();
        t.strictSame(decodeExportResponse(signal, bytes, 'protobuf'), partial);
        const json = JSON.parse(Buffer.from(encodeExportResponse(signal, partial, 'json')).toString());
        t.strictSame(json, { partialSuccess: { ...partialSuccess, [count]: String(rejected) } });
      }
    }
  }
});

t.test('without refused items, there is no partial_success', async (t) => {
  t.equal(encodeExportResponse('traces', NOTHING, 'protobuf').length, 0);
  t.equal(Buffer.from(encodeExportResponse('traces', NOTHING, 'json')).toString(), '{}');
});

t.test('a warning without refused spans is read', async (t) => {
  const warning = { rejected: 0, errorMessage: 'deprecated' };
  const partialSuccess = { rejectedSpans: 0, errorMessage: 'deprecated' };
  const bytes = TraceResponse.encode(TraceResponse.fromObject({ partialSuccess })).finish();
  t.strictSame(decodeExportResponse('traces', bytes, 'protobuf'), warning);
  const json = Buffer.from(JSON.stringify({ partialSuccess: { errorMessage: 'deprecated' } }));
  t.strictSame(decodeExportResponse('traces', json, 'json'), warning);
});

t.test('other JSON counts as an empty answer', async (t) => {
  for (const text of ['', 'OK', '[]', '{"partialSuccess":5}', '{"partialSuccess":{"rejectedSpans":"-1"}}'])
    t.strictSame(decodeExportResponse('traces', Buffer.from(text), 'json'), NOTHING, text);
});
