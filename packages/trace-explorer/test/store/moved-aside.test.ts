import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { moveAside } from '../../src/store/database.ts';
import { openStore } from '../../src/store/open-store.ts';
import { storeSpans, temporaryDirectory } from '../spans.ts';

const FILE = 'explorer.duckdb';

t.test('a damaged store is moved aside, is told of, and a new one begins', async (t) => {
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, FILE), 'no database');
  const told: { path: string; error: unknown }[] = [];
  const store = await openStore({
    directory,
    onMovedAside: (path, error) => told.push({ path, error }),
  });
  await storeSpans(store, [{}]);
  t.equal(store.stats().spans, 1);
  t.equal(told.length, 1);
  const path = told[0]?.path ?? '';
  t.match(path.slice(directory.length), /^\/explorer-[-\dT]+Z\.duckdb$/u);
  t.match(told[0]?.error, { name: 'StoreOpenError', message: /cannot be opened/u });
  t.equal(readFileSync(path, 'utf8'), 'no database');
  t.ok(store.stats().notices.some((text) => text.includes(path) && text.includes(`duckdb '${path}'`)));
  await store.close();

  const again = await openStore({ directory, onMovedAside: () => t.fail('there is nothing to move') });
  t.teardown(() => again.close());
  t.equal(again.stats().spans, 1);
  t.ok(
    again.stats().notices.some((text) => text.includes(path)),
    'it is told of as long as it lies there',
  );
});

t.test('a file with a block that does not fit its checksum is moved aside as it is', async (t) => {
  const directory = temporaryDirectory(t);
  const store = await openStore({ directory });
  await storeSpans(store, [{}]);
  await store.close();
  const file = readFileSync(join(directory, FILE));
  // Beyond the headers: a checksum no longer fits.
  file.fill(0xff, 12_288, 20_000);
  writeFileSync(join(directory, FILE), file);
  const moved: string[] = [];
  const again = await openStore({ directory, onMovedAside: (path) => moved.push(path) });
  t.teardown(() => again.close());
  t.equal(moved.length, 1);
  t.same(readFileSync(moved[0] ?? ''), file, 'as it was');
  t.equal(again.stats().spans, 0);
});

t.test('what was moved aside is never overwritten', async (t) => {
  const directory = temporaryDirectory(t);
  const now = new Date('2026-11-21T02:00:00.123Z');
  const names = [
    'explorer-2026-11-21T02-00-00Z',
    'explorer-2026-11-21T02-00-00Z-2',
    'explorer-2026-11-21T02-00-00Z-4',
  ];
  writeFileSync(join(directory, `${names[0]}.duckdb`), 'first');
  writeFileSync(join(directory, `${names[1]}.duckdb`), 'second');
  writeFileSync(join(directory, FILE), 'third');
  t.equal(moveAside(directory, now), join(directory, 'explorer-2026-11-21T02-00-00Z-3.duckdb'));
  writeFileSync(join(directory, FILE), 'fourth');
  t.equal(moveAside(directory, now), join(directory, `${names[2]}.duckdb`));
  t.equal(readFileSync(join(directory, `${names[0]}.duckdb`), 'utf8'), 'first');
});

t.test('a file that may not be read is left where it is', async (t) => {
  const directory = temporaryDirectory(t);
  // A folder in its place: unlike permissions, that stops root too.
  mkdirSync(join(directory, FILE));
  await t.rejects(openStore({ directory, onMovedAside: () => t.fail('moved') }), {
    name: 'StoreOpenError',
    message: /explorer\.duckdb cannot be opened/u,
  });
  t.same(
    readdirSync(directory).filter((name) => name.startsWith('explorer')),
    [FILE],
  );
});
