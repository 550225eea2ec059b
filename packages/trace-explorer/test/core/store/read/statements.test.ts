import t from 'tap';
import { isRefused } from '../../../../src/core/failures.ts';
import { yieldToEventLoop } from '../../../../src/lib/node/task-queue.ts';
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

t.test('a statement that was made before a deletion of everything finds nothing', async (t) => {
  const store = await temporaryStore(t);
  const mixed = { text: 'north', integer: 7, float: 0.5, boolean: true };
  const fill = () => storeSpans(store, [{ attributes: mixed }]);
  const sqlOf = (name: string) => store.fields().get(name)?.sql;
  const statements = () =>
    Object.keys(mixed).flatMap((name) => [
      `SELECT ${sqlOf(name)}, _seq FROM spans`,
      `WITH s AS (SELECT max(${sqlOf(name)}) AS v FROM spans GROUP BY _dataset) SELECT v FROM s ORDER BY v`,
      `SELECT _seq FROM spans AS a WHERE a.${sqlOf(name)} IN (SELECT ${sqlOf(name)} FROM spans)`,
      `SELECT ${sqlOf(name)} AS v FROM spans WHERE contains(${sqlOf('text')}, $1) UNION ALL SELECT ${sqlOf(name)} FROM spans`,
    ]);
  const rowsOf = async (sql: string) => (await store.read(sql, sql.includes('$1') ? ['n'] : [])).rows;
  const made: string[] = [];
  for (let deletions = 0; deletions < 3; deletions++) {
    await fill();
    for (const sql of statements()) t.ok((await rowsOf(sql)).length > 0, sql);
    made.push(...statements());
    const total = `SELECT count(${sqlOf('text')}), max(${sqlOf('integer')}) FROM spans`;
    const deleting = store.delete({ all: true });
    t.same(await rowsOf(total), [[0, null]], 'also where it waits for the deletion');
    await deleting;
    await fill();
    for (const sql of made) t.same(await rowsOf(sql), [], sql);
    t.same(
      await rowsOf(`SELECT ${sqlOf('text')} FROM spans`),
      [['north']],
      'and a new one finds what came since',
    );
  }
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
  await yieldToEventLoop();
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
