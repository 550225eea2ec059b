import t from 'tap';
import { copyAnyValue, copyAttributes } from '../../src/logs/any-value.ts';

t.test('names are data, whatever JavaScript makes of them', async (t) => {
  const attributes = JSON.parse('{"__proto__":"a","nested":{"__proto__":{"b":1}}}');
  t.equal(JSON.stringify(copyAttributes(attributes)), JSON.stringify(attributes));
  t.equal(JSON.stringify(copyAnyValue(attributes)), JSON.stringify(attributes));
  const named = { constructor: 'Ada', made: { constructor: { name: 'b' }, prototype: 1 } };
  t.equal(JSON.stringify(copyAttributes({ named })), JSON.stringify({ named }));
  t.same(copyAnyValue(Object.assign(Object.create(null), { a: 1 })), { a: 1 });
  t.equal(copyAnyValue(Object.assign(new Date(0), { constructor: Object })), undefined, 'is of a class');
});

t.test(
  'what has no value that an attribute may have is left out alone; in a value, it takes the value with it',
  async (t) => {
    const kept = { text: 'a', list: [1, true] };
    t.same(copyAttributes({ ...kept, big: 1n, made: new Date(0), within: { big: 1n } }), kept);
    t.equal(copyAnyValue({ ...kept, within: [{ big: 1n }] }), undefined);
  },
);
