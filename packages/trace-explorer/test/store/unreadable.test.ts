import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { openStore } from '../../src/store/store.ts';
import { storeSpans, temporaryDirectory } from '../spans.ts';

const FILE = 'explorer.duckdb';
const REMOVE = /explorer\.duckdb cannot be opened \(.*\): .*remove the file .*, or set another DATA_DIR/su;

t.test('a file that is no database is left as it is, and the error says to remove it', async (t) => {
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, FILE), 'no database');
  await t.rejects(openStore({ directory }), { name: 'StoreOpenError', message: REMOVE });
  t.equal(readFileSync(join(directory, FILE), 'utf8'), 'no database');
});

t.test('a file with a damaged block is left as it is, and the error says to remove it', async (t) => {
  const directory = temporaryDirectory(t);
  const store = await openStore({ directory });
  await storeSpans(store, [{}]);
  await store.close();
  const file = readFileSync(join(directory, FILE));
  // Beyond the headers: a checksum no longer fits.
  file.fill(0xff, 12_288, 20_000);
  writeFileSync(join(directory, FILE), file);
  await t.rejects(openStore({ directory }), { name: 'StoreOpenError', message: REMOVE });
  t.same(readFileSync(join(directory, FILE)), file);
});

t.test('a folder in place of the file is left as it is, and the error says what is expected', async (t) => {
  const directory = temporaryDirectory(t);
  mkdirSync(join(directory, FILE));
  await t.rejects(openStore({ directory }), {
    name: 'StoreOpenError',
    message: /explorer\.duckdb cannot be opened .*a store .* that this user may write to/su,
  });
  t.same(
    readdirSync(directory).filter((name) => name.startsWith('explorer')),
    [FILE],
  );
});
