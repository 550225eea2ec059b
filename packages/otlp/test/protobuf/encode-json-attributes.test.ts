import t from 'tap';
import type { MemberUse } from '../../src/protobuf/index.ts';
import {
  JsonAttributes,
  LogRecordFields,
  ProtobufWriter,
  writePlainAttribute,
} from '../../src/protobuf/index.ts';
import { generator } from '../../testing/index.ts';

const LIMIT = 128;
const attributes = new JsonAttributes();

/** The bytes of the members of an object in JSON; undefined for a text that has to be parsed. */
function copied(json: string, useOf: (name: string) => MemberUse = () => 'write', limit = LIMIT) {
  const writer = new ProtobufWriter();
  const count = attributes.write(writer, LogRecordFields.attributes, json, limit, { useOf });
  return count === -1 ? undefined : { count, bytes: writer.toBuffer().toString('hex') };
}

/** The same by way of JSON.parse. */
function parsed(json: string) {
  const writer = new ProtobufWriter();
  let count = 0;
  for (const [name, value] of Object.entries(JSON.parse(json) as object)) {
    if (value === null || name === '') continue;
    if (++count <= LIMIT) writePlainAttribute(writer, LogRecordFields.attributes, name, value);
  }
  return { count, bytes: writer.toBuffer().toString('hex') };
}

t.test('what is copied from the text is what parsing it gives, to the byte', (t) => {
  const long = 'x'.repeat(200);
  const objects: object[] = [
    { a: 1 },
    { text: 'plain', empty: '', long, umlaut: 'für 東京 😀', quoted: 'a "b" \\ c\nd', lone: '\ud800' },
    { int: 42, zero: 0, minus: -7, big: 2 ** 53 - 1, beyond: 1e300, half: 0.5, small: -1.5e-7, e: 1e21 },
    { yes: true, no: false, nothing: null, last: 'x' },
    {
      list: [1, 'a', null, [true, []], { b: 2, c: null }],
      none: [],
      object: {},
      map: { a: { b: { c: 1 } } },
    },
    { '': 'no name', 'dotted.name': 1, für: 2, ['n'.repeat(127)]: 3 },
    { 'in objects': { '': 1, 'a "b"': [{ 'c\n': 1 }].length } },
    Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`key-${index}`, index])),
    { [long]: 'a long value beside', text: `${long}${long}` },
  ];
  for (const object of objects) {
    const json = JSON.stringify(object);
    const found = copied(`${json}\n`);
    if (found !== undefined) t.strictSame(found, parsed(json), json.slice(0, 200));
  }
  t.ok(copied('{"a":"b"}'), 'the usual is copied');
  t.end();
});

t.test('objects at random: as parsed, or not for this writer', (t) => {
  let taken = 0;
  for (let seed = 1; seed <= 300; seed++) {
    const { pick, integer, text } = generator(seed);
    const value = (depth: number): unknown => {
      const kind = integer(0, depth > 3 ? 6 : 8);
      if (kind === 0) return integer(-1_000_000, 1_000_000);
      if (kind === 1) return integer(-1000, 1000) / 7;
      if (kind === 2) return pick([true, false, null]);
      if (kind === 6) return Array.from({ length: integer(0, 4) }, () => value(depth + 1));
      if (kind === 7) return object(depth + 1);
      return text();
    };
    const object = (depth: number): object =>
      Object.fromEntries(Array.from({ length: integer(1, 9) }, () => [text(), value(depth)]));
    const json = JSON.stringify(object(0));
    const found = copied(json);
    if (found === undefined) continue;
    taken++;
    t.strictSame(found, parsed(json), json);
  }
  t.ok(taken > 100, `${taken} were copied`);
  t.end();
});

t.test(
  'what it leaves to the parser: names twice or escaped, white space, deep, long and broken texts',
  (t) => {
    const deep = `${'['.repeat(20)}${']'.repeat(20)}`;
    for (const json of [
      '{"a":1,"b":2,"a":3}',
      '{"a\\"b":1}',
      '{ "a":1}',
      '{"a": 1}',
      '{"a":1 }',
      `{"a":${deep}}`,
      `{"a":"${'x'.repeat(9000)}"}`,
      '{"a":1',
      '{"a":"b}',
      '{"a"}',
      '{"a":}',
      '{"a":what}',
      '[1]',
      '{}',
      '',
    ])
      t.equal(copied(json), undefined, json.slice(0, 40));
    t.end();
  },
);

t.test('names are told apart also when there are more than it keeps', (t) => {
  for (let round = 0; round < 3; round++)
    for (let index = 0; index < 2_000; index += 10) {
      const object = Object.fromEntries(Array.from({ length: 10 }, (_, at) => [`name-${index + at}`, at]));
      const json = JSON.stringify(object);
      t.strictSame(copied(json), parsed(json));
      t.equal(copied(`${json.slice(0, -1)},"name-${index}":1}`), undefined, 'a name that stands twice');
    }
  t.end();
});

t.test('what a text begins with like one before is known, and is still told apart', (t) => {
  const known = new JsonAttributes();
  const asked: string[] = [];
  const read = (json: string, limit = LIMIT) => {
    const writer = new ProtobufWriter();
    const count = known.write(writer, LogRecordFields.attributes, json, limit, {
      useOf(name) {
        asked.push(name);
        return name === 'left out' ? 'skip' : 'write';
      },
      beginning: (end) => json.slice(0, end),
      behind: (beginning) => (json.startsWith(beginning) ? beginning.length : 0),
    });
    return count === -1 ? undefined : { count, bytes: writer.toBuffer().toString('hex') };
  };
  t.strictSame(read('{"a":1,"left out":2,"b":3}'), parsed('{"a":1,"b":3}'));
  asked.length = 0;
  t.strictSame(read('{"a":1,"left out":2,"c":"für"}'), parsed('{"a":1,"c":"für"}'));
  t.strictSame(read('{"a":1,"left out":2}'), parsed('{"a":1}'));
  t.strictSame(asked, ['c']);
  for (const json of ['{"a":1,"left out":2,"a":3}', '{"a":1,"left out":22,"b":3}', '{"a":1,"left out":2'])
    t.equal(read(json), undefined, json);
  t.strictSame(read('{"a":1,"left out":2,"b":3}', 0), { count: 2, bytes: '' });
  t.strictSame(read('{"ü":1,"left out":2,"b":3}'), parsed('{"ü":1,"b":3}'));
  for (let index = 0; index < 2_000; index++) read(`{"name-${index}":1}`);
  t.equal(read('{"a":1,"left out":2,"a":3}'), undefined, 'also when the name was forgotten');
  t.end();
});

t.test('the asker decides, and what is over the limit is counted', (t) => {
  const json = '{"level":30,"a":1,"b":"x","c":{"d":1}}';
  t.strictSame(
    copied(json, (name) => (name === 'level' ? 'skip' : 'write')),
    parsed('{"a":1,"b":"x","c":{"d":1}}'),
  );
  t.equal(
    copied(json, (name) => (name === 'c' ? 'stop' : 'write')),
    undefined,
  );
  t.strictSame(copied(json, undefined, 2), { ...parsed('{"level":30,"a":1}'), count: 4 });
  const asked: unknown[] = [];
  attributes.write(new ProtobufWriter(), 50, '{"n":30,"s":"für \\"x\\"","o":[1]}', LIMIT, {
    useOf(name, value) {
      asked.push([name, value.is('30'), value.isString('für "x"'), value.isString('30'), value.isComposite]);
      return 'skip';
    },
  });
  t.strictSame(asked, [
    ['n', true, false, false, false],
    ['s', false, true, false, false],
    ['o', false, false, false, true],
  ]);
  t.end();
});
