import type { PlainLogRecord } from '@tandem/otlp/testing';
import { decodedLogs } from '@tandem/otlp/testing';
import t from 'tap';
import { until } from '../../../../test/helpers/until.ts';
import { parseQuery } from '../../src/query/parse/parse-query.ts';
import { runQuery } from '../../src/query/run/run-query.ts';
import type { SpanStore } from '../../src/store/types.ts';
import { at, temporaryExplorer } from '../explorer.ts';
import { randomId, storeSpans, temporaryStore } from '../spans.ts';

function storeLogs(store: SpanStore, records: readonly PlainLogRecord[]) {
  return store.write(decodedLogs(records));
}

async function ask(store: SpanStore, query: object, dataset = '__all__') {
  const { results } = await runQuery(store, dataset, parseQuery(query));
  return results.map(({ data }) => data);
}

t.test(
  'log records are rows in the dataset of their service, and all of the query language is for them',
  async (t) => {
    const store = await temporaryStore(t);
    const traceId = randomId(16);
    await storeSpans(store, [{ traceId, service: 'api', name: 'GET /' }]);
    t.same(
      await storeLogs(store, [
        { service: 'api', traceId, body: 'order taken', severity: 9 },
        { service: 'api', body: { map: { msg: 'payment failed', code: 7 } }, severity: 17 },
        { service: 'worker', body: 42, severity: 0 },
      ]),
      { rows: 3, items: 3 },
    );

    t.same(await ask(store, { filters: [{ column: 'body', op: 'contains', value: 'failed' }] }), [
      { COUNT: 1 },
    ]);
    t.same(
      await ask(store, {
        filters: [{ column: 'meta.signal_type', op: '=', value: 'log' }],
        breakdowns: ['service.name', 'severity'],
        calculations: [{ op: 'COUNT' }, { op: 'MAX', column: 'severity_code' }],
        orders: [{ op: 'MAX', column: 'severity_code', order: 'descending' }],
      }),
      [
        { 'service.name': 'api', severity: 'error', COUNT: 1, 'MAX(severity_code)': 17 },
        { 'service.name': 'api', severity: 'info', COUNT: 1, 'MAX(severity_code)': 9 },
        { 'service.name': 'worker', severity: 'unspecified', COUNT: 1, 'MAX(severity_code)': 0 },
      ],
    );
    t.same(await ask(store, { filters: [{ column: 'body.code', op: '=', value: 7 }] }), [{ COUNT: 1 }]);
    t.same(await ask(store, { filters: [{ column: 'body', op: '=', value: '42' }] }, 'worker'), [
      { COUNT: 1 },
    ]);
    t.same((await store.datasets()).map(({ name, spans }) => [name, spans]).toSorted(), [
      ['api', 3],
      ['worker', 1],
    ]);
    t.match(store.stats(), { spans: 1, logs: 3, rows: 4 });
  },
);

t.test('nothing that shows spans takes a log record for one', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const [traceId, logsOnly, spanId] = [randomId(16), randomId(16), randomId(8)];
  const heard: string[] = [];
  store.onWritten(({ traceIds, spans, logs }) => heard.push(`${traceIds.length} ${spans.length} ${logs}`));
  await storeSpans(store, [
    {
      traceId,
      spanId,
      service: 'api',
      name: 'GET /',
      start: at(0),
      events: [{ name: 'event', time: at(1) }],
    },
  ]);
  await storeLogs(store, [
    { service: 'api', time: at(2), traceId, spanId, body: 'in the span' },
    { service: 'api', time: at(3), traceId, spanId: randomId(8), body: 'of a span that never came' },
    { service: 'api', time: at(4), traceId: logsOnly, body: 'of a trace without spans' },
    { service: 'logger', time: at(5), body: 'of no trace', attributes: { error: true } },
  ]);
  t.same(heard, ['1 1 0', '0 0 4']);

  const list = await get('/api/traces');
  t.same(
    list.body.traces.map((trace: { trace_id: string }) => trace.trace_id),
    [traceId],
  );
  t.match(list.body.traces[0], { spans: 1, errors: 0 });
  t.same((await get('/api/traces?service=logger')).body.traces, []);
  t.match((await get(`/api/traces/${traceId}`)).body, { spans_total: 1, notices: [] });
  t.equal((await get(`/api/traces/${logsOnly}`)).status, 404);
  const outline = (await get(`/api/traces/${traceId}/outline`)).body;
  t.equal(outline.span_ids, spanId);
  t.same(
    outline.events.name.map((at: number) => outline.texts[at]),
    ['event'],
  );
  const map = (await get('/api/map')).body;
  t.same(
    map.services.map(({ name, count }: { name: string; count: number }) => [name, count]),
    [['api', 1]],
  );
  t.match((await get('/api/status')).body, { spans: 1, logs: 4, rows: 6 });
  const overview = await get('/api/overview');
  t.equal(overview.status, 200);
  t.notMatch(JSON.stringify(overview.body), 'logger');
});

t.test('a record that is too large for its row is kept whole', async (t) => {
  const store = await temporaryStore(t);
  const body = 'line of a long dump\n'.repeat(20_000);
  await storeLogs(store, [{ body }]);
  const { rows } = await store.read('SELECT _seq, _span, _bytes FROM spans');
  const [seq, stored, bytes] = rows[0] ?? [];
  t.ok(Number(bytes) > body.length);
  t.ok((stored as Uint8Array).byteLength < 100);
  const whole = await store.wholeSpan(Number(seq), stored as Uint8Array, Number(bytes));
  t.ok(Buffer.from(whole ?? []).includes(body));
  t.same(await ask(store, { filters: [{ column: 'body', op: 'contains', value: 'long dump' }] }), [
    { COUNT: 1 },
  ]);
});

t.test(
  'age drops a trace together with its log records, and records without a trace by themselves',
  async (t) => {
    const store = await temporaryStore(t, { maxAgeMs: 1_500, maintenanceIntervalMs: 10 });
    const [gone, kept] = [randomId(16), randomId(16)];
    await storeSpans(store, [{ traceId: gone }, { traceId: kept }]);
    await storeLogs(store, [
      { traceId: gone, body: 'a' },
      { traceId: kept, body: 'b' },
      { body: 'old, of no trace' },
    ]);
    // As far apart from the others in the order of arrival as two blocks of records that go together.
    await storeLogs(
      store,
      Array.from({ length: 1_024 }, () => ({ service: 'other', body: 'filler' })),
    );
    await until(
      async () => {
        await storeLogs(store, [{ traceId: kept, body: 'still going on' }, { body: 'new, of no trace' }]);
        return store.stats().dropped.age > 0 && store.stats().droppedLogs.age > 0;
      },
      { what: 'an eviction because of age', everyMs: 50 },
    );
    const { rows } = await store.read(
      `SELECT DISTINCT ${store.fields().get('body')?.sql} AS body FROM spans WHERE _span IS NOT NULL ORDER BY body NULLS FIRST`,
    );
    const bodies = rows.flat();
    t.ok(bodies.includes(null), 'the span of the trace that goes on');
    t.ok(bodies.includes('b'), 'its first log record, too');
    t.ok(bodies.includes('new, of no trace'));
    t.notOk(bodies.includes('a'));
    t.notOk(bodies.includes('old, of no trace'));
  },
);

t.test('a flood of records without a trace loses its oldest, not all of itself', async (t) => {
  const store = await temporaryStore(t, {
    maxBytes: 8_000_000,
    maintenanceIntervalMs: 20,
    rowGroupRows: 2_048,
  });
  const traceId = randomId(16);
  await storeSpans(store, [{ traceId, service: 'quiet' }]);
  await storeLogs(store, [{ traceId, service: 'quiet', body: 'of the trace' }]);
  let sent = 0;
  await until(
    async () => {
      if (store.stats().droppedLogs.bytes > 0) return true;
      const records = Array.from({ length: 1_000 }, () => ({
        service: 'noisy',
        body: Buffer.from(crypto.getRandomValues(new Uint8Array(300))).toString('base64'),
        attributes: { number: ++sent },
      }));
      await storeLogs(store, records);
      return false;
    },
    { what: 'an eviction while log records come in', everyMs: 0 },
  );
  const number = store.fields().get('number')?.sql;
  const { rows } = await store.read(
    `SELECT count(*), min(${number}), max(${number}) FROM spans WHERE _dataset = 'noisy'`,
  );
  const [count, first, last] = (rows[0] ?? []).map(Number);
  t.equal(last, sent, 'the newest is there');
  t.ok((first ?? 0) > 1, 'the oldest are gone');
  t.ok((count ?? 0) > sent / 3, `${count} of ${sent} are left`);
  t.match(store.stats(), { spans: 1, dropped: { bytes: 0 } });
  t.match(store.stats().notices[0], /reached its cap of 8 MiB: \d+ of the oldest log records were dropped/);
  t.same(await ask(store, {}, 'quiet'), [{ COUNT: 2 }]);
});

t.test('deleting a trace takes its log records along', async (t) => {
  const store = await temporaryStore(t);
  const traceId = randomId(16);
  await storeSpans(store, [{ traceId }]);
  await storeLogs(store, [
    { traceId, body: 'a' },
    { body: 'old', time: at(-60_000) },
    { body: 'new', time: at(0) },
  ]);
  t.same(await store.delete({ traceId }), { traces: 1, spans: 1, logs: 1 });
  t.same(await store.delete({ before: at(-1_000) }), { traces: 0, spans: 0, logs: 1 });
  t.match(store.stats(), { spans: 0, logs: 1 });
  t.same(await store.delete({ all: true }), { traces: 0, spans: 0, logs: 1 });
});
