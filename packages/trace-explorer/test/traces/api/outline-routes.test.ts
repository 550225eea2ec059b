import t from 'tap';
import { at, ids, temporaryExplorer } from '../../explorer.ts';
import { storeSpans } from '../../spans.ts';

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
  t.same(body.events.place, [2]);
  t.same(body.events.offset, [30e6]);
  t.same(body.events.name.map(text), ['exception']);
  t.same(body.services, [{ name: 'test-service', spans: 4, errors: 1 }]);
});

t.test('the outline of a trace that has not arrived is empty', async (t) => {
  const { get } = await temporaryExplorer(t);
  const { status, body } = await get(`/api/traces/${'a'.repeat(32)}/outline`);
  t.equal(status, 200);
  t.same([body.span_ids, body.name, body.services, body.notices], ['', [], [], []]);
});

t.test('a trace that is not stored has no fields, values or search', async (t) => {
  const { get, store } = await temporaryExplorer(t);
  await storeSpans(store, [{}]);
  for (const path of ['fields', 'values?field=name', 'search?q=a'])
    t.match(await get(`/api/traces/${'a'.repeat(32)}/${path}`), {
      status: 404,
      body: { code: 'TRACE_NOT_FOUND' },
    });
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
    (await get(`/api/traces/${traceId}/search?q=${encodeURIComponent(q)}`)).body.places;
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
    body.errors.map((place: number) => body.texts[body.name[place]]),
    ['db down', 'true', 'true'],
  );
  t.same(
    body.problem.map(([, problem]: [number, string]) => problem),
    ['db down', 'Timeout', 'Timeout'],
  );
  t.equal((await get('/api/traces?errors=true')).body.traces.length, 1);
});
