import t from 'tap';
import { decodeLogs, decodeTraces } from '../../src/decode.ts';
import { ProtobufReader } from '../../src/protobuf/reader.ts';

/** A varint with these low seven bits in each byte. */
function varint(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return [...bytes, Number(rest)];
}

/** Their low 32 bits are 0, 2 or more than the message has. */
const TOO_LONG = [2n ** 31n, 2n ** 32n, 2n ** 32n + 2n, 2n ** 35n + 2n, 2n ** 63n + 2n, 2n ** 64n - 1n];

const READS: Readonly<Record<string, (reader: ProtobufReader) => unknown>> = {
  text: (reader) => reader.text(),
  hex: (reader) => reader.hex(),
  slice: (reader) => reader.slice(),
  enter: (reader) => reader.enter(),
  skip: (reader) => reader.skip(2),
};

for (const [name, read] of Object.entries(READS))
  t.test(`${name}: a length that no message has is an end too early, not its low bits`, async (t) => {
    for (const length of TOO_LONG)
      t.throws(
        () => read(new ProtobufReader(Buffer.from([...varint(length), 1, 2, 3]))),
        { message: 'the message ends early' },
        String(length),
      );
    t.doesNotThrow(() => read(new ProtobufReader(Buffer.from([...varint(2n), 97, 98]))));
    t.doesNotThrow(
      () => read(new ProtobufReader(Buffer.from([0x82, 0x80, 0x00, 97, 98]))),
      'in more bytes than needed',
    );
  });

t.test('a length is read within its message', async (t) => {
  const reader = new ProtobufReader(Buffer.from([0, 5]));
  reader.enter();
  t.throws(() => reader.text(), { message: 'the message ends early' });
});

t.test('a body with such a length is refused', async (t) => {
  for (const length of TOO_LONG) {
    const bytes = Buffer.from([0x0a, ...varint(length), 0x12, 0]);
    t.throws(() => decodeTraces(bytes, 'protobuf'), /ends early/, String(length));
    t.throws(() => decodeLogs(bytes, 'protobuf'), /ends early/, String(length));
  }
});

for (const [name, read] of Object.entries({
  uint32: (reader: ProtobufReader) => reader.uint32(),
  int64: (reader: ProtobufReader) => reader.int64(),
}))
  t.test(`${name}: a varint that is cut at the end of its message ends early`, async (t) => {
    for (const cut of [[0x80], [0xff, 0xff], Array.from({ length: 9 }, () => 0xff)]) {
      t.throws(() => read(new ProtobufReader(Buffer.from(cut))), { message: 'the message ends early' });
      const inside = new ProtobufReader(Buffer.from([cut.length, ...cut, 1]));
      inside.enter();
      t.throws(() => read(inside), { message: 'the message ends early' }, 'another message follows');
    }
  });
