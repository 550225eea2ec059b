import { deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import type { DuckDBConnection } from '@duckdb/node-api';
import { DuckDBInstance } from '@duckdb/node-api';
import t from 'tap';
import { until } from '../../../../test/helpers/until.ts';
import { Checkpointer } from '../../src/store/checkpointer.ts';
import { createTables } from '../../src/store/database.ts';
import { Failures } from '../../src/store/failures.ts';
import { loadState } from '../../src/store/state.ts';
import { Upkeep } from '../../src/store/upkeep.ts';
import { heldBytes, MAX_BODY_BYTES, unpack, wholeBody } from '../../src/store/whole-body.ts';

/** Upkeep of a database in memory, on a connection that the test can close under it. */
async function upkeepOver(t: { teardown(fn: () => unknown): void }) {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run("ATTACH ':memory:' AS store");
  await connection.run('USE store');
  await createTables(connection);
  const state = await loadState(connection, { maxColumns: 100, memoryMb: 128 });
  const told: string[] = [];
  const failures = new Failures((task) => told.push(task));
  const open: { now: DuckDBConnection } = { now: connection };
  const upkeep = new Upkeep({
    state,
    failures,
    journal: { unpackedBytes: 0 },
    maxBytes: 1e9,
    maxAgeMs: 1e9,
    requireFile: () => {},
    writer: { exclusively: (task) => task(open.now) },
    checkpointer: new Checkpointer(() => connection.run('CHECKPOINT'), 1e9, failures),
  });
  t.teardown(() => upkeep.stop());
  return { upkeep, failures, told, open, instance };
}

t.test('upkeep that fails is told and shown, tried again, and no longer shown once it works', async (t) => {
  const { upkeep, failures, told, open, instance } = await upkeepOver(t);
  const working = open.now;
  const broken = await instance.connect();
  await broken.run('USE memory'); // no store there
  open.now = broken;
  await t.rejects(upkeep.run(), /does not exist/u);
  await t.rejects(upkeep.run(), /does not exist/u, 'a failed run leaves no transaction open');
  upkeep.start(5);
  await until(() => failures.notices().length === 1);
  t.match(failures.notices(), [/^Saving counts and dropping old traces fails.*Table .* does not exist/u]);
  t.same(told, ['upkeep']);
  open.now = working;
  await until(() => failures.notices().length === 0);
});

t.test('a failure is told once, and shown until the same task succeeds', async (t) => {
  const told: unknown[] = [];
  const failures = new Failures((task, error) => told.push([task, (error as Error).message]));
  const full = () => Promise.reject(new Error('No space left on device'));
  await failures.watch('upkeep', full);
  await failures.watch('upkeep', full);
  await failures.watch('checkpoint', async () => {});
  t.same(told, [['upkeep', 'No space left on device']]);
  t.match(failures.notices(), [
    /^Saving counts and dropping old traces fails.*: No space left on device\. It is/u,
  ]);

  await failures.watch('upkeep', () => Promise.reject(new Error('Out of memory')));
  t.equal(told.length, 2, 'another failure is told as well');
  await failures.watch('checkpoint', full);
  t.equal(failures.notices().length, 2);
  await failures.watch('upkeep', async () => {});
  t.match(failures.notices(), [/^Writing the store’s file fails/u]);
});

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
