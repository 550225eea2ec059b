import { Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { encodeTraces, tracesToJson } from '@tandem/otlp';
import t from 'tap';
import { until } from '../../../../test/helpers/until.ts';
import { Intake } from '../../src/receiver/intake.ts';
import type { ExportRequest } from '../../src/store/export-request.ts';
import { itemCount } from '../../src/store/export-request.ts';
import type { WriteResult } from '../../src/store/types.ts';
import { decoded } from '../spans.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

t.test('what waits to be written is not kept in memory as decoded: the store has its rows', async (t) => {
  const { promise, resolve } = Promise.withResolvers<WriteResult>();
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
  resolve({ rows: 1, items: 1 });
  t.same(await taken, { accepted: 1, rejected: 0, rejectedReason: '' });
});

t.test(
  'a request goes with its bytes where they are all of it, in protobuf: packed as they came',
  async (t) => {
    const requests: ExportRequest[] = [];
    const intake = new Intake({
      store: {
        write: async (request) => {
          requests.push(request);
          return { rows: itemCount(request), items: itemCount(request) };
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
      requests.map(({ whole }) => whole),
      [{ bytes: body }, undefined, undefined],
    );

    requests.length = 0;
    const many = decoded(Array.from({ length: 100 }, (_, index) => ({ name: `span ${index}` })));
    const protobuf = Buffer.from(encodeTraces(many));
    const take = async (contentEncoding: string, sent: Buffer) => {
      await intake.take({ payload: Readable.from([sent]), encoding: 'protobuf', contentEncoding });
      return requests.pop()?.whole;
    };
    const unpackedBytes = protobuf.byteLength;
    for (const [name, coding, pack] of [
      ['gzip', 'gzip', gzipSync],
      ['X-GZip', 'gzip', gzipSync],
      ['deflate', 'deflate', deflateSync],
      ['deflate', 'deflate', deflateRawSync],
      ['zstd', 'zstd', zstdCompressSync],
    ] as const) {
      const sent = pack(protobuf);
      t.same(await take(name, sent), { bytes: sent, packing: { coding, unpackedBytes } }, name);
    }
    t.same(await take('identity', protobuf), { bytes: protobuf });
    t.same(await take('gzip', gzipSync(body)), { bytes: body }, 'of a few spans packing saves nothing');
    t.same(
      await take('gzip', gzipSync(protobuf, { level: 0 })),
      { bytes: protobuf },
      'nor if it makes more of it',
    );
    const spoilt = encodeTraces({ scopeSpans: [...many.scopeSpans, ...bad.scopeSpans] });
    t.equal(await take('gzip', gzipSync(spoilt)), undefined, 'a span was left out');
  },
);
