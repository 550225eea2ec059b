import t from 'tap';
import { attributesOf, decodeSpan, encodeSpan } from '../../src/index.ts';
import { ByteCache } from '../../src/protobuf/byte-cache.ts';

const MAX_LENGTH = 48;

t.test('the same bytes at any place give the kept value, other bytes none', async (t) => {
  for (let length = 1; length <= MAX_LENGTH; length++) {
    const cache = new ByteCache<string>(MAX_LENGTH);
    const view = new DataView(Buffer.alloc(length + 8, 'abcdefg').buffer);
    for (let at = 0; at < length; at++) view.setUint8(at, at + 1);
    const slot = cache.slotOf(view, 0, length);
    cache.keep(slot, view, 0, length, 'not yet');
    t.equal(cache.get(slot, view, 0, length), undefined, 'bytes that came once are not kept');
    cache.keep(slot, view, 0, length, 'kept');

    const moved = new DataView(new ArrayBuffer(length + 3));
    for (let at = 0; at < length; at++) moved.setUint8(at + 3, at + 1);
    t.equal(cache.slotOf(moved, 3, length + 3), slot);
    t.equal(cache.get(slot, moved, 3, length + 3), 'kept');

    let found = 0;
    for (let at = 0; at < length; at++) {
      view.setUint8(at, 0xff);
      if (cache.get(slot, view, 0, length) !== undefined) found++;
      view.setUint8(at, at + 1);
    }
    t.equal(found, 0, 'another byte at any place');
    t.equal(cache.get(slot, view, 0, length - 1), undefined, 'fewer bytes');
    t.equal(cache.get(slot, view, 0, length + 1), undefined, 'more bytes');
  }
});

t.test('bytes that come once do not replace bytes that come often', async (t) => {
  const cache = new ByteCache<string>(MAX_LENGTH);
  const view = new DataView(new ArrayBuffer(8));
  const slot = cache.slotOf(view, 0, 8);
  for (const value of ['met', 'kept']) cache.keep(slot, view, 0, 8, value);
  const other = new DataView(new ArrayBuffer(8));
  for (let n = 1; n < 20; n++) {
    other.setUint8(7, n);
    cache.keep(slot, other, 0, 8, 'other');
    t.equal(cache.get(slot, view, 0, 8), 'kept');
  }
  cache.keep(slot, other, 0, 8, 'another one');
  t.equal(cache.get(slot, other, 0, 8), 'another one');
});

t.test('empty and long bytes are not kept', async (t) => {
  const cache = new ByteCache<string>(MAX_LENGTH);
  const view = new DataView(new ArrayBuffer(100));
  t.equal(cache.slotOf(view, 7, 7), -1);
  t.equal(cache.slotOf(view, 0, MAX_LENGTH + 1), -1);
});

t.test('attributes that differ in one byte, or only in their kind, stay apart', async (t) => {
  const values = [1, '1', true, 1.5, 'GET', 'GEt', 'x'.repeat(70), `${'x'.repeat(69)}y`, 'ü', 'û', ''];
  for (const [round, value] of [...values, ...values].entries()) {
    const span = {
      ...decodeSpan(new Uint8Array()),
      attributes: attributesOf({ 'http.request.method': value, nested: [value, [value]] }),
    };
    t.same(decodeSpan(encodeSpan(span)).attributes, span.attributes, `round ${round}`);
  }
});

t.test('nested values count each time that they are read', async (t) => {
  const span = { ...decodeSpan(new Uint8Array()), attributes: attributesOf({ list: ['a', 'b', 'c'] }) };
  const raw = encodeSpan(span);
  const [first, second] = [decodeSpan(raw), decodeSpan(raw)];
  t.not(first.attributes[0], second.attributes[0], 'a list is read anew');
  t.same(first.attributes, second.attributes);
});
