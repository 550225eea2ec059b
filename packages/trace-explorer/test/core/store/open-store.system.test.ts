import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import t from 'tap';
import type { SpanStore, WrittenBatch } from '../../../src/core/store/store.ts';
import { openStore } from '../../../src/core/store/store.ts';
import { deadlineIn } from '../../../src/lib/time/deadline.ts';
import { decoded, randomId, storeSpans, temporaryDirectory, temporaryStore } from '../../spans.ts';

t.test('spans are readable as soon as they are acknowledged', async (t) => {
  const store = await temporaryStore(t);
  const traceId = randomId(16);
  await store.write(
    decoded([
      { traceId, name: 'parent', durationMs: 12.5, attributes: { 'app.now': 'x', n: 1 } },
      { traceId, name: 'child', events: [{ name: 'exception', attributes: { 'exception.type': 'E' } }] },
    ]),
  );
  const trace = store.fields().get('trace.trace_id')?.sql;
  const name = store.fields().get('name')?.sql;
  const { rows } = await store.read(
    `SELECT ${name} AS name, _seq FROM spans WHERE ${trace} = $1 ORDER BY _seq`,
    [traceId],
  );
  t.same(rows, [
    ['parent', 1],
    ['child', 2],
    ['exception', 3],
  ]);
  t.same(store.stats().spans, 2);
  t.match(await store.datasets(), [{ name: 'test-service', rows: 3 }]);
  t.ok(store.datasetFields('test-service')?.has('app.now'));
});

t.test('spans, fields and counts survive a restart', async (t) => {
  const directory = temporaryDirectory(t);
  const first = await openStore({ directory });
  await storeSpans(first, [{ attributes: { 'App.now': 'upper', 'app.now': 'lower', big: 2n ** 60n } }]);
  await first.close();
  t.equal(statSync(directory).mode & 0o777, 0o700);

  const second = await openStore({ directory });
  t.teardown(() => second.close());
  const fields = second.fields();
  const { rows } = await second.read(
    `SELECT ${fields.get('App.now')?.sql}, ${fields.get('app.now')?.sql}, ${fields.get('big')?.sql} FROM spans`,
  );
  t.same(rows, [['upper', 'lower', 2n ** 60n]]);
  await storeSpans(second, [{}]);
  t.same((await second.read('SELECT _seq FROM spans ORDER BY 1')).rows, [[1], [2]]);
});

t.test(
  'a field that no span had yet can be read; the first one with it makes its column, which stays',
  async (t) => {
    const directory = temporaryDirectory(t);
    const first = await openStore({ directory });
    const read = async (store: SpanStore) =>
      (await store.read(`SELECT ${store.fields().get('severity')?.sql} FROM spans ORDER BY _seq`)).rows;
    const columns = async (store: SpanStore) =>
      (await store.read("SELECT count(*) FROM duckdb_columns() WHERE table_name = 'spans'")).rows[0]?.[0];
    await storeSpans(first, [{}]);
    t.same(await read(first), [[null]]);
    const before = Number(await columns(first));
    await storeSpans(first, [{ attributes: { severity: 'bad' } }, {}]);
    t.same(await read(first), [[null], ['bad'], [null]]);
    t.equal(Number(await columns(first)), before + 1);
    await first.close();

    const again = await openStore({ directory });
    t.teardown(() => again.close());
    t.same(await read(again), [[null], ['bad'], [null]]);
    await again.delete({ all: true });
    await storeSpans(again, [{ attributes: { severity: 'new' } }]);
    t.same(await read(again), [['new']]);
  },
);

t.test('a field whose type changes keeps every value', async (t) => {
  const store = await temporaryStore(t);
  const valuesOf = async (name: string) => {
    const field = store.fields().get(name);
    const { rows } = await store.read(`SELECT ${field?.sql} FROM spans ORDER BY _seq`);
    return [field?.type, ...rows.map(([value]) => value)];
  };
  await storeSpans(store, [{ attributes: { number: 1, mixed: 1, flag: true, decimal: { float: 2 } } }]);
  t.same(await valuesOf('number'), ['integer', 1]);
  await storeSpans(store, [{ attributes: { number: 2.5, mixed: 'text', flag: 'yes', decimal: 'text' } }]);
  await storeSpans(store, [
    { attributes: { number: 3, mixed: false, flag: false, decimal: { float: 0.25 } } },
  ]);
  t.same(await valuesOf('number'), ['float', 1, 2.5, 3]);
  t.same(await valuesOf('mixed'), ['string', '1', 'text', 'false']);
  t.same(await valuesOf('flag'), ['string', 'true', 'yes', 'false']);
  t.same(await valuesOf('decimal'), ['string', '2', 'text', '0.25']);
  await storeSpans(store, [{ attributes: { both: 1 } }, { attributes: { both: 'in one batch' } }]);
  t.same((await valuesOf('both')).slice(-2), ['1', 'in one batch']);
});

t.test('fields beyond the limit share a column, can be read, and are reported', async (t) => {
  const directory = temporaryDirectory(t);
  const maxColumns = 40;
  const store = await openStore({ directory, maxColumns });
  const attributes = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`field.${index}`, index]));
  const awkward = { 'it\'s / a ~ "key"': 'text', big: 2n ** 60n, flag: true, nan: Number.NaN };
  await storeSpans(store, [{ attributes: { ...attributes, ...awkward } }, {}]);
  t.ok(store.stats().spilledFields > 0);
  t.same(store.stats().notices, [], 'which asks nothing of anybody');

  const read = async (from: typeof store, name: string) => {
    const { rows } = await from.read(`SELECT ${from.fields().get(name)?.sql} FROM spans ORDER BY _seq`);
    return rows.map(([value]) => value);
  };
  for (const [name, value] of Object.entries({
    'field.0': 0,
    'field.59': 59,
    'it\'s / a ~ "key"': 'text',
    big: 2n ** 60n,
    flag: true,
    nan: Number.NaN,
  })) {
    t.same(await read(store, name), [value, null], name);
  }
  await storeSpans(store, [{ attributes: { 'field.59': 'now text' } }]);
  t.same(await read(store, 'field.59'), ['59', null, 'now text']);
  await store.close();

  const again = await openStore({ directory, maxColumns });
  t.teardown(() => again.close());
  t.same(await read(again, 'field.58'), [58, null, null]);
  t.equal(again.fields().get('field.59')?.type, 'string');
});

t.test('ten thousand different fields are taken, and each can be read', async (t) => {
  const store = await temporaryStore(t, { maxColumns: 50 });
  const names = Array.from({ length: 10_000 }, (_, index) => `name ${index}`);
  const batch = names.map((name, index) => ({ attributes: { [name]: index } }));
  await storeSpans(store, batch);
  t.ok(store.stats().fields >= 10_000);
  for (const index of [0, 5_000, 9_999]) {
    const { rows } = await store.read(
      `SELECT sum(x), count(x) FROM (SELECT ${store.fields().get(`name ${index}`)?.sql} AS x FROM spans)`,
    );
    t.same(rows, [[index, 1]]);
  }
});

t.test('hostile names and values are stored as they are', async (t) => {
  const store = await temporaryStore(t);
  const hostile = JSON.parse(
    `{"__proto__":"p","constructor":"c","\\"); DROP TABLE spans; --":"x","<script>":"<script>","nul":"a\\u0000b","F1":"upper","f1":"lower"}`,
  );
  await storeSpans(store, [{ attributes: hostile, name: "'; DELETE FROM spans; --" }]);
  for (const [name, value] of Object.entries(hostile)) {
    const { rows } = await store.read(`SELECT ${store.fields().get(name)?.sql} FROM spans`);
    t.same(rows, [[value]], name);
  }
});

t.test('reading is reading: nothing else is run, and a slow statement ends in time', async (t) => {
  const store = await temporaryStore(t);
  await storeSpans(store, [{}]);
  for (const sql of [
    'DELETE FROM spans',
    'DROP TABLE spans',
    "COPY spans TO '/tmp/x'",
    'SELECT 1; DROP TABLE spans',
    'SET threads = 1',
  ]) {
    await t.rejects(store.read(sql), sql);
  }
  await t.rejects(store.read("SELECT * FROM read_csv('/etc/passwd')"), /disabled/);
  const slow = 'SELECT count(*) FROM range(100000000000) a WHERE a.range % 7 = 3';
  await t.rejects(store.read(slow, [], { deadline: deadlineIn(30, 30_000) }), { code: 'QUERY_TIMEOUT' });
  const large = 'SELECT list(range) FROM range(100000000)';
  await t.rejects(store.read(large), { code: 'QUERY_TOO_LARGE', message: /needs more memory/ });
  const abort = new AbortController();
  const aborted = store.read(slow, [], { signal: abort.signal });
  setTimeout(() => abort.abort(), 10);
  await t.rejects(aborted, { name: 'AbortError' });
  t.same((await store.read('SELECT count(*) FROM spans')).rows, [[1]]);
});

t.test('values are bound whatever their type', async (t) => {
  const store = await temporaryStore(t);
  const values = ['text', 1, 2 ** 40, 1e300, 0.5, 2n ** 60n, true, null];
  const { rows } = await store.read(`SELECT ${values.map((_, index) => `$${index + 1}`).join(', ')}`, values);
  t.same(rows, [values]);
});

t.test('listeners hear of spans that can be read', async (t) => {
  const store = await temporaryStore(t);
  const heard: (WrittenBatch | undefined)[] = [];
  const stop = store.onChange((batch) => heard.push(batch));
  const traceId = randomId(16);
  await storeSpans(store, [{ traceId, name: 'a', status: 2, service: 'api', durationMs: 2 }]);
  stop();
  await storeSpans(store, [{}]);
  t.same(heard, [{ seq: 1, logs: 0, traceIds: [traceId] }]);
});

t.test('span ids, all different, are stored as they are, also after everything was deleted', async (t) => {
  const directory = temporaryDirectory(t);
  const used = async (change: (store: SpanStore) => Promise<unknown>) => {
    const writing = await openStore({ directory });
    await change(writing);
    await writing.write(decoded(Array.from({ length: 3_000 }, () => ({}))));
    await writing.close();
    const store = await openStore({ directory });
    const { rows } = await store.read(
      "SELECT DISTINCT column_name, compression FROM pragma_storage_info('spans') WHERE column_name IN ($1, $2) AND segment_type = 'VARCHAR'",
      ['trace.span_id', 'trace.trace_id'].map((name) => store.fields().get(name)?.sql.replaceAll('"', '')),
    );
    await store.close();
    return rows.map(([, compression]) => compression).toSorted();
  };
  t.same(await used(async () => {}), ['DICT_FSST', 'Uncompressed']);
  t.same(await used((store) => store.delete({ all: true })), ['DICT_FSST', 'Uncompressed']);
});

t.test('writes that come together are all stored, each once', async (t) => {
  const store = await temporaryStore(t);
  await Promise.all(Array.from({ length: 50 }, () => store.write(decoded([{}, {}]))));
  const { rows } = await store.read('SELECT count(*), count(DISTINCT _seq), max(_seq) FROM spans');
  t.same(rows, [[100, 100, 100]]);
});

t.test('a writer that is too far behind says so instead of taking more', async (t) => {
  const store = await temporaryStore(t);
  const group = decoded([{}]).scopeSpans[0];
  const span = group?.spans[0];
  if (group === undefined || span === undefined) throw new Error('no span');
  const large = {
    scopeSpans: [{ ...group, spans: new Array(40_000).fill(span) }],
    spanCount: 40_000,
    rejectedCount: 0,
    rejectedReason: '',
  };
  const outcomes = await Promise.allSettled([store.write(large), store.write(large), store.write(large)]);
  t.same(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected', 'rejected'],
  );
  t.match(outcomes[1], { reason: { code: 'STORE_BUSY', retryAfterSeconds: 1 } });
  t.equal(store.stats().dropped.busy, 80_000);
  await storeSpans(store, [{}]);
  t.equal(store.stats().spans, 40_001);
});

t.test('a second process is told that the store is in use', async (t) => {
  const directory = temporaryDirectory(t);
  const store = await openStore({ directory });
  t.teardown(() => store.close());
  await t.rejects(openStore({ directory }), { name: 'StoreOpenError', message: /already open/ });
  const second = spawnSync(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `
    import { openStore } from ${JSON.stringify(new URL('../../../src/core/store/store.ts', import.meta.url).href)};
    await openStore({ directory: ${JSON.stringify(directory)} }).catch((error) => { console.log(error.name, error.message); });
  `,
    ],
    { encoding: 'utf8' },
  );
  t.match(second.stdout, /^StoreOpenError .*in use by another process/);
});

t.test('a closed store refuses what comes', async (t) => {
  const store = await temporaryStore(t);
  await store.close();
  await t.rejects(store.write(decoded([{}])), { code: 'STORE_CLOSED' });
  await t.rejects(store.read('SELECT 1'), { code: 'STORE_CLOSED' });
  await store.close();
});
