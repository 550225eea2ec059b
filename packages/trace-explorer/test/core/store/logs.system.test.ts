import t from 'tap';
import { parseQuery } from '../../../src/core/query/parse/parse-query.ts';
import { runQuery } from '../../../src/core/query/run/run-query.ts';
import type { SpanStore } from '../../../src/core/store/store.ts';
import { at, temporaryExplorer } from '../../explorer.ts';
import { randomId, storeLogs, storeSpans, temporaryStore } from '../../spans.ts';

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
    await storeLogs(store, [
      { service: 'api', traceId, body: 'order taken', severity: 9 },
      { service: 'api', body: { map: { msg: 'payment failed', code: 7 } }, severity: 17 },
      { service: 'worker', body: 42, severity: 0 },
    ]);

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
    t.same((await store.datasets()).map(({ name, rows }) => [name, rows]).toSorted(), [
      ['api', 3],
      ['worker', 1],
    ]);
    t.match(store.stats(), { spans: 1, logs: 3, rows: 4 });
  },
);

t.test('nothing that shows spans takes a log record for one', async (t) => {
  const { store, get, trace } = await temporaryExplorer(t);
  const [traceId, logsOnly, spanId] = [randomId(16), randomId(16), randomId(8)];
  const heard: string[] = [];
  store.onChange((written) => heard.push(`${written?.traceIds.length} ${written?.logs}`));
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
  t.same(heard, ['1 0', '2 4']);

  const list = await get('/api/traces');
  t.same(
    list.body.traces.map((trace: { trace_id: string }) => trace.trace_id),
    [traceId],
  );
  t.match(list.body.traces[0], { spans: 1, errors: 0 });
  t.same((await get('/api/traces?service=logger')).body.traces, []);
  t.match(await trace(traceId), { spans_total: 1, findings: [] });
  t.match(await get(`/api/traces/${logsOnly}/outline`), { status: 404 });
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
