import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import t from 'tap';
import { until } from '../../../../../../test/helpers/until.ts';
import { openStore } from '../../../../src/core/store/store.ts';
import { storeSpans, temporaryDirectory, WHOLE_FILE } from '../../../spans.ts';

const FILE = 'explorer.duckdb';
const REMOVE = /explorer\.duckdb cannot be opened \(.*\): .*remove the file .*, or set another DATA_DIR/su;

t.test('a file that is no database is left as it is, and the error says to remove it', async (t) => {
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, FILE), 'no database');
  await t.rejects(openStore({ directory }), { name: 'StoreOpenError', message: REMOVE });
  t.equal(readFileSync(join(directory, FILE), 'utf8'), 'no database');
});

const OTHER_VERSIONS = {
  'of another version': ['UPDATE store_layout SET version = 1'],
  'of a version whose layout lacks a column': [
    'UPDATE store_layout SET version = 1',
    'ALTER TABLE store_layout DROP COLUMN next_seq',
  ],
  'from before layouts had a version': ['DROP TABLE store_layout'],
} as const;

for (const [what, changes] of Object.entries(OTHER_VERSIONS)) {
  t.test(`a store ${what} is left as it is, and the error says how to keep its traces`, async (t) => {
    const directory = temporaryDirectory(t);
    await (await openStore({ directory, ...WHOLE_FILE })).close();
    const instance = await DuckDBInstance.create(join(directory, FILE));
    const connection = await instance.connect();
    for (const change of changes) await connection.run(change);
    connection.closeSync();
    instance.closeSync();
    const file = readFileSync(join(directory, FILE));
    await t.rejects(openStore({ directory }), {
      name: 'StoreOpenError',
      message:
        /another version of the explorer wrote it; started once more, that version can export its traces/,
    });
    t.same(readFileSync(join(directory, FILE)), file);
  });
}

t.test('a file with a damaged block is left as it is, and the error says to remove it', async (t) => {
  const directory = temporaryDirectory(t);
  const store = await openStore({ directory, ...WHOLE_FILE });
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

t.test(
  'a damaged block that a reader meets is told of in log and notices, with the file to remove',
  async (t) => {
    const directory = temporaryDirectory(t);
    const store = await openStore({ directory, ...WHOLE_FILE });
    const payload = () => Buffer.from(crypto.getRandomValues(new Uint8Array(300))).toString('hex');
    for (let i = 0; i < 10; i++)
      await storeSpans(
        store,
        Array.from({ length: 400 }, () => ({ attributes: { payload: payload() } })),
      );
    await store.close();
    const whole = readFileSync(join(directory, FILE));
    /** Opens the store with damage at a place; undefined where the start meets the damage already. */
    const openDamaged = async (at: number) => {
      writeFileSync(join(directory, FILE), Buffer.from(whole).fill(0xff, at, at + 1_000));
      const said: string[] = [];
      const onFailure = (_: string, error: unknown) => said.push(String(error));
      const damaged = await openStore({ directory, onFailure }).catch(() => undefined);
      return damaged && { damaged, said };
    };
    let found: Awaited<ReturnType<typeof openDamaged>>;
    for (let at = whole.byteLength - 20_000; found === undefined && at > 0; at -= 32_768 * 3)
      found = await openDamaged(at);
    if (found === undefined) throw new Error('the start reads every block');
    const { damaged, said } = found;
    t.teardown(() => damaged.close());
    const refused = { code: 'STORE_DAMAGED', message: /damaged.* until a person removes the file/ };
    await t.rejects(damaged.read('SELECT * FROM spans'), refused);
    await until(() => said.length > 1);
    t.match(said.at(-1), REMOVE);
    t.match(damaged.stats().notices, [/until it opens again the store takes .*remove the file /su]);
    await t.rejects(damaged.read('SELECT 1'), refused);
    await t.rejects(storeSpans(damaged, [{}]), refused, 'senders, too');
  },
);
