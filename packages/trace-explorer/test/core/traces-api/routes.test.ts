import t from 'tap';
import { at, ids, temporaryExplorer } from '../../explorer.ts';
import type { PlainSpan } from '../../spans.ts';
import { decoded, storeSpans } from '../../spans.ts';

const id = ids();

const trace = (label: string) => id(label, 16);

/** Two services, six spans, one error; 100 ms long. */
function home(label: string, start: number, more: Partial<PlainSpan> = {}): PlainSpan[] {
  const base = { traceId: trace(label) };
  const api = { ...base, service: 'activities-api' };
  const users = { ...base, service: 'user-lookup' };
  const span = (name: string) => id(`${label} ${name}`);
  return [
    { ...api, spanId: span('root'), name: 'GET /home', kind: 2, start: at(start), durationMs: 100, ...more },
    {
      ...api,
      spanId: span('data'),
      parentSpanId: span('root'),
      name: 'home-activities-data',
      start: at(start + 5),
      durationMs: 90,
      attributes: { 'app.now': `now-${label}`, outer: true, 'app.length': 5 },
    },
    {
      ...api,
      spanId: span('call'),
      parentSpanId: span('data'),
      name: 'GET',
      kind: 3,
      start: at(start + 10),
      durationMs: 50,
    },
    {
      ...users,
      spanId: span('server'),
      parentSpanId: span('call'),
      name: 'GET /users',
      kind: 2,
      start: at(start + 12),
      durationMs: 40,
      status: 2,
      statusMessage: 'gone',
      events: [{ name: 'exception' }],
    },
    {
      ...users,
      spanId: span('select'),
      parentSpanId: span('server'),
      name: 'SELECT users',
      kind: 3,
      start: at(start + 15),
      durationMs: 10,
      attributes: { 'db.system.name': 'sqlite', 'db.namespace': 'users' },
    },
    {
      ...api,
      spanId: span('result'),
      parentSpanId: span('data'),
      name: 'home-result-activities',
      start: at(start + 80),
      durationMs: 1,
    },
  ];
}

/** For tests that ask for one trace. */
const { store, get, trace: shown } = await temporaryExplorer(t);

t.test('a trace is one depth-first list with what a waterfall needs', async (t) => {
  await storeSpans(store, home('a', 0).toReversed());
  const body = await shown(trace('a').toUpperCase());
  t.match(body, {
    trace_id: trace('a'),
    duration_ms: 100,
    spans_total: 6,
    errors: 1,
    findings: [],
    services: [
      { name: 'activities-api', spans: 4, errors: 0 },
      { name: 'user-lookup', spans: 2, errors: 1 },
    ],
  });
  const outline = body.spans.map((span: { depth: number; name: string }) => `${span.depth} ${span.name}`);
  t.strictSame(outline, [
    '0 GET /home',
    '1 home-activities-data',
    '2 GET',
    '3 GET /users',
    '4 SELECT users',
    '2 home-result-activities',
  ]);
  t.match(body.spans[3], {
    index: 3,
    parent: 2,
    service: 'user-lookup',
    kind: 'server',
    children: 1,
    descendants: 1,
    offset_ms: 12,
    duration_ms: 40,
    error: true,
    status_message: 'gone',
    events: 1,
  });
  t.match(body.spans[0], { errors_below: 1, start_ns: String(at(0)) });
});

t.test('spans that share an id are one when equal and both when different', async (t) => {
  const span = { traceId: trace('twice'), spanId: id('twice'), start: at(0), durationMs: 5 };
  await storeSpans(store, [span]);
  await storeSpans(store, [span, { ...span, name: 'other', durationMs: 7 }]);
  const body = await shown(trace('twice'));
  t.match(body.spans, [
    { copy: 0, marks: ['duplicate_id'] },
    { name: 'other', copy: 1 },
  ]);
  t.equal(body.spans.length, 2);
  t.match(body.findings, [
    { sentence: /^The trace has 2 roots/ },
    { sentence: /^An id was used for different spans: 2/ },
  ]);
});

t.test(
  'the list counts spans, services and errors as the trace shows them, however often they were sent',
  async (t) => {
    const of = (name: string) => ({ traceId: trace('retried'), spanId: id(`retried ${name}`), name });
    const root = { ...of('root'), service: 'shop', start: at(0), durationMs: 9 };
    const call = { ...of('call'), service: 'stock', start: at(1), durationMs: 5, status: 2 } as const;
    const attributes = { 'http.route': '/a', n: 1 };
    await storeSpans(store, [{ ...root, attributes }, call]);
    await storeSpans(store, [{ ...root, attributes }, call, call]);
    await storeSpans(store, [{ ...call, name: 'of the same id', durationMs: 6 }]);
    // The same span in a dataset that its sender names, where it has no service name.
    const request = decoded([{ ...of('nameless'), start: at(2), durationMs: 1, status: 2 }]);
    const nobody = { attributes: [], droppedAttributesCount: 0, schemaUrl: '', raw: new Uint8Array() };
    const scopeSpans = request.scopeSpans.map((group) => ({ ...group, resource: nobody }));
    await store.write({ ...request, scopeSpans });
    await store.write({ ...request, scopeSpans, dataset: 'named' });
    const retried = await shown(trace('retried'));
    const list = (await get(`/api/traces?trace_id=${trace('retried')}`)).body;
    const [summary] = list.traces;
    t.equal(retried.spans_total, 4);
    t.equal(summary.spans, retried.spans_total);
    t.equal(summary.errors, retried.errors);
    const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
    t.strictSame(
      summary.services.map(({ self_ms: _, ...service }: { self_ms: number }) => service).toSorted(byName),
      retried.services.toSorted(byName),
    );
  },
);

t.test('spans without usable times are shown, and clocks of hosts are aligned', async (t) => {
  const base = { traceId: trace('odd') };
  await storeSpans(store, [
    { ...base, spanId: id('odd root'), start: at(0), durationMs: 100, resource: { 'host.name': 'one' } },
    { ...base, spanId: id('untimed'), parentSpanId: id('odd root'), name: 'untimed', start: 0n, end: at(20) },
    {
      ...base,
      spanId: id('backwards'),
      parentSpanId: id('odd root'),
      name: 'backwards',
      start: at(50),
      end: at(40),
    },
    {
      ...base,
      spanId: id('skewed'),
      parentSpanId: id('odd root'),
      name: 'skewed',
      kind: 2,
      start: at(-5000),
      durationMs: 60,
      resource: { 'host.name': 'two' },
    },
  ]);
  const body = await shown(trace('odd'));
  const byName = Object.fromEntries(body.spans.map((span: { name: string }) => [span.name, span]));
  t.match(byName.skewed, {
    shift_ms: 5020,
    offset_ms: 20,
    start_ns: String(at(-5000)),
    marks: ['clock_adjusted'],
  });
  t.match(byName.untimed, { offset_ms: 0, marks: ['no_start_time'] });
  t.match(byName.backwards, { duration_ms: 0, marks: ['end_before_start'] });
});

t.test('a start in seconds, milliseconds, microseconds or of 1970 does not stretch the trace', async (t) => {
  const { store, get, trace: shown } = await temporaryExplorer(t);
  const root = {
    traceId: id('units', 16),
    spanId: id('units root'),
    name: 'root',
    start: at(0),
    durationMs: 50,
  };
  const starts = [1n, ...[1n, 1000n, 1_000_000n].map((unit) => at(0) / (1_000_000_000n / unit))];
  await storeSpans(store, [
    root,
    ...starts.map((start, n) => ({
      traceId: root.traceId,
      spanId: id(`units ${n}`),
      parentSpanId: root.spanId,
      name: `${start}`,
      start,
      durationMs: Number(at(20) - start) / 1e6,
    })),
  ]);
  const { body } = await get(`/api/traces/${root.traceId}/outline`);
  t.match(body, { start_ns: String(at(0)), duration_ns: 50e6 });
  t.match((await get('/api/traces')).body.traces, [{ start_ns: String(at(0)), duration_ms: 50 }]);
  const { spans } = await shown(root.traceId);
  for (const start of starts)
    t.match(
      spans.find(({ name }: { name: string }) => name === `${start}`),
      { offset_ms: 0, duration_ms: 0, marks: ['other_time_unit'] },
    );
});

t.test('a span that begins or ends in another century does not stretch its trace', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const far = BigInt(Date.UTC(2100, 0, 1)) * 1_000_000n;
  const [traceId, parentSpanId] = [id('century', 16), id('century root')];
  await storeSpans(store, [
    { traceId, spanId: parentSpanId, name: 'root', start: at(0), durationMs: 50 },
    { traceId, spanId: id('begins'), parentSpanId, name: 'begins', start: far, durationMs: 1 },
    {
      traceId,
      spanId: id('ends'),
      parentSpanId,
      name: 'ends',
      start: at(0),
      durationMs: Number(far - at(0)) / 1e6,
    },
  ]);
  t.match((await get('/api/traces')).body.traces, [{ duration_ms: 50 }]);
});

t.test('lists sum traces up, newest or slowest first, page by page', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  for (let n = 0; n < 5; n++)
    await storeSpans(store, home(`l${n}`, n * 1000, n === 2 ? { durationMs: 900 } : {}));
  const { body } = await get('/api/traces?limit=2');
  t.match(body.traces[0], {
    trace_id: trace('l4'),
    root: { service: 'activities-api', name: 'GET /home', provisional: false, span_id: id('l4 root') },
    services: [
      { name: 'activities-api', spans: 4, errors: 0 },
      { name: 'user-lookup', spans: 2, errors: 1 },
    ],
    spans: 6,
    errors: 1,
    duration_ms: 100,
    start_ns: String(at(4000)),
  });
  const seen: string[] = [];
  for (const order of ['newest', 'slowest']) {
    let url = `/api/traces?limit=2&order=${order}`;
    for (let page = 0; page < 3; page++) {
      const { traces, next } = (await get(url)).body;
      seen.push(...traces.map((item: { trace_id: string }) => item.trace_id));
      t.equal(next === undefined, page === 2);
      url = `/api/traces?limit=2&order=${order}&cursor=${next}`;
    }
  }
  t.strictSame(seen.slice(0, 5), ['l4', 'l3', 'l2', 'l1', 'l0'].map(trace));
  t.equal(seen[5], trace('l2'), 'the slowest');
  t.equal(new Set(seen.slice(5)).size, 5);
});

t.test('a trace whose root has not arrived is named after its earliest span', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  await storeSpans(store, home('r', 0).slice(1));
  t.match((await get('/api/traces')).body.traces, [
    { root: { name: 'home-activities-data', provisional: true }, spans: 5 },
  ]);
  await storeSpans(store, home('r', 0).slice(0, 1));
  t.match((await get('/api/traces')).body.traces, [
    { root: { name: 'GET /home', provisional: false }, spans: 6 },
  ]);
});

t.test('each filter finds the traces it should', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  await storeSpans(store, home('f1', 0));
  await storeSpans(store, [
    {
      traceId: trace('f2'),
      service: 'cron',
      name: 'tick',
      start: at(5000),
      durationMs: 2,
      attributes: { 'a=b': 'c=d', n: 2, big: 2n ** 53n + 1n, share: { float: Number.NaN } },
    },
  ]);
  const find = async (query: string) => {
    const { body } = await get(`/api/traces?${query}`);
    return (
      body.traces
        ?.map((item: { trace_id: string }) => (item.trace_id === trace('f1') ? 'f1' : 'f2'))
        .join(' ') ?? body.code
    );
  };
  const seconds = (ms: number) => Number(at(ms)) / 1e9;
  const cases = {
    '': 'f2 f1',
    'service=user-lookup': 'f1',
    'service=nobody': '',
    'name=tick': 'f2',
    'service=user-lookup&name=tick': '',
    [`trace_id=${trace('f1').slice(0, 12).toUpperCase()}`]: 'f1',
    'trace_id=xyz': 'VALIDATION_FAILED',
    'errors=true': 'f1',
    'errors=false': 'f2',
    'min_duration_ms=50': 'f1',
    'max_duration_ms=50': 'f2',
    'min_duration_ms=50&order=slowest': 'f1',
    'field=app.now%3Dnow-f1': 'f1',
    'field=app.length%3D5&field=outer%3Dtrue': 'f1',
    'field=app.length%3D5&field=db.namespace%3Dusers': '',
    'field=a%3Db%3Dc%3Dd': 'f2',
    'field=n%3D2.0': 'f2',
    'field=n%3Dtwo': '',
    'field=big%3D9007199254740993': 'f2',
    'field=big%3D9007199254740992': '',
    'field=share%3DNaN': 'f2',
    'field=outer%3DTrue': 'f1',
    'field=outer%3D1%27%20OR%201%3D1': '',
    'field=App.now%3Dnow-f1': 'UNKNOWN_FIELD',
    'field=nothing': 'UNKNOWN_FIELD',
    'field=': 'UNKNOWN_FIELD',
    'field=share': 'f2',
    'field=share&field=app.now': '',
    "service='%3B%20DROP%20TABLE%20spans%3B--": '',
    [`start_time=${seconds(4000)}`]: 'f2',
    [`end_time=${seconds(4000)}`]: 'f1',
    'limit=0': 'VALIDATION_FAILED',
    'order=oldest': 'VALIDATION_FAILED',
    'colour=red': 'VALIDATION_FAILED',
    'cursor=bm9uc2Vuc2U': 'BAD_CURSOR',
  };
  for (const [query, expected] of Object.entries(cases)) t.equal(await find(query), expected, query);
});

t.test('ids of the wrong form are refused with the reason', async (t) => {
  for (const bad of ['abc', `${trace('x')}00`, 'z'.repeat(32), '%00'.repeat(32)]) {
    const { status, type, body } = await get(`/api/traces/${bad}/outline`);
    t.equal(status, 400, bad);
    t.match(type, 'application/problem+json');
    t.match(body.errors, [{ in: 'path', field: 'traceId', detail: 'must be 32 hexadecimal digits' }]);
  }
});
