import t from 'tap';
import { chooseColours } from '../../../../src/core/command/terminal/colours.ts';
import { terminalOf } from '../../../../src/core/command/terminal/terminal.ts';
import { describeTrace } from '../../../../src/core/traces/forms/describe-trace.ts';
import type { TraceModel } from '../../../../src/core/traces/model/trace-model.ts';
import { buildModel } from '../../../../src/core/traces/model/trace-model.ts';
import { countTexts } from '../../../../src/parts/causes/page/causes/cause-words.ts';
import { saidOf } from '../../../../src/parts/causes/said.ts';
import type { Cause } from '../../../../src/parts/causes/server/schemas.ts';
import { toldFindings } from '../../../../src/parts/causes/server/told/told-findings.ts';
import { whatIsWrong } from '../../../../src/parts/causes/tools/causes.ts';
import { verdictText } from '../../../../src/parts/report/command/verdict/verdict-text.ts';
import type { VerdictCause } from '../../../../src/parts/report/server/verdict/schemas.ts';
import { renderTrace } from '../../../../src/parts/trace/command/render-trace.ts';
import { getTrace } from '../../../../src/parts/trace/tools/traces.ts';
import { at, temporaryExplorer } from '../../../explorer.ts';
import type { PlainSpan } from '../../../spans.ts';
import { randomId, storeSpans } from '../../../spans.ts';

const RUN = { 'tandem.run.id': 'now' };
const SQL = { 'db.system.name': 'postgresql', 'db.query.text': 'SELECT * FROM items WHERE id = $1' };
const line = (number: number) => ({
  'code.file.path': 'src/shop.js',
  'code.line.number': number,
  'code.function.name': 'work',
});
const thrown = (message: string): Partial<PlainSpan> => ({
  status: 2,
  events: [
    { name: 'exception', attributes: { 'exception.type': 'TypeError', 'exception.message': message } },
  ],
});

let clock = 0;

/** A request of a server that names no routes, and its calls: when they begin, how long they take, and what they are. */
function request(
  path: string,
  more: Partial<PlainSpan>,
  calls: readonly (readonly [from: number, ms: number, call: Partial<PlainSpan>])[] = [],
): PlainSpan[] {
  clock += 1000;
  const [traceId, spanId, begin] = [randomId(16), randomId(8), clock];
  const base = { traceId, service: 'shop', resource: RUN };
  const durationMs = 10 + Math.max(0, ...calls.map(([from, ms]) => from + ms));
  const attributes = { 'url.path': path, 'http.request.method': 'GET', ...line(3) };
  return [
    { ...base, spanId, name: 'GET', kind: 2, start: at(begin), durationMs, attributes, ...more },
    ...calls.map(([from, ms, call]) => ({
      ...{ ...base, parentSpanId: spanId, name: 'SELECT items', kind: 3 },
      ...{ start: at(begin + from), durationMs: ms, attributes: { ...SQL, ...line(7) }, ...call },
    })),
  ];
}

const FAILED = { status: 2 as const };
const http = (url: string, number: number) => ({
  'url.full': url,
  'http.request.method': 'GET',
  ...line(number),
});

/** Each cause three times, the last time with the largest cost. */
const planted = [1, 2, 3].flatMap((n) => [
  ...request(
    '/loop/7',
    {},
    Array.from({ length: 12 }, (_, i) => [i * 20, 10 + n, {}] as const),
  ),
  ...request('/user/7', thrown("Cannot read properties of undefined (reading 'city')")),
  ...request('/slow', {}, [
    [
      10,
      500 + n,
      { attributes: { ...SQL, 'db.query.text': 'SELECT * FROM audit', ...line(12) }, name: 'SELECT' },
    ],
  ]),
  ...request('/books', {}, [
    [
      10,
      600 + n,
      {
        name: 'pg-pool.connect',
        attributes: {
          ...{ 'db.system.name': 'postgresql', 'db.postgresql.max.client': 2, ...line(27) },
          ...{ 'tandem.call.waiting_ms': 600, 'tandem.call.held': 2, 'tandem.call.held_by': 'POST /loans' },
          ...{ 'tandem.code.held_at': 'src/shop.js:30', 'tandem.call.held_after_end': true },
        },
      },
    ],
  ]),
  ...request('/stock', {}, [
    [
      10,
      20 + n,
      {
        ...FAILED,
        name: 'GET',
        attributes: { ...http('http://stock:80/all', 15), 'error.type': 'ECONNREFUSED' },
      },
    ],
  ]),
  ...request(
    '/pay',
    { status: 2 },
    [0, 1, 2].map((i) => [
      i * 250,
      200 + n,
      {
        ...{ ...FAILED, name: 'POST /charge', statusMessage: 'The bank is shut' },
        attributes: { ...http('http://bank:80/charge', 19), 'http.response.status_code': 503 },
      },
    ]),
  ),
]);
/** Of another service, so that an ending names the services. */
const other: PlainSpan = {
  ...{ traceId: randomId(16), service: 'users', resource: RUN, name: 'GET /', kind: 2 },
  ...{ start: at(0), durationMs: 1 },
};

async function explorerWith(spans: readonly PlainSpan[]) {
  const { store, get } = await temporaryExplorer(t);
  await storeSpans(store, spans);
  const ask = async (path: string) => (await get(path)).body;
  const context = { ask, page: 'http://explorer' } as never;
  const { causes } = (await ask('/api/causes?time_range=86400')) as { causes: Cause[] };
  return { ask, causes, context };
}

t.test('a cause has one sentence and one line on all roads', async (t) => {
  const { ask, causes, context } = await explorerWith([...planted, other]);
  t.equal(causes.length, 6, JSON.stringify(causes.map(({ sentence }) => sentence)));
  const verdict = await ask('/api/verdict?run=now');
  const report = await ask('/api/report?run=now');
  const agents = await whatIsWrong.run({ since: '2000-01-01' }, context);
  for (const cause of causes) {
    const { id, trace_id: traceId = '' } = cause;
    const said = saidOf(cause);
    const of = <T extends { sentence: string }>(list: readonly T[]) =>
      list.find(({ sentence }) => sentence === said);
    const model: TraceModel = buildModel(await ask(`/api/traces/${traceId}/outline`));
    const ended = of<VerdictCause>(verdict.causes);
    const [listed] = (agents.causes as (Cause & { how_many: string })[]).filter(
      ({ sentence }) => sentence === said,
    );
    const page = (await ask(`/api/causes/${id}?time_range=86400`)).cause;
    const tool = (await getTrace.run({ trace_id: traceId }, context)).findings as {
      sentence: string;
      line: string;
    }[];
    const trace = describeTrace(model, { findings: toldFindings(model) });
    const rendered = renderTrace(trace, { width: 9999, colours: chooseColours(1), link: '' });
    const ending = verdictText(
      { ...verdict, causes: [ended].filter((each) => each !== undefined) },
      { program: 'node', exitCode: 0 },
      terminalOf(process.stderr, {}),
    );
    const reported = of<{ sentence: string; line?: string; unit: string }>(report.causes);
    t.match(
      {
        ending: [ending.replace(/\s+/g, ' ').includes(said), / each (\w+)/.exec(ending)?.[1]],
        json: ended && [`${ended.file}:${ended.line}`, ended.unit],
        overview: [saidOf(cause, true).slice(0, 3), cause.line, countTexts(cause)[0]],
        what_is_wrong: [listed?.line, listed?.how_many],
        get_trace: tool.find(({ sentence }) => sentence === said)?.line,
        trace: rendered.includes(`! ${said}${said.includes(cause.line ?? '') ? '' : ` (${cause.line})`}.`),
        report: [reported?.line, reported?.unit],
        page: [saidOf(page), page.line, countTexts(page)[0]],
      },
      {
        ending: [true, 'request'],
        json: [cause.line, 'request'],
        overview: [said.slice(0, 3), /^src\/shop\.js:\d+$/, '3 requests'],
        what_is_wrong: [cause.line, '3 of all 19 requests'],
        get_trace: cause.line,
        trace: true,
        report: [cause.line, 'request'],
        page: [said, cause.line, '3 requests'],
      },
      said,
    );
  }
});

t.test('a cause is counted in one unit on all roads', async (t) => {
  const message = (at: number, isFailed: boolean): readonly [number, number, Partial<PlainSpan>] => [
    ...([at, 5] as const),
    {
      ...{ name: 'process orders', kind: 5, attributes: line(21) },
      ...(isFailed && thrown('no stock')),
    },
  ];
  const sent = [3, 3, 3, 0, 0].flatMap((failed) =>
    request(
      '/orders',
      {},
      [0, 1, 2].map((at) => message(20 * at, at < failed)),
    ),
  );
  const job = (n: number): PlainSpan => ({
    ...{ traceId: randomId(16), service: 'shop', resource: RUN, name: 'nightly', kind: 1 },
    ...{ start: at(clock + 1000 * n), durationMs: 5, attributes: line(30), ...thrown('no file') },
  });
  const { ask, causes, context } = await explorerWith([...sent, job(1), job(2), other]);
  const verdict = await ask('/api/verdict?run=now');
  const report = await ask('/api/report?run=now');
  const agents = (await whatIsWrong.run({ since: '2000-01-01' }, context)).causes as { how_many: string }[];
  const told = async ({ id, ...cause }: Cause) => ({
    overview: countTexts({ id, ...cause }).slice(0, 2),
    page: countTexts((await ask(`/api/causes/${id}?time_range=86400`)).cause)[0],
    json: verdict.causes
      .filter((ended: VerdictCause) => ended.id === id)
      .map(({ unit, seen, of }: VerdictCause) => [unit, seen, of]),
    report: report.causes
      .filter((reported: { id: string }) => reported.id === id)
      .map(({ unit }: { unit: string }) => unit),
  });
  t.same(await Promise.all(causes.map(told)), [
    {
      overview: ['9 messages', '60 % of all'],
      page: '9 messages',
      json: [['message', 9, 15]],
      report: ['message'],
    },
    { overview: ['2 jobs', '100 % of all'], page: '2 jobs', json: [['job', 2, 2]], report: ['job'] },
  ]);
  t.same(
    agents.map(({ how_many }) => how_many),
    ['9 of all 15 messages', '2 of all 2 jobs'],
  );
});

t.test('an error says its path, and what all of its messages say alike', async (t) => {
  const said = async (messages: readonly string[], path = '/user/7') => {
    const { ask, causes } = await explorerWith(messages.flatMap((message) => request(path, thrown(message))));
    const { causes: ended } = await ask('/api/verdict?run=now');
    t.strictSame(
      ended.map(({ sentence }: VerdictCause) => sentence),
      causes.map((cause) => saidOf(cause, true)),
    );
    return causes.map((cause) => saidOf(cause));
  };
  t.strictSame(await said(["no 'city'", "no 'city'"]), ["GET /user/:id of shop fails: TypeError: no 'city'"]);
  t.strictSame(await said(["order 7 has no 'city'", "order 8 has no 'city'"]), [
    "GET /user/:id of shop fails: TypeError: order … has no 'city'",
  ]);
  t.strictSame(await said(["no 'city'", "no 'street'"], '/all'), ['GET /all of shop fails: TypeError: no …']);
  t.strictSame(await said(['ids 1, 2 are gone', 'ids 3 are gone']), [
    'GET /user/:id of shop fails: TypeError: ids … are gone',
  ]);
});

t.test('a route has one name, also where its server gives it none', async (t) => {
  const spans = [7, 8].flatMap((id) => [
    ...request(`/user/${id}`, thrown('no city')),
    ...request(`/user/${id}`, { durationMs: 900 }),
  ]);
  const { ask, causes } = await explorerWith(spans);
  const named = causes.map((cause) => [cause.rule, saidOf(cause)]);
  t.match(Object.fromEntries(named), {
    error: /^GET \/user\/:id of shop fails/,
    'unexplained-time': /^GET \/user\/:id spent 900 ms /,
  });
  const { causes: ended }: { causes: VerdictCause[] } = await ask('/api/verdict?run=now');
  t.ok(
    ended.every(({ sentence }) => sentence.startsWith('GET /user/:id ')),
    JSON.stringify(ended),
  );
});

t.test('a fault in full makes smaller ones count, in the overview as in an ending', async (t) => {
  const loop = (count: number) =>
    request(
      '/loop',
      {},
      Array.from({ length: count }, (_, i) => [i * 20, 10, {}] as const),
    );
  const slow = (ms: number) => request('/slow', {}, [[10, ms, {}]]);
  const told = async (spans: readonly PlainSpan[]) => {
    const { causes } = await explorerWith(spans);
    return causes.map(({ rule, traces, of }) => [rule, traces, of]);
  };
  t.strictSame(await told([...loop(3), ...loop(3), ...slow(100), ...slow(60)]), []);
  t.strictSame(await told([...loop(3), ...loop(12), ...loop(0), ...loop(4)]), [['repeated-call', 3, 4]]);
  t.strictSame(await told([...slow(60), ...slow(400), ...slow(100), ...slow(10)]), [['slow-call', 3, 4]]);
});

t.test('who waited for a request that stood still is said of its cause on all roads', async (t) => {
  const stood = (name: string, path: string, more: object = {}) => {
    const [span] = request(path, { name, durationMs: 320 });
    if (span === undefined) return [];
    const attributes = { 'tandem.stall.kind': 'ran', 'tandem.stall.duration_ms': 300, ...more };
    return [
      {
        ...{ ...span, attributes: { ...span.attributes, 'tandem.stalled_ms': 300 } },
        events: [{ name: 'stall', time: (span.start ?? 0n) + 10_000_000n, attributes }],
      },
    ];
  };
  const login = { 'tandem.stall.request': 'POST', 'tandem.stall.request_path': '/users/:id/login' };
  const first = [...request('/users/0/login', { name: 'POST' }), ...request('/me', { name: 'GET /me' })];
  const spans = [1, 2, 3].flatMap((n) => [
    ...stood('POST', `/users/${n}/login`),
    ...stood('GET /me', '/me', login),
    ...stood('GET /me', '/me', login),
  ]);
  const { ask, causes, context } = await explorerWith([...first, ...spans, other]);
  const said =
    ' stood still for 300 ms of the 320 ms of POST /users/:id/login: its own code ran; 6 GET /me waited for it';
  const [cause] = causes;
  t.same(
    causes.map((each) => saidOf(each)),
    [`shop${said}`],
  );
  const verdict = await ask('/api/verdict?run=now');
  t.match(verdict.causes, [{ sentence: `shop${said}`, unit: 'request', seen: 9 }]);
  t.match((await ask('/api/report?run=now')).causes, [{ sentence: `shop${said}` }]);
  t.equal(saidOf((await ask(`/api/causes/${cause?.id}?time_range=86400`)).cause), `shop${said}`);
  const agents = await whatIsWrong.run({ since: '2000-01-01' }, context);
  t.match(agents.causes, [{ sentence: `shop${said}` }]);
});
