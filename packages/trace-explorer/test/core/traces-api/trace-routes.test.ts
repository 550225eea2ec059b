import t from 'tap';
import { at, ids, temporaryExplorer } from '../../explorer.ts';
import { randomId, storeSpans } from '../../spans.ts';

t.test('an outline has every span once, in depth-first order, with what a waterfall draws', async (t) => {
  const { get, store } = await temporaryExplorer(t);
  const id = ids();
  const traceId = id('trace', 16);
  const event = { name: 'exception', time: at(30), attributes: { 'exception.message': 'Boom' } };
  await storeSpans(store, [
    {
      traceId,
      spanId: id('b'),
      parentSpanId: id('root'),
      name: 'b',
      start: at(20),
      durationMs: 30,
      status: 2,
      statusMessage: 'no',
      events: [event],
    },
    { traceId, spanId: id('root'), name: 'root', kind: 2, start: at(0), durationMs: 100 },
    { traceId, spanId: id('a'), parentSpanId: id('root'), name: 'a', start: at(10), durationMs: 5 },
    { traceId, spanId: id('lost'), parentSpanId: id('nobody'), name: 'b', start: at(60), durationMs: 1 },
  ]);
  const { status, body } = await get(`/api/traces/${traceId}/outline`);
  t.equal(status, 200);
  const text = (index: number) => body.texts[index];
  t.same(body.name.map(text), ['root', 'a', 'b', 'b']);
  t.same(body.kind.map(text), ['server', 'internal', 'internal', 'internal']);
  t.same(
    body.span_ids.match(/.{16}/g),
    ['root', 'a', 'b', 'lost'].map((label) => id(label)),
  );
  t.same(body.parent, [-1, 0, 0, -1]);
  t.same(body.offset, [0, 10e6, 20e6, 60e6]);
  t.same(body.duration, [100e6, 5e6, 30e6, 1e6]);
  t.same(body.errors, [2]);
  t.same(body.status_message, [[2, 'no']]);
  t.same(body.marks, [[3, ['missing_parent']]]);
  t.same(body.missing_parent, [[3, id('nobody')]]);
  t.same(body.events.index, [2]);
  t.same(body.events.offset, [30e6]);
  t.same(body.events.name.map(text), ['exception']);
  t.same(body.services, [{ name: 'test-service', spans: 4, errors: 1 }]);
});

t.test('a trace that is not stored has no outline, fields, values or search', async (t) => {
  const { get, store } = await temporaryExplorer(t);
  await storeSpans(store, [{}]);
  for (const path of ['outline', 'fields', 'values?field=name', 'search?q=a'])
    t.match(await get(`/api/traces/${'a'.repeat(32)}/${path}`), {
      status: 404,
      body: { code: 'TRACE_NOT_FOUND' },
    });
  const awaited = await get(`/api/traces/${'a'.repeat(32)}/outline?awaited=true`);
  t.match(awaited, { status: 200, body: 'null' }, 'the page waits for it without a failed request');
});

t.test('fields of a trace, one in every span, and a search through all values', async (t) => {
  const { get, store } = await temporaryExplorer(t);
  const id = ids();
  const traceId = id('trace', 16);
  const link = { traceId: id('other', 16), spanId: id('linked'), attributes: { why: 'Batch of Nine' } };
  await storeSpans(store, [
    {
      traceId,
      spanId: id('root'),
      name: 'root',
      start: at(0),
      attributes: { route: '/home', size: 987654321 },
    },
    { traceId, spanId: id('a'), parentSpanId: id('root'), start: at(1), attributes: { route: '/users' } },
    { traceId, spanId: id('b'), parentSpanId: id('root'), start: at(2), links: [link] },
    { traceId: id('elsewhere', 16), attributes: { foreign: 'only in another trace' } },
  ]);
  const { body } = await get(`/api/traces/${traceId}/fields`);
  const named = (name: string) => body.fields.find((field: { name: string }) => field.name === name);
  t.same(named('route'), { name: 'route', type: 'string', spans: 2 });
  t.same(named('size'), { name: 'size', type: 'integer', spans: 1 });
  t.equal(named('foreign'), undefined);
  t.same((await get(`/api/traces/${traceId}/values?field=route`)).body, {
    values: ['/home', '/users'],
    value: [0, 1, -1],
  });
  t.equal((await get(`/api/traces/${traceId}/values?field=none`)).status, 400);
  const search = async (q: string) =>
    (await get(`/api/traces/${traceId}/search?q=${encodeURIComponent(q)}`)).body.indexes;
  t.same(await search('/HOME'), [0]);
  t.same(await search('987654321'), [0]);
  t.same(await search('batch of nine'), [2], "a link's attribute finds the span");
  t.same(await search("' OR 1=1 --"), []);
  t.equal((await get(`/api/traces/${id('none', 16)}/search?q=a`)).status, 404);
  t.equal((await get(`/api/traces/${traceId}/search?q=`)).status, 400);
});

t.test('a text in error is an error, as Honeycomb takes it, and says what went wrong', async (t) => {
  const { get, store } = await temporaryExplorer(t);
  const traceId = ids()('texts', 16);
  const values = ['db down', 'False', '', '0', true, false, 'true', undefined];
  await storeSpans(
    store,
    values.map((error, i) => ({
      traceId,
      name: String(error),
      start: at(i),
      attributes: { ...(error !== undefined && { error }), 'error.type': 'Timeout' },
    })),
  );
  const { body } = await get(`/api/traces/${traceId}/outline`);
  t.same(
    body.errors.map((index: number) => body.texts[body.name[index]]),
    ['db down', 'true', 'true'],
  );
  t.same(
    body.problem.map(([, problem]: [number, string]) => problem),
    ['db down', 'Timeout', 'Timeout'],
  );
  t.equal((await get('/api/traces?errors=true')).body.traces.length, 1);
});

t.test(
  'DELETE deletes one trace, those before a time, or everything, and what is cached follows',
  async (t) => {
    const { app, store, get, trace } = await temporaryExplorer(t);
    const [one, old, last] = [randomId(16), randomId(16), randomId(16)];
    await storeSpans(store, [
      { traceId: one },
      { traceId: old, start: BigInt(Date.now() - 3_600_000) * 1_000_000n },
      { traceId: last, service: 'api', attributes: { 'of.api': 1 } },
    ]);
    const remove = async (url: string, headers: Record<string, string> = {}) => {
      const { statusCode, body } = await app.inject({ method: 'DELETE', url, headers });
      return { status: statusCode, body: JSON.parse(body) };
    };
    t.equal((await trace(one)).spans_total, 1, 'its tree is cached');
    const query = { calculations: [{ op: 'COUNT' }], time_range: 7200 };
    const post = async (url: string, payload: object) =>
      (await app.inject({ method: 'POST', url, payload })).json();
    const { id } = await post('/1/queries/__all__', query);
    const result = await post('/1/query_results/__all__', { query_id: id });

    t.same(await remove(`/api/traces/${one}`), { status: 200, body: { traces: 1, spans: 1, logs: 0 } });
    t.match(await get(`/api/traces/${one}/outline`), { status: 404 });
    t.match(await get(`/1/query_results/__all__/${result.id}`), { status: 404 }, 'no result remembers it');
    t.match(await remove(`/api/traces/${one}`), { status: 404, body: { title: 'No such trace' } });

    t.match(await remove('/api/traces'), {
      status: 400,
      body: { errors: [{ detail: /all=true, or before/ }] },
    });
    t.match(await remove('/api/traces?all=true&before=1'), { status: 400 }, 'not both');
    t.match(await remove('/api/traces?all=false'), { status: 400 });
    t.match(await remove('/api/traces?before=yesterday'), { status: 400 });
    t.match((await get('/api/traces')).body.traces.length, 2, 'none of these deleted anything');

    t.match(await remove('/api/traces?all=true', { origin: 'http://evil.example' }), { status: 403 });
    t.match(await remove('/api/traces?all=true', { host: 'evil.example' }), { status: 421 });
    t.match(await remove('/api/traces?all=true', { 'sec-fetch-site': 'cross-site' }), { status: 403 });

    const before = Date.now() / 1000 - 1800;
    t.same(await remove(`/api/traces?before=${before}`), {
      status: 200,
      body: { traces: 1, spans: 1, logs: 0 },
    });
    t.same(await remove('/api/traces?all=true'), { status: 200, body: { traces: 1, spans: 1, logs: 0 } });
    t.match((await get('/api/status')).body, { spans: 0, rows: 0, services: [] });
    t.notOk(
      (await get('/1/columns/__all__')).body.some((each: { key_name: string }) => each.key_name === 'of.api'),
    );
    const { paths } = (await get('/documentation/json')).body;
    t.match(paths, {
      '/api/traces': { delete: {} },
      '/api/traces/{traceId}': { delete: {} },
      '/api/fields': {},
    });
  },
);

t.test('the fields that most spans have are told, for the completion', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  await storeSpans(store, [{ attributes: { often: 1, once: 1 } }, { attributes: { often: 2 } }]);
  t.match((await get('/api/fields')).body, { rows: 2, fields: { name: 2, often: 2, once: 1 } });
});

t.test('the two sides of a call that share an id are each found by their copy (B3)', async (t) => {
  const { get, store } = await temporaryExplorer(t);
  const [traceId, spanId] = [randomId(16), randomId(8)];
  const call = { traceId, spanId, start: at(0), durationMs: 5 };
  await storeSpans(store, [
    { ...call, name: 'answer', kind: 2, service: 'users' },
    { ...call, name: 'ask', kind: 3, service: 'api', events: [{ name: 'sent', time: at(1) }] },
  ]);
  const { body } = await get(`/api/traces/${traceId}/outline`);
  t.same(body.parent, [-1, 0]);
  t.same(body.events.index, [0], 'an event is of its own side');
  for (const [place, name] of ['ask', 'answer'].entries()) {
    const copy = new Map(body.copy).get(place);
    const { body: span } = await get(`/api/traces/${traceId}/spans/${spanId}?form=honeycomb&copy=${copy}`);
    t.equal(span.event.data.name, name);
  }
});

t.test(
  'to compare with: a median trace, a fast one, the last of the version before, then the newest',
  async (t) => {
    const { get, store } = await temporaryExplorer(t);
    const trace = (start: number, durationMs: number, version: string) => ({
      traceId: randomId(16),
      spanId: randomId(8),
      name: 'GET /cart',
      kind: 2,
      start: at(start),
      durationMs,
      resource: { 'service.version': version },
    });
    const older = Array.from({ length: 30 }, (_, index) => trace(index, 10 + index, '1'));
    const newer = Array.from({ length: 20 }, (_, index) => trace(100 + index, 500 + index, '2'));
    const others = [{ ...trace(200, 1, '1'), name: 'GET /other' }];
    await storeSpans(store, [...older, ...newer, ...others]);
    const own = newer[7];
    const { body } = await get(`/api/traces/${own?.traceId}/like`);
    const listed = body.traces.map(({ duration_ms, why }: { duration_ms: number; why?: string }) => [
      duration_ms,
      why,
    ]);
    t.same(listed.slice(0, 3), [
      [34, 'median'],
      [14, 'fast'],
      [39, 'version 1'],
    ]);
    const newest = [519, 518, 517, 516, 515, 514, 513, 512, 511, 510, 509, 508];
    t.same(
      listed.slice(3),
      newest.map((duration) => [duration, undefined]),
    );
    t.same((await get(`/api/traces/${randomId(16)}/like`)).body, { traces: [] });
  },
);

t.test('without versions, and with one other trace, that trace is offered', async (t) => {
  const { get, store } = await temporaryExplorer(t);
  const [own, other] = [randomId(16), randomId(16)];
  await storeSpans(store, [
    { traceId: own, name: 'GET /cart' },
    { traceId: other, name: 'GET /cart' },
  ]);
  const { body } = await get(`/api/traces/${own}/like`);
  t.match(body.traces, [{ trace_id: other, why: 'median' }]);
  t.equal(body.traces.length, 1);
});
