import t from 'tap';
import { decodeTraceResponse, encodeTraceResponse } from '../src/trace-response.ts';
import { TraceResponse } from '../testing/index.ts';

const NOTHING = { rejectedSpans: 0, errorMessage: '' };

t.test('an empty answer says that all was taken', async (t) => {
  t.same(decodeTraceResponse(new Uint8Array(), 'protobuf'), NOTHING);
  t.same(decodeTraceResponse(Uint8Array.of(0x0a, 0), 'protobuf'), NOTHING);
});

t.test('rejected spans and the reason are read, past fields that are not known', async (t) => {
  const inner = [0x10 + 0x08, 1, 0x08, 0xac, 0x02, 0x12, 3, 0x6e, 0x6f, 0x21, 0x2d, 1, 2, 3, 4];
  const body = Uint8Array.of(0x79, 1, 2, 3, 4, 5, 6, 7, 8, 0x0a, inner.length, ...inner);
  t.same(decodeTraceResponse(body, 'protobuf'), { rejectedSpans: 300, errorMessage: 'no!' });
});

t.test('bytes that are no such answer say nothing', async (t) => {
  for (const text of [
    '{}',
    'OK',
    '{"partialSuccess":{}}',
    '<html>',
    '\u0000',
    '\n\u007f',
    '\n\u0005\u0008',
  ]) {
    t.same(decodeTraceResponse(Buffer.from(text), 'protobuf'), NOTHING, text);
  }
  t.same(decodeTraceResponse(Buffer.alloc(40, 0xff), 'protobuf'), NOTHING);
});

t.test('an answer is read back as it was, in both encodings', async (t) => {
  for (const rejectedSpans of [1, 300, 2 ** 40]) {
    for (const errorMessage of ['', 'no', 'été '.repeat(100)]) {
      const partialSuccess = { rejectedSpans, errorMessage };
      for (const encoding of ['protobuf', 'json'] as const)
        t.strictSame(
          decodeTraceResponse(encodeTraceResponse(partialSuccess, encoding), encoding),
          partialSuccess,
        );
      const read = TraceResponse.decode(encodeTraceResponse(partialSuccess, 'protobuf'));
      t.strictSame(TraceResponse.toObject(read, { longs: Number, defaults: true }), { partialSuccess });
      const bytes = TraceResponse.encode(TraceResponse.fromObject({ partialSuccess })).finish();
      t.strictSame(decodeTraceResponse(bytes, 'protobuf'), partialSuccess);
    }
  }
});

t.test('when nothing was refused, partial_success is not there at all', async (t) => {
  t.equal(encodeTraceResponse(NOTHING, 'protobuf').length, 0);
  t.equal(Buffer.from(encodeTraceResponse(NOTHING, 'json')).toString(), '{}');
});

t.test('a warning without refused spans is read', async (t) => {
  const warning = { rejectedSpans: 0, errorMessage: 'deprecated' };
  const bytes = TraceResponse.encode(TraceResponse.fromObject({ partialSuccess: warning })).finish();
  t.strictSame(decodeTraceResponse(bytes, 'protobuf'), warning);
  const json = Buffer.from(JSON.stringify({ partialSuccess: { errorMessage: 'deprecated' } }));
  t.strictSame(decodeTraceResponse(json, 'json'), warning);
});

t.test('JSON that is no such answer says nothing', async (t) => {
  for (const text of ['', 'OK', '[]', '{"partialSuccess":5}', '{"partialSuccess":{"rejectedSpans":"-1"}}'])
    t.strictSame(decodeTraceResponse(Buffer.from(text), 'json'), NOTHING, text);
});
