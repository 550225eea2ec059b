import { deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import t from 'tap';
import { heldBytes, MAX_BODY_BYTES, unpack, wholeBody } from '../../src/store/whole-body.ts';

const BODY = Buffer.from('GET /api/activities/home '.repeat(400));
const PACKED = [
  ['gzip', gzipSync(BODY)],
  ['gzip', Buffer.concat([gzipSync(BODY.subarray(0, 99)), gzipSync(BODY.subarray(99))])],
  ['deflate', deflateSync(BODY)],
  ['deflate', deflateRawSync(BODY)],
  ['zstd', zstdCompressSync(BODY)],
  ['zstd', Buffer.concat([zstdCompressSync(BODY.subarray(0, 99)), zstdCompressSync(BODY.subarray(99))])],
] as const;

t.test(
  'a packed body is kept as it came, counted with what it becomes, and unpacked to the byte',
  async (t) => {
    for (const [coding, came] of PACKED) {
      const whole = wholeBody(came, coding, BODY);
      t.equal(whole.bytes, came);
      t.equal(heldBytes(whole), came.byteLength + BODY.byteLength);
      t.ok(BODY.equals(unpack(whole)), coding);
    }
    const plain = wholeBody(BODY, undefined, BODY);
    t.equal(unpack(plain), BODY);
    t.equal(heldBytes(plain), BODY.byteLength);
  },
);

t.test(
  'what does not become the bytes that were packed is refused, and so is more than was ever taken',
  async (t) => {
    const packed = gzipSync(BODY);
    const { byteLength } = BODY;
    const gzip = (bytes: Buffer, unpackedBytes = byteLength) =>
      unpack({ bytes, packing: { coding: 'gzip', unpackedBytes } });
    const flipped = Buffer.from(packed);
    flipped[packed.byteLength >> 1] = ~(flipped[packed.byteLength >> 1] ?? 0);
    t.throws(() => gzip(flipped));
    t.throws(() => gzip(packed.subarray(0, -9)));
    t.throws(() => gzip(packed, byteLength - 1), { code: 'ERR_BUFFER_TOO_LARGE' });
    t.throws(() => gzip(packed, byteLength + 1), /were unpacked/);
    t.throws(() => gzip(gzipSync(Buffer.alloc(10)), 0));
    t.throws(() => gzip(packed, MAX_BODY_BYTES + 1), /never taken/);
    t.throws(() => unpack({ bytes: packed, packing: { coding: 'zstd', unpackedBytes: byteLength } }));
  },
);
