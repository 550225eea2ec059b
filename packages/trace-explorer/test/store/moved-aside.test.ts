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
  const told: string[] = [];
  const store = await openStore({ directory, onLost: (sentence) => told.push(sentence) });
  await storeSpans(store, [{}]);
  t.equal(store.stats().spans, 1);
  const path = movedTo(directory);
  t.match(told, [/^The store cannot be read \(.*cannot be opened/u]);
  t.ok(
    told[0]?.includes(`It was moved to ${path}`) && told[0].includes(`duckdb '${path}'`),
    'and says how it can be read',
  );
  t.equal(readFileSync(path, 'utf8'), 'no database');
  t.same(store.stats().notices, told);
  await store.close();

  const again = await openStore({ directory, onLost: (sentence) => t.fail(sentence) });
  t.teardown(() => again.close());
  t.equal(again.stats().spans, 1);
});

/** Where the one store is that was moved. */
function movedTo(directory: string): string {
  const [name = '', ...others] = readdirSync(directory).filter((name) =>
    /^explorer-[-\dT]+Z\.duckdb$/u.test(name),
  );
  return others.length === 0 ? join(directory, name) : '';
}

t.test('a file with a block that does not fit its checksum is moved aside as it is', async (t) => {
  const directory = temporaryDirectory(t);
  const store = await openStore({ directory });
  await storeSpans(store, [{}]);
  await store.close();
  const file = readFileSync(join(directory, FILE));
  // Beyond the headers: a checksum no longer fits.
  file.fill(0xff, 12_288, 20_000);
  writeFileSync(join(directory, FILE), file);
  const again = await openStore({ directory });
  t.teardown(() => again.close());
  t.same(readFileSync(movedTo(directory)), file, 'as it was');
  t.equal(again.stats().spans, 0);
});

t.test('what was moved aside is never overwritten', async (t) => {
  const directory = temporaryDirectory(t);
  const now = new Date('2026-11-21T02:00:00.123Z');
  const names = [
    'explorer-2026-11-21T02-00-00Z',
    'explorer-2026-11-21T02-00-00Z-2',
    'explorer-2026-11-21T02-00-00Z-3',
    'explorer-2026-11-21T02-00-00Z-4',
  ];
  writeFileSync(join(directory, `${names[0]}.duckdb`), 'first');
  writeFileSync(join(directory, `${names[1]}.duckdb`), 'second');
  writeFileSync(join(directory, FILE), 'third');
  moveAside(directory, now, new Error('damaged'));
  writeFileSync(join(directory, FILE), 'fourth');
  moveAside(directory, now, new Error('damaged'));
  for (const [index, content] of ['first', 'second', 'third', 'fourth'].entries())
    t.equal(readFileSync(join(directory, `${names[index]}.duckdb`), 'utf8'), content);
});

t.test('a file that may not be read is left where it is', async (t) => {
  const directory = temporaryDirectory(t);
  // A folder in its place: unlike permissions, that stops root too.
  mkdirSync(join(directory, FILE));
  await t.rejects(openStore({ directory, onLost: (sentence) => t.fail(sentence) }), {
    name: 'StoreOpenError',
    message: /explorer\.duckdb cannot be opened/u,
  });
  t.same(
    readdirSync(directory).filter((name) => name.startsWith('explorer')),
    [FILE],
  );
});
