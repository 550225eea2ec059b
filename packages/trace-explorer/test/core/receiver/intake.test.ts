import { randomBytes } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { constants, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { encodeTraces, tracesToJson } from '@tandem/otlp';
import t from 'tap';
import { until } from '../../../../../test/helpers/until.ts';
import { Failure } from '../../../src/core/failures.ts';
import { codingOf, decompress } from '../../../src/core/receiver/body.ts';
import { Intake } from '../../../src/core/receiver/intake.ts';
import type { ExportRequest } from '../../../src/core/store/store.ts';
import { decoded } from '../../spans.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

t.test('what waits to be written is not kept in memory as decoded: the store has its rows', async (t) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let request: WeakRef<ExportRequest> | undefined;
  const intake = new Intake({
    store: {
      write: (part) => {
        request = new WeakRef(part);
        return promise;
      },
    },
  });
  const payload = Readable.from([encodeTraces(decoded([{ name: 'waits' }]))]);
  const taken = intake.take({ payload, encoding: 'protobuf' });
  await until(() => request !== undefined);
  await until(() => {
    collectGarbage();
    return request?.deref() === undefined;
  });
  resolve();
  t.same(await taken, { accepted: 1, rejected: 0, rejectedReason: '' });
});

t.test(
  'once it closes, a body that arrives or has arrived in part is refused, and one under way is stored',
  async (t) => {
    const { promise: stored, resolve: store } = Promise.withResolvers<void>();
    let writes = 0;
    const intake = new Intake({
      store: {
        write: () => {
          writes++;
          return stored;
        },
      },
    });
    const take = (payload: Readable) => intake.take({ payload, encoding: 'protobuf' });
    const body = () => encodeTraces(decoded([{ name: 'span' }]));
    const underWay = take(Readable.from([body()]));
    await until(() => writes === 1);
    const half = new PassThrough();
    half.write(body().subarray(0, 10));
    const arriving = take(half);
    const closed = intake.close();
    half.end(body().subarray(10));
    await t.rejects(arriving, { code: 'STORE_CLOSED' });
    await t.rejects(take(Readable.from([body()])), { code: 'STORE_CLOSED' });
    store();
    t.match(await underWay, { accepted: 1 });
    await closed;
    t.equal(writes, 1);
  },
);

t.test('once it closes, the rest of a large body is not offered to a busy store any longer', async (t) => {
  let offers = 0;
  const intake = new Intake({
    store: {
      write: async () => {
        if (++offers > 1) throw new Failure('STORE_BUSY');
      },
    },
  });
  const spans = decoded(Array.from({ length: 5_000 }, (_, index) => ({ name: `span ${index}` })));
  const taken = intake.take({ payload: Readable.from([encodeTraces(spans)]), encoding: 'protobuf' });
  const refused = t.rejects(taken, { code: 'STORE_CLOSED' });
  await until(() => offers > 1);
  await intake.close();
  await refused;
  t.ok(offers < 5, `${offers} offers: one in each second`);
});

t.test('a request goes with its bytes where they are all of it, in protobuf', async (t) => {
  const requests: ExportRequest[] = [];
  const intake = new Intake({
    store: {
      write: async (request) => {
        requests.push(request);
      },
    },
  });
  const two = decoded([{ name: 'a' }, { name: 'b' }]);
  const body = Buffer.from(encodeTraces(two));
  const bad = { ...decoded([{ name: 'bad', spanId: '0'.repeat(16) }]) };
  const json = JSON.stringify(tracesToJson(two.scopeSpans));
  await intake.take({ payload: Readable.from([body]), encoding: 'protobuf' });
  await intake.take({ payload: Readable.from([Buffer.from(json)]), encoding: 'json' });
  const withBad = encodeTraces({ scopeSpans: [...two.scopeSpans, ...bad.scopeSpans] });
  t.match(await intake.take({ payload: Readable.from([withBad]), encoding: 'protobuf' }), { rejected: 1 });
  t.same(
    requests.map((request) => request.body),
    [body, undefined, undefined],
  );

  requests.length = 0;
  const many = decoded(Array.from({ length: 100 }, (_, index) => ({ name: `span ${index}` })));
  const protobuf = Buffer.from(encodeTraces(many));
  const take = async (contentEncoding: string, sent: Buffer) => {
    await intake.take({ payload: Readable.from([sent]), encoding: 'protobuf', contentEncoding });
    return requests.pop()?.body;
  };
  for (const name of ['gzip', 'X-GZip'])
    t.same(await take(name, gzipSync(protobuf)), gzipSync(protobuf), `${name}: as it came`);
  t.same(await take('gzip', gzipSync(body)), body, 'a small one is kept unpacked');
  for (const [name, pack] of [
    ['deflate', deflateSync],
    ['zstd', zstdCompressSync],
    ['identity', (bytes: Buffer) => bytes],
  ] as const)
    t.same(await take(name, pack(protobuf)), protobuf, name);
  const spoilt = encodeTraces({ scopeSpans: [...many.scopeSpans, ...bad.scopeSpans] });
  t.equal(await take('gzip', gzipSync(spoilt)), undefined, 'a span was left out');
});

const CODINGS = {
  gzip: gzipSync,
  deflate: deflateSync,
  zstd: zstdCompressSync,
} as const;
const MAX_BYTES = 8 * 1024 * 1024;
/** One that is unpacked at once, one that becomes too large for it, and one that is too large as it comes. */
const BODIES = {
  'a usual one': Buffer.from('GET /api/activities/home '.repeat(400)),
  'a small one that becomes large': Buffer.alloc(5_000_000, 'x'),
  'a large one': randomBytes(300_000),
} as const;

for (const [coding, pack] of Object.entries(CODINGS)) {
  t.test(`${coding}: bodies of all sizes come out as they were`, async (t) => {
    const named = codingOf(coding);
    for (const [name, body] of Object.entries(BODIES)) {
      const unpacked = await decompress(pack(body), named, MAX_BYTES);
      t.ok(unpacked.equals(body), name);
      await t.rejects(
        decompress(pack(body), named, body.byteLength - 1),
        { message: /is larger than/ },
        `${name}: one byte more than may be`,
      );
      const cut = pack(body).subarray(0, -9);
      await t.rejects(
        decompress(cut, named, MAX_BYTES),
        { message: /the body is not valid / },
        `${name}: cut off`,
      );
    }
  });
}

t.test('gzip: members one after the other, and a length at the end that is not true', async (t) => {
  const body = BODIES['a usual one'];
  const members = Buffer.concat([gzipSync(body), gzipSync(body)]);
  const unpacked = await decompress(members, 'gzip', MAX_BYTES);
  t.ok(unpacked.equals(Buffer.concat([body, body])));
  const lying = gzipSync(body);
  lying.writeUInt32LE(1, lying.byteLength - 4);
  await t.rejects(decompress(lying, 'gzip', MAX_BYTES), { message: /the body is not valid gzip/ });
});

t.test('deflate means zlib’s format: a body without its header is refused', async (t) => {
  const raw = deflateRawSync(BODIES['a usual one']);
  await t.rejects(decompress(raw, 'deflate', MAX_BYTES), { message: /the body is not valid deflate/ });
});

t.test('zstd: a body that is cut off at any place is refused', async (t) => {
  const withChecksum = { params: { [constants.ZSTD_c_checksumFlag]: 1 } };
  for (const options of [{}, withChecksum]) {
    const body = zstdCompressSync(Buffer.concat([randomBytes(200_000), Buffer.alloc(300_000, 'x')]), options);
    t.equal((await decompress(body, 'zstd', MAX_BYTES)).byteLength, 500_000);
    const places = [
      ...Array(20).keys(),
      ...Array.from({ length: 100 }, (_, index) => body.byteLength - 1 - index * 997),
    ];
    for (const at of places.filter((at) => at > 0))
      await t.rejects(
        decompress(body.subarray(0, at), 'zstd', MAX_BYTES),
        { message: /is not valid zstd/ },
        `${at}`,
      );
  }
});

t.test('zstd: frames one after the other are one body', async (t) => {
  const pack = (texts: readonly (string | Buffer)[]) =>
    Buffer.concat(texts.map((text) => zstdCompressSync(text)));
  const small = ['GET /api/', 'activities', '/home'];
  t.equal((await decompress(pack(small), 'zstd', MAX_BYTES)).toString(), small.join(''));
  const large = [randomBytes(300_000), Buffer.alloc(3_000_000, 'x'), randomBytes(10)];
  const unpacked = await decompress(pack(large), 'zstd', MAX_BYTES);
  t.ok(unpacked.equals(Buffer.concat(large)));
  for (const body of [small, large]) {
    const bytes = body.reduce((sum, { length }) => sum + length, 0);
    await t.rejects(decompress(pack(body), 'zstd', bytes - 1), { message: /is larger than/ });
    const damaged = Buffer.concat([pack(body), Buffer.from('no frame')]);
    await t.rejects(decompress(damaged, 'zstd', MAX_BYTES), { message: /is not valid zstd/ });
  }
  const withoutData = Buffer.from('532a4d1803000000616263', 'hex');
  const between = Buffer.concat([withoutData, pack(['one']), withoutData, pack(['two'])]);
  t.equal((await decompress(between, 'zstd', MAX_BYTES)).toString(), 'onetwo');
  const many = pack(Array.from({ length: 257 }, () => 'x'));
  await t.rejects(decompress(many, 'zstd', MAX_BYTES), { message: /more than 256 frames/ });
});
