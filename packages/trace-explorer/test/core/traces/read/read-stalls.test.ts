import t from 'tap';
import { stallsOf } from '../../../../src/core/traces/model/stalls.ts';
import { buildModel } from '../../../../src/core/traces/model/trace-model.ts';
import { at, ids, temporaryExplorer } from '../../../explorer.ts';
import { randomId, storeSpans } from '../../../spans.ts';
import { STALLED_SENTENCES, STALLED_SPANS, STALLED_TRACE } from '../stalled-spans.ts';

t.test('stored stalls are said of the process that stood still, in its trace and in causes', async (t) => {
  const { store, get, trace } = await temporaryExplorer(t);
  await storeSpans(store, STALLED_SPANS);
  const model = buildModel((await get(`/api/traces/${STALLED_TRACE}/outline`)).body);
  const ms = (time: number) => Math.round(time / 1e5) / 10;
  t.match(
    [0, 1].flatMap((index) => stallsOf(model, index).map(({ from, until }) => [ms(from), ms(until)])),
    [
      [79.5, 380],
      [80, 380],
    ],
  );
  const said = await trace(STALLED_TRACE);
  t.same(
    new Set(said.findings.map(({ sentence }: { sentence: string }) => sentence)),
    new Set(STALLED_SENTENCES),
  );
  const parts = { connect_ms: 2, ttfb_ms: 600 };
  t.match(said.spans, [{ stalled_ms: 300.5 }, { stalled_ms: 300, parts }, { stalled_before_ms: 250 }]);
  const { causes } = (await get('/api/causes')).body;
  t.same(
    new Set(causes.map(({ rule, service, name }: Record<string, string>) => `${rule} ${service} ${name}`)),
    new Set(['stood-still api GET /home', 'stood-still users GET /users']),
  );
});

t.test('how long a statement takes without a stall is read from those like it', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const query = (nth: number, sql: string, durationMs: number, stalled = 0, service = 'shop') => {
    const [traceId, spanId] = [randomId(16), randomId(8)];
    const own = { traceId, service, start: at(1000 * nth) };
    const time = { 'tandem.stall.duration_ms': stalled, 'tandem.stall.kind': 'ran' };
    const stall = stalled > 0 && {
      attributes: { 'db.query.text': sql, 'db.system.name': 'postgresql', 'tandem.stalled_ms': stalled },
      events: [{ name: 'stall', time: at(1000 * nth + 20), attributes: time }],
    };
    const call = { ...own, parentSpanId: spanId, name: 'SELECT report', kind: 3, durationMs };
    const attributes = { 'db.query.text': sql, 'db.system.name': 'postgresql' };
    return [
      { ...own, spanId, name: 'GET /report', kind: 2, durationMs: durationMs + 5 },
      { ...call, attributes, ...stall },
    ];
  };
  const [slow, other] = ['SELECT * FROM report WHERE day = 1', 'SELECT id FROM report'];
  const spans = [
    ...query(1, slow, 315, 290),
    ...[301, 300, 310].flatMap((ms, nth) => query(nth + 2, slow.replace('1', `${nth + 2}`), ms)),
    ...query(5, other, 315, 290),
    ...query(6, other, 310),
    ...query(7, other, 310, 0, 'another'),
  ];
  await storeSpans(store, spans);
  const usual = async (nth: number) =>
    buildModel((await get(`/api/traces/${spans[nth]?.traceId}/outline`)).body).usual(1);
  t.equal(await usual(0), 301, 'the median');
  t.equal(await usual(8), 0, 'a single one says nothing');
  const { causes } = (await get('/api/causes')).body;
  t.match(
    causes.find(({ rule }: { rule: string }) => rule === 'slow-call'),
    { name: 'SELECT report' },
  );
});

t.test('what the thread did in a stall, and before a request, is read where it is told', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const shares = (prefix: string, ran: number, waited: number) => ({
    [`${prefix}.ran_ms`]: ran,
    [`${prefix}.waited_ms`]: waited,
  });
  await storeSpans(
    store,
    STALLED_SPANS.map((each) => ({
      ...each,
      attributes: { ...each.attributes, ...shares('tandem.stalled_before', 50, 125) },
      events: (each.events ?? []).map((event) => ({
        ...event,
        attributes: { ...event.attributes, ...shares('tandem.stall', 60.1, 180.3) },
      })),
    })),
  );
  const model = buildModel((await get(`/api/traces/${STALLED_TRACE}/outline`)).body);
  const round = (share: number) => Math.round(share * 1e3) / 1e3;
  const told = [0, 2].map((index) =>
    stallsOf(model, index).map(({ ran = 0, waited = 0 }) => [round(ran), round(waited)]),
  );
  t.same(told, [[[0.2, 0.6]], [[0.2, 0.5]]]);
});

t.test(
  'how long a process stood still, and how long a call waited, are numbers for HEATMAP and BubbleUp',
  async (t) => {
    const { app, store } = await temporaryExplorer(t);
    await storeSpans(store, STALLED_SPANS);
    const post = async (url: string, payload: object) =>
      (await app.inject({ method: 'POST', url, payload })).json();
    for (const column of ['tandem.stalled_ms', 'tandem.stalled_before_ms', 'tandem.call.first_byte_ms']) {
      const query = { time_range: 3600, calculations: [{ op: 'HEATMAP', column }] };
      const selection = { column, min: 100, max: 1000 };
      const { fields = [] } = await post('/api/bubbleup', { query, selection });
      t.ok(fields.length > 0, `${column} can be selected`);
    }
  },
);

t.test('statements that wait for a connection are no slow calls among the causes', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const id = ids();
  const spans = Array.from({ length: 20 }, (_, nth) => {
    const [traceId, spanId] = [id(`trace ${nth}`, 16), id(`root ${nth}`)];
    const own = { traceId, service: 'users', start: at(10 * nth) };
    const below = { ...own, parentSpanId: spanId, kind: 3 };
    const waiting = nth % 2 === 0 ? 300 : 0;
    const attributes = { 'db.system.name': 'postgresql', 'db.namespace': 'users-db' };
    const ofPool = {
      ...attributes,
      'db.query.text': 'SELECT 1',
      'tandem.call.waiting_ms': waiting,
      'tandem.call.pool_size': 5,
    };
    const ofPg = { ...attributes, 'tandem.call.pool_size': 5 };
    return [
      { ...own, spanId, name: 'GET /users', kind: 2, durationMs: 320 },
      nth % 2 === 0
        ? { ...below, name: 'SELECT users', durationMs: 310, attributes: ofPool }
        : { ...below, name: 'pg-pool.connect', durationMs: 310, attributes: ofPg },
    ];
  });
  await storeSpans(store, spans.flat());
  const { causes } = (await get('/api/causes')).body;
  t.same(
    causes.map(({ rule, name, traces, example }: Record<string, string>) => [rule, name, traces, example]),
    [
      [
        'waited-for-connection',
        'pg-pool.connect',
        10,
        '1 call of users waited 310 ms for one of 5 connections of users-db',
      ],
      [
        'waited-for-connection',
        'SELECT users',
        10,
        '1 call of users waited 300 ms for one of 5 connections of users-db; it ran 10.0 ms',
      ],
    ],
  );
  const { query } = (await get(`/api/causes/${causes[0]?.id}`)).body;
  t.match(query, { breakdowns: ['name'] }, 'its query shows what the process did with the database');
});
