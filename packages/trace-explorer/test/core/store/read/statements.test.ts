import t from 'tap';
import { isRefused } from '../../../../src/core/failures.ts';
import { nextTurn } from '../../../../src/core/shared/turns.ts';
import { storeSpans, temporaryStore } from '../../../spans.ts';

t.test('a mistake in a statement is told as what it is: no retry is promised', async (t) => {
  const store = await temporaryStore(t);
  await storeSpans(store, [{}]);
  const mistakes = [
    'SELECT no_such_column FROM spans',
    'SELECT f9999 FROM spans',
    'SELECT spans.no_such FROM spans',
    'SELECT rowid FROM (SELECT * FROM spans) AS spans',
    'SELECT f0 FROM (SELECT _seq FROM spans) AS spans',
  ];
  for (const sql of mistakes) await t.rejects(store.read(sql), { message: /^Binder Error/ }, sql);
});

t.test('a statement that was made before a deletion may come again', async (t) => {
  const store = await temporaryStore(t);
  await storeSpans(store, [{ attributes: { shop: 'north' } }]);
  const column = store.fields().get('shop')?.sql;
  const sql = `SELECT ${column} FROM spans`;
  await store.delete({ all: true });
  await storeSpans(store, [{ attributes: { shop: 'north' } }]);
  const refused = await store.read(sql).catch((error: unknown) => error);
  t.ok(isRefused(refused, 'STORE_BUSY'));
  t.not(store.fields().get('shop')?.sql, column);
});

t.test('others have their turn between the chunks of many rows', async (t) => {
  const store = await temporaryStore(t);
  let [taken, turns, ended] = [0, 0, false];
  let most = 0;
  const look = (before: number) => {
    most = Math.max(most, taken - before);
    turns++;
    const now = taken;
    if (!ended) setImmediate(() => look(now));
  };
  look(0);
  await store.read('SELECT range, hash(range) FROM range(300_000)', [], { take: () => void taken++ });
  await nextTurn();
  ended = true;
  t.equal(taken, 300_000);
  t.ok(most < 100_000, `${most} rows in one turn of ${turns}`);
});

t.test('reads that have too little memory side by side have enough one after the other', async (t) => {
  const store = await temporaryStore(t, { memoryMb: 100 });
  // About half of the memory, which cannot go to disk.
  const half = 'SELECT len(list(range)) FROM range(3_000_000)';
  const read = async () => (await store.read(half)).rows[0]?.[0];
  t.same(await Promise.all(Array.from({ length: 6 }, read)), Array(6).fill(3_000_000));
});

t.test('a store that closes ends the reads, those that run and those that wait', async (t) => {
  const store = await temporaryStore(t);
  const endless = 'SELECT sum(hash(range)) FROM range(1000000000000000)';
  const reads = Array.from({ length: 5 }, () => store.read(endless).catch((error: unknown) => error));
  await store.read('SELECT 1', [], { short: true });
  t.equal(store.stats().waitingReads, 3, 'two run');
  await store.endReads();
  for (const error of await Promise.all(reads)) t.ok(isRefused(error, 'STORE_CLOSED'), String(error));
});
