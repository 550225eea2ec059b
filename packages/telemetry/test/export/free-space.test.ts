import { join } from 'node:path';
import t from 'tap';
import { FreeSpace } from '../../src/export/free-space.ts';
import { temporaryDirectory } from './harness.ts';

const MIB = 1024 * 1024;

t.test('a tenth of the volume stays free, and at least 64 MiB', async (t) => {
  const cases = [
    { blocks: 10_000, bavail: 1_500, expected: 500 },
    { blocks: 200, bavail: 100, expected: 36 },
    { blocks: 200, bavail: 20, expected: -44 },
  ];
  for (const { expected, ...answer } of cases) {
    const space = new FreeSpace('/', async () => ({ bsize: MIB, ...answer }));
    t.equal(space.bytes, Number.POSITIVE_INFINITY);
    await space.ask();
    t.equal(space.bytes, expected * MIB);
    space.used(MIB);
    t.equal(space.bytes, (expected - 1) * MIB);
  }
});

t.test('it says how much is free, and how much of that stays free', async (t) => {
  const space = new FreeSpace('/data/spool', async () => ({ bsize: 1e9, blocks: 20_000, bavail: 1_500 }));
  t.equal(space.said, '');
  await space.ask();
  t.equal(
    space.said,
    ' /data/spool has 1500 GB free on its volume, and leaves 2000 GB of it to others: make room there, or set DATA_DIR.',
  );
});

t.test('what is written while the volume is asked counts', async (t) => {
  const space = new FreeSpace('/', async () => ({ bsize: MIB, blocks: 200, bavail: 100 }));
  const asked = space.ask();
  space.used(6 * MIB);
  await asked;
  t.equal(space.bytes, 30 * MIB);
});

t.test('a directory that is not there yet has the room of the nearest one that is', async (t) => {
  const space = new FreeSpace(join(temporaryDirectory(t), 'not', 'there'));
  await space.ask();
  t.ok(Number.isFinite(space.bytes));
});

t.test('a volume that does not tell is no limit', async (t) => {
  const space = new FreeSpace('/', () => Promise.reject(new Error('ENOSYS')));
  await space.ask();
  t.equal(space.bytes, Number.POSITIVE_INFINITY);
});
