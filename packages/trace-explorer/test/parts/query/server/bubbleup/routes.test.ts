import { decodedLogs } from '@tandem/otlp/testing';
import t from 'tap';
import { routePlace } from '../../../../../src/parts/overview/page/overview-places.ts';
import type { RouteFigures } from '../../../../../src/parts/overview/server/schemas.ts';
import { parseBubbleUp } from '../../../../../src/parts/query/server/bubbleup/parse-bubbleup.ts';
import { temporaryExplorer } from '../../../../explorer.ts';
import type { PlainSpan } from '../../../../spans.ts';
import { randomId, storeLogs, storeSpans } from '../../../../spans.ts';

t.test('BubbleUp is asked by a body, and is documented', async (t) => {
  const { app, store, get } = await temporaryExplorer(t);
  await storeSpans(
    store,
    Array.from({ length: 40 }, (_, i) => ({
      name: i % 2 ? 'fast' : 'slow',
      durationMs: i % 2 ? 1 : 900,
      service: i < 20 ? 'a' : 'b',
      attributes: { region: i % 2 ? 'us' : 'eu' },
    })),
  );
  const query = { time_range: 3600 };
  const selection = { column: 'duration_ms', min: 500 };
  const post = (payload: object) => app.inject({ method: 'POST', url: '/api/bubbleup', payload });
  const answer = await post({ query, selection });
  t.equal(answer.statusCode, 200);
  const { fields, ...rest } = answer.json();
  t.match(rest, { selection: { events: 20 }, baseline: { events: 20 }, skipped: 0 });
  const names = fields.filter((field: { difference: number }) => field.difference === 1);
  t.same(
    names.map((field: { name: string }) => field.name),
    ['name', 'region', 'duration_ms'],
  );

  t.match((await post({ query, selection, dataset: 'a' })).json(), { selection: { events: 10 } });

  t.match((await post({ box: 1, selection: {} })).json(), {
    status: 400,
    errors: [{ field: 'box' }, { field: 'selection' }],
  });
  t.match((await post({ selection: { column: 'nope', min: 0 } })).json(), {
    status: 400,
    errors: [{ in: 'body', field: 'selection.column' }],
  });
  t.match((await post({ selection, dataset: 'nope' })).json(), {
    errors: [{ field: 'dataset', detail: 'Dataset not found' }],
  });

  const { paths } = (await get('/documentation/json')).body;
  t.match(paths, {
    '/api/bubbleup': { post: {} },
    '/1/auth': { get: {} },
    '/1/datasets': { get: {} },
    '/1/columns/{dataset}': { get: {} },
    '/1/queries/{dataset}': { post: {} },
    '/1/queries/{dataset}/{id}': { get: {} },
    '/1/query_results/{dataset}': { post: {} },
    '/1/query_results/{dataset}/{id}': { get: {} },
  });
});

t.test('a fault below slow requests comes before differences of hosts, networks and ids', async (t) => {
  const { app, store } = await temporaryExplorer(t);
  const faults = [
    ['database:delay=400', 'SELECT activities'],
    ['user-lookup:delay=400', 'GET /api/users'],
  ] as const;
  for (const [fault, at] of faults) {
    const spans = Array.from({ length: 60 }, (_, i) =>
      requestOfPair(i, i % 10 === 3 ? { fault, at } : undefined),
    );
    await storeSpans(store, spans.flat());
    // As the services write a line for each request.
    const lines = spans.map(([{ traceId = '' } = {}], i) => ({
      traceId,
      body: 'request',
      attributes: { ms: i % 10 === 3 ? 405.5 : 5.5 },
    }));
    await store.write(decodedLogs(lines));
  }
  const payload = {
    query: { time_range: 3600, filters: [{ column: 'span.kind', op: '=', value: 'server' }] },
    selection: {
      column: 'duration_ms',
      min: 300,
      filters: [{ column: 'http.route', op: '=', value: '/home' }],
    },
  };
  const answer = (await app.inject({ method: 'POST', url: '/api/bubbleup', payload })).json();
  const { selection, baseline } = answer;
  const fields = answer.fields.filter((field: { selected_by: boolean }) => !field.selected_by);
  t.same([selection.events, baseline.events], [12, 108], 'whole traces');
  t.match(fields[0], { name: 'tandem.fault', difference: 1, group: 'meaning', of_query: true });
  t.same(
    fields[0].buckets,
    [
      { value: null, selection: 0, baseline: 108 },
      { value: 'database:delay=400', selection: 6, baseline: 0 },
      { value: 'user-lookup:delay=400', selection: 6, baseline: 0 },
    ],
    'a trace has the values of each of its spans, or none',
  );
  const at = (name: string) => fields.findIndex((field: { name: string }) => field.name === name);
  for (const name of ['trace.trace_id', 'trace.span_id']) t.equal(at(name), -1, `${name} tells rows apart`);
  for (const noise of ['host.name', 'network.peer.port', 'request.number']) {
    t.ok(at(noise) > at('user.id'), `${noise} stands below user.id`);
  }
  t.equal(at('ms'), -1, 'log lines of the traces are none of their spans');
  t.match(fields[at('db.query.text')], { of_query: false }, 'only the database spans have it');
  t.match(fields[at('request.number')], { group: 'identity' }, 'a number of its own for each is an id');
  t.match(
    fields[at('db.rows')].buckets.reduce((sum: number, each: { baseline: number }) => sum + each.baseline, 0),
    108,
    'of a number each trace has its greatest, or none',
  );
});

t.test('requests are compared with all their spans, unless something else is asked for', async (t) => {
  const compare = (query: object, more = {}) =>
    parseBubbleUp({ query, selection: { column: 'duration_ms', min: 1 }, ...more }).compare;
  const server = { column: 'span.kind', op: '=', value: 'server' };
  t.equal(compare({ filters: [server] }), 'traces');
  t.equal(compare({ filters: [server] }, { compare: 'events' }), 'events');
  t.equal(
    compare({ filters: [server, { column: 'error', op: 'exists' }], filter_combination: 'OR' }),
    'events',
  );
  t.equal(compare({}), 'events');
  const { params } = routePlace({ service: 'api', name: 'GET /' } as RouteFigures, 600);
  t.equal(compare(JSON.parse(params.query ?? '')), 'traces', 'the requests of a route of the start view');
});

t.test('a field calculated from the selected value explains nothing, and comes last', async (t) => {
  const { app, store } = await temporaryExplorer(t);
  const spans = Array.from({ length: 40 }, (_, i) => ({
    kind: 2,
    durationMs: i % 4 === 0 ? 500 : 5,
    attributes: { cause: i % 4 === 0 ? 'lock' : 'none' },
  }));
  await storeSpans(store, spans);
  const payload = {
    query: {
      time_range: 3600,
      calculated_fields: [
        { name: 'is_slow', expression: 'GTE($duration_ms, 100)' },
        { name: 'speed', expression: 'IF($is_slow, "slow", "fast")' },
        { name: 'is_lock', expression: 'EQUALS($cause, "lock")' },
      ],
    },
    selection: { column: 'duration_ms', min: 100 },
  };
  const { fields } = (await app.inject({ method: 'POST', url: '/api/bubbleup', payload })).json();
  const names = fields.map(({ name }: { name: string }) => name);
  t.same(names.slice(0, 2).toSorted(), ['cause', 'is_lock']);
  const selected = fields.filter(({ selected_by: by }: { selected_by: boolean }) => by);
  t.same(names.slice(-3).toSorted(), ['duration_ms', 'is_slow', 'speed']);
  t.equal(selected.length, 3);
});

t.test('a sample of traces is compared also where log records tell of exceptions', async (t) => {
  const { app, store } = await temporaryExplorer(t);
  const traceId = randomId(16);
  const [spanId, untraced] = [randomId(8), { service: 'shop', kind: 2, durationMs: 900 }];
  await storeSpans(store, [
    ...Array.from({ length: 40 }, (_, i) => ({ ...untraced, durationMs: 900 - i })),
    { ...untraced, traceId, spanId, status: 2 },
  ]);
  const attributes = { 'exception.type': 'TypeError', 'exception.message': 'no' };
  await storeLogs(store, [{ service: 'shop', traceId, spanId, body: 'failed', attributes }]);
  // As in a store of a million rows.
  const { stats } = store;
  Reflect.set(store, 'stats', () => ({ ...stats.call(store), rows: 1_000_000 }));
  const { read } = store;
  Reflect.set(store, 'read', async (...given: Parameters<typeof read>) => {
    const isSides = /^SELECT count\(CASE/u.test(given[0]);
    return isSides ? { rows: [[5_000, 1_000_000]] } : read.apply(store, given);
  });
  for (const compare of ['events', 'traces']) {
    const filters = [{ column: 'exception.type', op: 'exists' }];
    const payload = { query: { time_range: 3600 }, selection: { filters }, compare };
    const answer = await app.inject({ method: 'POST', url: '/api/bubbleup', payload });
    t.equal(answer.statusCode, 200, `${compare}: ${answer.body}`);
    t.ok(answer.json().sampled, 'of a sample');
  }
});

t.test('a regular expression that is too large is refused as that, by BubbleUp and by a query', async (t) => {
  const { app, store } = await temporaryExplorer(t);
  await storeSpans(store, [{}]);
  const calculated_fields = [{ name: 'x', expression: 'REG_MATCH($name, `(?i)\\pL{1000}`)' }];
  const query = { time_range: 3600, calculated_fields };
  const selection = { filters: [{ column: 'x', op: '=', value: true }] };
  const post = (url: string, payload: object) => app.inject({ method: 'POST', url, payload });
  t.match(await post('/api/bubbleup', { query, selection }), { statusCode: 422, body: /regular expression/ });
  const { id } = (await post('/1/queries/__all__', { ...query, breakdowns: ['x'] })).json();
  const answer = await post('/1/query_results/__all__', { query_id: id });
  t.match(answer, { statusCode: 422, body: /regular expression/ });
});

/** Seven-span requests of the pair in short: a server span, its database, and the other service. */
function requestOfPair(i: number, slow?: { readonly fault: string; readonly at: string }): PlainSpan[] {
  const [traceId, root, call] = [randomId(16), randomId(8), randomId(8)];
  const took = slow === undefined ? 5 + (i % 7) : 405;
  const of = (name: string) => (slow?.at === name ? { 'tandem.fault': slow.fault } : {});
  const where = { 'host.name': slow === undefined ? `host-${i % 2}` : 'host-9', 'process.pid': 7 };
  const api = { traceId, service: 'activities-api', resource: where };
  const noise = { 'network.peer.port': slow === undefined ? 1 : 2, 'request.number': `n${traceId}` };
  return [
    {
      ...api,
      spanId: root,
      name: 'GET /home',
      kind: 2,
      durationMs: took + 9,
      attributes: { 'http.route': '/home', 'user.id': i % 10 === 3 ? 'worf' : `user-${i % 4}`, ...noise },
    },
    {
      ...api,
      parentSpanId: root,
      name: 'SELECT activities',
      kind: 3,
      durationMs: 2,
      attributes: { 'db.query.text': 'select 1', 'db.rows': i, ...of('SELECT activities') },
    },
    { ...api, spanId: call, parentSpanId: root, name: 'GET', kind: 3, durationMs: took, attributes: noise },
    {
      traceId,
      service: 'user-lookup',
      parentSpanId: call,
      name: 'GET /api/users',
      kind: 2,
      durationMs: took - 1,
      attributes: { 'http.route': '/api/users', ...of('GET /api/users') },
    },
  ];
}
