import t from 'tap';
import type { Frame } from '../../../src/store/journal/frame.ts';
import {
  encodeFrame,
  FRAME_BYTES,
  findFrames,
  framesOf,
  recordOf,
} from '../../../src/store/journal/frame.ts';

const SALT = 0x1234_5678;

function record(seq: number, body: string | Buffer = `body of ${seq}`) {
  return {
    signal: seq % 2 === 0 ? 'logs' : 'traces',
    seq,
    rows: 3,
    received: 1_700_000_000_123,
    body: Buffer.from(body),
  } as const;
}

function bytesOf(frames: readonly Frame[]): Buffer {
  return Buffer.concat(frames.flatMap((frame) => encodeFrame(frame, SALT)));
}

/** The second is packed. */
const three = [1, 2 ** 40, 7].flatMap((seq, index) =>
  framesOf({ ...record(seq), ...(index === 1 && { packing: { coding: 'gzip', unpackedBytes: 5_000 } }) }),
);
const seqs = (bytes: Buffer) => findFrames(bytes, 0, SALT).frames.map(({ seq }) => seq);

t.test('frames are read back as they were written', async (t) => {
  t.same(findFrames(bytesOf(three), 0, SALT), { frames: three, damaged: 0, tailBytes: 0 });
  const [only] = framesOf(record(1, ''));
  t.same(findFrames(bytesOf([only as Frame]), 0, SALT).frames, [only], 'one without a body');
  const large = Buffer.alloc(2 * FRAME_BYTES + 1, 'large');
  const pieces = framesOf(record(4, large));
  t.same(
    pieces.map(({ piece, goesOn }) => [piece, goesOn]),
    [
      [0, true],
      [1, true],
      [2, false],
    ],
  );
  t.ok(Buffer.concat(findFrames(bytesOf(pieces), 0, SALT).frames.map(({ body }) => body)).equals(large));
});

t.test('a body is packed as it came, of whichever coding, and its last piece says so', async (t) => {
  for (const coding of ['gzip', 'deflate', 'zstd'] as const) {
    for (const body of ['packed', Buffer.alloc(FRAME_BYTES + 1, 'packed')]) {
      const packed = {
        ...record(4, body),
        dataset: 'named',
        packing: { coding, unpackedBytes: 2 ** 32 - 1 },
      };
      const { frames, damaged, tailBytes } = findFrames(bytesOf(framesOf(packed)), 0, SALT);
      t.same([damaged, tailBytes], [0, 0]);
      t.same(
        frames.map(({ packing }) => packing?.coding),
        [...frames.slice(1).map(() => undefined), coding],
      );
      const bodies = frames.map((frame) => frame.body);
      t.same(recordOf(frames.at(-1) as Frame, bodies), packed);
    }
  }
});

t.test('the dataset that a sender named is in a piece of its own, before the body', async (t) => {
  for (const body of ['', 'short', Buffer.alloc(FRAME_BYTES + 1, 'large')]) {
    const named = { ...record(4, body), dataset: 'ünnamed no more' };
    const { frames } = findFrames(bytesOf(framesOf(named)), 0, SALT);
    t.same(
      frames.map(({ piece, isNamed }) => [piece, isNamed]),
      frames.map((_, index) => [index, true]),
    );
    const last = frames.at(-1) as Frame;
    t.same(
      recordOf(
        last,
        frames.map(({ body }) => body),
      ),
      named,
    );
  }
  const [only] = framesOf(record(1));
  t.same(recordOf(only as Frame, [(only as Frame).body]), record(1));
});

t.test('a frame that ends too soon is the end, at whichever byte', async (t) => {
  const whole = bytesOf(three);
  const two = bytesOf(three.slice(0, 2));
  for (let end = two.byteLength; end < whole.byteLength; end++) {
    const { frames, damaged, tailBytes } = findFrames(whole.subarray(0, end), 0, SALT);
    if (frames.length !== 2 || damaged !== 0 || tailBytes !== end - two.byteLength) t.fail(`${end} bytes`);
  }
});

t.test('whichever bit of a frame is wrong, the others are read', async (t) => {
  const whole = bytesOf(three);
  const [first = 0, second = 0] = three.map((frame) => bytesOf([frame]).byteLength);
  for (let bit = first * 8; bit < (first + second) * 8; bit++) {
    const bytes = Buffer.from(whole);
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const { frames, damaged } = findFrames(bytes, 0, SALT);
    if (damaged !== 1 || frames.map(({ seq }) => seq).join() !== '1,7') t.fail(`bit ${bit}`);
  }
});

t.test('what a sender puts into a body does not pass for a frame', async (t) => {
  const inner = Buffer.concat(encodeFrame(framesOf(record(99))[0] as Frame, SALT + 1));
  const bytes = bytesOf([...framesOf(record(1, inner)), ...framesOf(record(2))]);
  t.same(seqs(bytes), [1, 2]);
  bytes[4] = (bytes[4] ?? 0) ^ 1;
  t.same(seqs(bytes), [2], 'nor when the frame around it is damaged');
});
