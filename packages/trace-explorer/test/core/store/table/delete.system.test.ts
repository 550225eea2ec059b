import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import type { SpanStore } from '../../../../src/core/store/store.ts';
import { openStore } from '../../../../src/core/store/store.ts';
import { decoded, randomId, storeSpans, temporaryDirectory, temporaryStore } from '../../../spans.ts';

const rowsOf = async (store: SpanStore, table: string) =>
  Number((await store.read(`SELECT count(*) FROM ${table}`)).rows[0]?.[0]);
const TABLES = ['spans', 'scopes', 'parts', 'dataset_fields'];
/** More than stays in a row: its bytes are in parts. */
const LARGE = 'x'.repeat(200_000);

t.test('what comes while everything is deleted has its resource and scope', async (t) => {
  const store = await temporaryStore(t);
  await storeSpans(store, [{ service: 'same' }]);
  await Promise.all([store.write(decoded([{ service: 'same' }])), store.delete({ all: true })]);
  const { rows } = await store.read('SELECT _scope FROM spans');
  t.equal(rows.length, 1);
  t.equal((await store.scopes([Number(rows[0]?.[0])])).size, 1);
});

t.test('after everything was deleted, what comes next has only the columns that it needs', async (t) => {
  const store = await temporaryStore(t, { onFailure: (_, error) => t.error(error) });
  await storeSpans(store, [{ service: 'before', attributes: { 'only.before': 1 } }]);
  await store.delete({ all: true });
  await storeSpans(store, [{ service: 'after' }]);
  t.equal(await rowsOf(store, 'spans'), 1);
  t.notOk(store.fields().has('only.before'));
});

t.test('one trace is deleted with its parts, scope, dataset and events, and nothing else', async (t) => {
  const store = await temporaryStore(t);
  const [gone, kept] = [randomId(16), randomId(16)];
  await storeSpans(store, [
    { traceId: gone, service: 'only-here', attributes: { large: LARGE }, events: [{ name: 'e' }] },
    { traceId: gone, service: 'shared' },
    { traceId: kept, service: 'shared' },
  ]);
  let told = 0;
  store.onChange((written) => {
    if (written === undefined) told += 1;
  });
  t.same(await store.delete({ traceId: gone }), { traces: 1, spans: 2, logs: 0 });
  t.equal(told, 1);
  t.same(
    [await rowsOf(store, 'spans'), await rowsOf(store, 'scopes'), await rowsOf(store, 'parts')],
    [1, 1, 0],
  );
  t.same(
    (await store.datasets()).map(({ name, rows }) => [name, rows]),
    [['shared', 1]],
  );
  t.same([...(store.datasetFields('only-here') ?? ['unknown'])], [], 'a dataset without spans has no fields');
  t.match(store.stats(), { spans: 1, rows: 1 });
  t.same(
    await store.delete({ traceId: gone }),
    { traces: 0, spans: 0, logs: 0 },
    'there is nothing left of it',
  );
});

t.test('traces before a time are deleted whole: one that went on after it stays', async (t) => {
  const store = await temporaryStore(t);
  const at = (seconds: number) => BigInt(Date.now() - 60_000 + seconds * 1000) * 1_000_000n;
  const [old, across, later] = [randomId(16), randomId(16), randomId(16)];
  await storeSpans(store, [
    { traceId: old, start: at(0) },
    { traceId: across, start: at(1) },
    { traceId: across, start: at(20) },
    { traceId: later, start: at(30) },
  ]);
  t.same(await store.delete({ before: at(10) }), { traces: 1, spans: 1, logs: 0 });
  t.equal(await rowsOf(store, 'spans'), 3);
});

t.test('what the journal kept aside goes with everything, and with nothing less', async (t) => {
  const directory = temporaryDirectory(t);
  const store = await temporaryStore(t, { directory });
  const kept = ['damaged-000000000001.journal', 'rejected.journal'];
  for (const name of kept) writeFileSync(join(directory, name), 'spans of a person');
  const there = () => kept.filter((name) => existsSync(join(directory, name)));
  await storeSpans(store, [{ service: 'any' }]);
  await store.delete({ before: BigInt(Date.now() + 60_000) * 1_000_000n });
  t.same(there(), kept);
  await store.delete({ all: true });
  t.same(there(), []);
});

t.test('everything is deleted, its space and its fields too, and the store goes on', async (t) => {
  const directory = temporaryDirectory(t);
  const store = await openStore({ directory });
  const noise = () => Buffer.from(crypto.getRandomValues(new Uint8Array(4_000))).toString('base64');
  const many = Array.from({ length: 600 }, (_, i) => ({
    service: `service-${i % 3}`,
    attributes: { [`once.${i % 40}`]: i, noise: noise(), ...(i === 0 && { large: LARGE }) },
  }));
  await storeSpans(store, many);
  t.same(await store.delete({ all: true }), { traces: 600, spans: 600, logs: 0 });
  for (const table of TABLES) t.equal(await rowsOf(store, table), 0, table);
  t.notOk(store.fields().has('once.1'), 'a field that no span has is not offered');
  t.ok(store.fields().has('trace.trace_id'));
  t.same(await store.datasets(), []);
  t.match(store.stats(), { spans: 0, rows: 0, oldest: undefined });
  t.ok(
    store.stats().bytes < 500_000,
    `${store.stats().bytes} bytes are in use; there were 3,200,000 of noise alone`,
  );

  await storeSpans(store, [{ service: 'again', attributes: { fresh: 'yes', 'once.1': 'text now' } }]);
  const column = (name: string) => store.fields().get(name)?.sql;
  t.same((await store.read(`SELECT ${column('fresh')}, ${column('once.1')} FROM spans`)).rows, [
    ['yes', 'text now'],
  ]);
  await store.close();
  const reopened = await openStore({ directory });
  t.teardown(() => reopened.close());
  t.match(reopened.stats(), { spans: 1 });
  t.ok(reopened.fields().has('fresh'));
});

t.test('a query that was made before everything was deleted finds nothing', async (t) => {
  const store = await temporaryStore(t);
  await storeSpans(store, [{ attributes: { gone: 1 } }]);
  const sql = `SELECT count(${store.fields().get('gone')?.sql}) FROM spans`;
  await store.delete({ all: true });
  t.same((await store.read(sql)).rows, [[0]]);
  await storeSpans(store, [{ attributes: { other: 1 } }]);
  t.same((await store.read(sql)).rows, [[0]], 'also once there are other columns');
  await t.rejects(store.read('SELECT FROM WHERE'), { message: /^Parser Error/u }, 'other mistakes are not');
});

t.test('beside senders and eviction nothing that was acknowledged after a deletion is lost', async (t) => {
  const store = await temporaryStore(t, {
    maxBytes: 4_000_000,
    maintenanceIntervalMs: 5,
  });
  const marks = Array.from({ length: 4 }, () => randomId(16));
  let deleted = false;
  const senders = marks.map(async (mark, sender) => {
    for (let batch = 0; batch < 40; batch++) {
      const attributes = { [`field.${sender}.${batch % 5}`]: batch };
      await storeSpans(
        store,
        Array.from({ length: 20 }, () => ({ attributes })),
      );
      if (batch === 20 && sender === 0) {
        await store.delete({ all: true });
        deleted = true;
      }
    }
    await storeSpans(store, [{ traceId: mark }]);
  });
  await Promise.all(senders);
  t.ok(deleted);
  const id = store.fields().get('trace.trace_id')?.sql;
  const { rows } = await store.read(`SELECT ${id} FROM spans`);
  const kept = new Set(rows.map(([trace]) => trace));
  t.same(
    marks.filter((mark) => !kept.has(mark)),
    [],
  );
  t.equal(store.stats().rows, kept.size === 0 ? 0 : await rowsOf(store, 'spans'), 'the counts follow');
});

const DELETER = fileURLToPath(import.meta.resolve('./kill-deleter.ts'));

t.test('after kill -9 in the middle of it a deletion is whole or has not happened', async (t) => {
  for (const what of ['traces', 'all']) {
    const directory = temporaryDirectory(t);
    const child = spawn(process.execPath, [DELETER, directory, what], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const store = await openStore({ directory });
    const [spans, scopes] = [await rowsOf(store, 'spans'), await rowsOf(store, 'scopes')];
    t.ok([0, 1_000, 3_000, 6_000].includes(spans), `${spans} spans after ${what}`);
    t.equal(store.stats().spans, spans);
    t.ok(spans > 0 || scopes === 0);
    await storeSpans(store, [{ attributes: { after: what } }]);
    t.equal(await rowsOf(store, 'spans'), spans + 1, 'the store opens, and takes spans');
    await store.delete({ all: true });
    await store.close();
  }
});
