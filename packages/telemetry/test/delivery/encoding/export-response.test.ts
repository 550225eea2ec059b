import t from 'tap';
import { decodeExportResponse } from '../../../src/delivery/encoding/export-response.ts';

const NOTHING = { rejectedSpans: 0, message: '' };

t.test('an empty answer says that all was taken', async (t) => {
  t.same(decodeExportResponse(new Uint8Array()), NOTHING);
  t.same(decodeExportResponse(Uint8Array.of(0x0a, 0)), NOTHING);
});

t.test('rejected spans and the reason are read, past fields that are not known', async (t) => {
  const inner = [0x10 + 0x08, 1, 0x08, 0xac, 0x02, 0x12, 3, 0x6e, 0x6f, 0x21, 0x2d, 1, 2, 3, 4];
  const body = Uint8Array.of(0x79, 1, 2, 3, 4, 5, 6, 7, 8, 0x0a, inner.length, ...inner);
  t.same(decodeExportResponse(body), { rejectedSpans: 300, message: 'no!' });
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
    t.same(decodeExportResponse(Buffer.from(text)), NOTHING, text);
  }
  t.same(decodeExportResponse(Buffer.alloc(40, 0xff)), NOTHING);
});
