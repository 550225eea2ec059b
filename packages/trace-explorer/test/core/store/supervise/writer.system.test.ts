import { readdirSync } from 'node:fs';
import t from 'tap';
import { until } from '../../../../../../test/helpers/until.ts';
import type { SpanStore } from '../../../../src/core/store/store.ts';
import { openStore } from '../../../../src/core/store/store.ts';
import { yieldToEventLoop } from '../../../../src/lib/node/task-queue.ts';
import { decoded, storeSpans, temporaryDirectory, temporaryStore } from '../../../spans.ts';
import { insteadOfNext, refuseDataset } from '../break-duckdb.ts';
import { afterKill } from '../large-span.ts';

const spans = (count: number, name: string, service = 'api') =>
  decoded(Array.from({ length: count }, (_, index) => ({ name: `${name} ${index}`, service })));

async function namesOf(store: SpanStore): Promise<unknown[]> {
  const name = store.fields().get('name')?.sql;
  return (await store.read(`SELECT ${name} FROM spans ORDER BY _seq`)).rows.flat();
}

/** The names, or undefined while the store asks to come later. */
function soon(store: SpanStore): Promise<unknown[] | undefined> {
  return namesOf(store).catch(() => undefined);
}

t.test('a request is answered before its rows are committed, and a reader sees them', async (t) => {
  const store = await temporaryStore(t);
  await storeSpans(store, [{}]);
  const { promise: committing, resolve: commit } = Promise.withResolvers<void>();
  const isCommitting = insteadOfNext(t, 'COMMIT', () => committing);
  await store.write(spans(2, 'answered'));
  await until(isCommitting);
  const writing = store.write(spans(1, 'meanwhile'));
  commit();
  await writing;
  t.same((await namesOf(store)).slice(1), ['answered 0', 'answered 1', 'meanwhile 0']);
});

t.test('rows are in transactions as large as row groups, each row in one', async (t) => {
  const store = await temporaryStore(t, { maxBytes: 64_000_000 });
  await Promise.all(Array.from({ length: 10 }, (_, index) => store.write(spans(700, `${index}`))));
  const { rows } = await store.read('SELECT count(*), count(DISTINCT _seq), max(_seq) FROM spans');
  t.same(rows, [[7_000, 7_000, 7_000]]);
});

t.test('the journal forgets what the file has while nobody reads', async (t) => {
  const directory = temporaryDirectory(t);
  const store = await openStore({ directory, maxBytes: 32_000_000 });
  t.teardown(() => store.close());
  const payload = 'x'.repeat(1_000);
  const request = decoded(Array.from({ length: 700 }, () => ({ attributes: { payload } })));
  const isTaken = () =>
    store.write(request).then(
      () => true,
      () => false,
    );
  for (let count = 0; count < 60; count++) await until(isTaken, { everyMs: 20 });
  const segments = () => readdirSync(directory).filter((name) => name.endsWith('.journal'));
  await until(() => segments().length <= 3, { what: '3 segments of 8 MiB for 42 MB' });
});

for (const statement of ['COMMIT', 'CHECKPOINT'])
  t.test(`a store whose ${statement} outlasts its closing leaves the rows to the next start`, async (t) => {
    const directory = temporaryDirectory(t);
    const failures: unknown[] = [];
    const options = {
      directory,
      closingMs: 100,
      onFailure: (...failure: unknown[]) => failures.push(failure),
    };
    const store = await openStore(options);
    await store.write(spans(100, 'before'));
    await namesOf(store); // commits
    await Promise.all(Array.from({ length: 20 }, (_, index) => store.write(spans(500, `late ${index}`))));
    insteadOfNext(t, statement, () => new Promise((resolve) => setTimeout(resolve, 500)));
    await store.close();
    t.same(failures, [], 'which is no failure');
    const next = await openStore({ directory, onLost: (sentence) => t.fail(sentence) });
    t.teardown(() => next.close());
    t.equal((await namesOf(next)).length, 10_100);
  });

t.test('when a commit fails, the file is opened anew, and what was acknowledged is there', async (t) => {
  const directory = temporaryDirectory(t);
  const failures: string[] = [];
  let reopened = 0;
  const store = await openStore({
    directory,
    onReopened: () => reopened++,
    onFailure: (task) => failures.push(task),
    onLost: (sentence) => t.fail(sentence),
  });
  t.teardown(() => store.close());
  await storeSpans(store, [{ name: 'before' }]);
  insteadOfNext(t, 'COMMIT', () => Promise.reject(new Error('IO Error: the disk is gone')));
  await store.write(spans(3, 'acknowledged'));
  await until(() => failures.length > 0, { what: 'that the store says what failed' });
  await t.rejects(store.write(spans(1, 'refused')), { code: 'STORE_REOPENING', retryAfterSeconds: 2 });
  t.equal(
    (await (await afterKill(t, directory)).read('SELECT 1 FROM spans')).rows.length,
    4,
    'also after a kill',
  );
  const all = ['before', 'acknowledged 0', 'acknowledged 1', 'acknowledged 2'];
  t.same(await until(() => soon(store)), all);
  t.equal(reopened, 1);
  await store.write(spans(1, 'after'));
  t.same(await namesOf(store), [...all, 'after 0']);
});

t.test('a request that is being journaled when the writer fails is answered', async (t) => {
  const store = await temporaryStore(t);
  await storeSpans(store, [{}]);
  refuseDataset(t, 'late');
  const late = Promise.withResolvers<unknown>();
  insteadOfNext(t, 'COMMIT', async () => {
    const answer = () => late.resolve('answered');
    store.write(spans(1, 'late', 'late')).then(answer, answer);
    for (let turns = 0; turns < 2; turns++) await yieldToEventLoop();
    throw new Error('IO Error: the disk is gone');
  });
  await store.write(spans(1, 'acknowledged'));
  t.ok(await late.promise, 'by a success or an error');
});

t.test('a deletion before which a commit fails is answered', async (t) => {
  const store = await temporaryStore(t);
  await storeSpans(store, [{}]);
  insteadOfNext(t, 'COMMIT', () => Promise.reject(new Error('IO Error: the disk is gone')));
  await store.write(spans(1, 'acknowledged'));
  await t.rejects(store.delete({ all: true }), { code: 'STORE_REOPENING' });
});

t.test('a record that fails by itself is put aside and reported, and blocks no other record', async (t) => {
  const directory = temporaryDirectory(t);
  const told: string[] = [];
  const store = await openStore({ directory, onLost: (sentence) => told.push(sentence) });
  t.teardown(() => store.close());
  await store.write(spans(1, 'before'));
  const refusing = refuseDataset(t, 'poison');
  await store.write(spans(3, 'hopeless', 'poison'));
  await until(() => told.length > 0);
  t.equal(refusing.tries(), 3, 'once as it came, once with others, and once by itself');
  t.match(told, [
    /^3 spans arrived that the store cannot take: .*refused by the test\. .*rejected\.journal/u,
  ]);
  t.same(await until(() => soon(store)), ['before 0']);
  t.equal(store.stats().dropped.failed, 3);
  t.ok(store.stats().notices.includes(told[0] ?? ''), 'as long as the explorer runs');
  await store.write(spans(1, 'after'));
  t.same(await namesOf(store), ['before 0', 'after 0']);
  t.same(await namesOf(await afterKill(t, directory, { onLost: () => t.fail('told once') })), [
    'before 0',
    'after 0',
  ]);
});

t.test(
  'upkeep that fails is told once and shown, tried again, and no longer shown once it works',
  async (t) => {
    const told: string[] = [];
    const store = await temporaryStore(t, {
      maintenanceIntervalMs: 20,
      onFailure: (task) => told.push(task),
    });
    await storeSpans(store, [{}]);
    insteadOfNext(t, 'SELECT block_size', () => Promise.reject(new Error('Binder Error: no such table')));
    await until(() => told.length > 0);
    t.same(told, ['upkeep']);
    await until(() => store.stats().notices.length === 0);
  },
);

t.test(
  'a field whose values differ by dataset keeps each dataset’s type, and is text over all of them',
  async (t) => {
    const directory = temporaryDirectory(t);
    const store = await openStore({ directory });
    await storeSpans(store, [{ service: 'a', attributes: { retry: true, only: 1 } }]);
    await storeSpans(store, [{ service: 'b', attributes: { retry: 'yes', size: 2 } }]);
    await storeSpans(store, [{ service: 'b', attributes: { size: { float: 2.5 } } }]);
    const check = async (store: SpanStore) => {
      const read = async (name: string, dataset?: string) => {
        const field = store.fields(dataset).get(name);
        const where = dataset === undefined ? '' : `WHERE _dataset = '${dataset}'`;
        const { rows } = await store.read(`SELECT ${field?.sql} FROM spans ${where} ORDER BY _seq`);
        return [field?.type, ...rows.flat()];
      };
      t.same(await read('retry', 'a'), ['boolean', true]);
      t.same(await read('retry', 'b'), ['string', 'yes', null]);
      t.same(await read('retry'), ['string', 'true', 'yes', null]);
      t.same(await read('size', 'b'), ['float', 2, 2.5]);
      t.same(await read('only', 'a'), ['integer', 1]);
    };
    await check(store);
    await store.close();
    const again = await openStore({ directory });
    t.teardown(() => again.close());
    await check(again);
  },
);
