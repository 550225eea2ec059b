import t from 'tap';
import { chooseColours } from '../../../src/core/command/terminal/colours.ts';
import { terminalOf } from '../../../src/core/command/terminal/terminal.ts';
import { saidOf } from '../../../src/core/problems/said.ts';
import type { Cause } from '../../../src/core/problems/schemas.ts';
import { masked } from '../../../src/core/redaction/masked.ts';
import { RULE_NAMES } from '../../../src/core/traces/findings/rules.ts';
import { askTrace } from '../../../src/core/traces/forms/ask-trace.ts';
import { describeTrace } from '../../../src/core/traces/forms/describe-trace.ts';
import { placeText } from '../../../src/core/traces/model/code-place.ts';
import { countTexts } from '../../../src/parts/causes/page/causes/cause-words.ts';
import { whatIsWrong } from '../../../src/parts/causes/tools/causes.ts';
import { verdictText } from '../../../src/parts/report/command/verdict/verdict-text.ts';
import type { VerdictProblem } from '../../../src/parts/report/server/verdict/schemas.ts';
import { renderTrace } from '../../../src/parts/trace/command/render-trace.ts';
import { getTrace } from '../../../src/parts/trace/tools/traces.ts';
import { at, temporaryExplorer } from '../../explorer.ts';
import type { PlainSpan } from '../../spans.ts';
import { randomId, storeLogs, storeSpans } from '../../spans.ts';

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

/** A call that waited for one of two connections, which others held. */
const waited = (name: string, ms: number, holders: object): Partial<PlainSpan> => ({
  name,
  attributes: {
    ...{ 'db.system.name': 'postgresql', 'tandem.call.pool_size': 2, ...line(27) },
    ...{ 'tandem.call.waiting_ms': ms, 'tandem.call.held': 2, ...holders },
  },
});
const LEAKED = {
  ...{ 'tandem.call.held_by': 'POST /loans', 'tandem.code.held_at': 'src/shop.js:30' },
  'tandem.call.held_after_end': true,
};
const HELD = { 'tandem.call.held_by': 'POST /close/:id', 'tandem.code.held_at': 'src/shop.js:33' };

/** In what is stored, and in nothing that is for others. */
const PASSWORD = 'hunt3r2pw';

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

/** Each cause three times, the last time with the largest cost; before that the first request of three routes, of whose time nothing is said. */
const planted = [
  ...request('/slow', {}),
  ...request('/books', {}),
  ...request('/list', {}),
  ...[1, 2, 3].flatMap((n) => [
    ...request(
      '/loop/7',
      {},
      Array.from({ length: 12 }, (_, i) => [i * 20, 10 + n, {}] as const),
    ),
    ...request('/user/7', thrown(`refused by postgres://app:${PASSWORD}@db/shop`)),
    ...request('/slow', {}, [
      [
        10,
        500 + n,
        { attributes: { ...SQL, 'db.query.text': 'SELECT * FROM audit', ...line(12) }, name: 'SELECT' },
      ],
    ]),
    ...request('/books', {}, [[10, 600 + n, waited('connect shop', 600, LEAKED)]]),
    ...request('/list', {}, [[10, 400 + n, waited('SELECT loans', 400, HELD)]]),
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
  ]),
];
/** Of another service, so that an ending names the services. */
const other: PlainSpan = {
  ...{ traceId: randomId(16), service: 'users', resource: RUN, name: 'GET /', kind: 2 },
  ...{ start: at(0), durationMs: 1 },
};

async function explorerWith(spans: readonly PlainSpan[], logs: Parameters<typeof storeLogs>[1] = []) {
  const { store, get } = await temporaryExplorer(t);
  await storeSpans(store, spans);
  if (logs.length > 0) await storeLogs(store, logs);
  const ask = async (path: string) => (await get(path)).body;
  const context = { ask, page: 'http://explorer' } as never;
  const { causes } = (await ask('/api/causes?time_range=86400')) as { causes: Cause[] };
  return { ask, causes, context };
}

t.test('a cause has one sentence and one line on all roads', async (t) => {
  const { ask, causes, context } = await explorerWith([...planted, other]);
  t.equal(causes.length, 7, JSON.stringify(causes.map(({ sentence }) => sentence)));
  const holders = ['are held by POST /loans, src/shop.js:30', 'were held by POST /close/:id, src/shop.js:33'];
  for (const holder of holders)
    t.ok(
      causes.some((cause) => saidOf(cause).includes(`2 of 2 connections ${holder}`)),
      `${holder}: ${causes.map((cause) => saidOf(cause)).join('; ')}`,
    );
  const verdict = await ask('/api/verdict?run=now');
  const report = await ask('/api/report?run=now');
  const agents = await whatIsWrong.run({ since: '2000-01-01' }, context);
  for (const cause of causes) {
    const { id, trace_id: traceId = '' } = cause;
    // As each outlet for others shows it.
    const said = masked(saidOf(cause));
    t.notMatch(said, PASSWORD);
    const of = <T extends { sentence: string }>(list: readonly T[]) =>
      list.find(({ sentence }) => masked(sentence) === said);
    const { model, findings } = await askTrace(traceId, ask);
    const ended = of<VerdictProblem>(verdict.causes);
    const [listed] = (agents.causes as (Cause & { how_many: string })[]).filter(
      ({ sentence }) => masked(sentence) === said,
    );
    const page = (await ask(`/api/causes/${id}?time_range=86400`)).cause;
    const tool = (await getTrace.run({ trace_id: traceId }, context)).findings as {
      sentence: string;
      file: string;
      line: number;
    }[];
    const trace = describeTrace(model, findings);
    const rendered = renderTrace(trace, { width: 9999, colours: chooseColours(1), link: '' });
    const ending = verdictText(
      { ...verdict, causes: [ended].filter((each) => each !== undefined) },
      { program: 'node', exitCode: 0 },
      terminalOf(process.stderr, {}),
    );
    const reported = of<{ sentence: string; file?: string; line?: number; unit: string }>(report.causes);
    t.match(
      {
        ending: [masked(ending).replace(/\s+/g, ' ').includes(said), / each (\w+)/.exec(ending)?.[1]],
        json: ended && [`${ended.file}:${ended.line}`, ended.unit],
        overview: [masked(saidOf(cause, true)).slice(0, 3), placeText(cause), countTexts(cause)[0]],
        what_is_wrong: [placeText(listed ?? {}), listed?.how_many],
        get_trace: placeText(tool.find(({ sentence }) => masked(sentence) === said) ?? {}),
        trace: masked(rendered).includes(
          `! ${said}${said.includes(placeText(cause)) ? '' : ` (${placeText(cause)})`}.`,
        ),
        report: [placeText(reported ?? {}), reported?.unit],
        page: [masked(saidOf(page)), placeText(page), countTexts(page)[0]],
      },
      {
        ending: [true, 'request'],
        json: [placeText(cause), 'request'],
        overview: [said.slice(0, 3), /^src\/shop\.js:\d+$/, '3 requests'],
        what_is_wrong: [placeText(cause), '3 of all 25 requests'],
        get_trace: placeText(cause),
        trace: true,
        report: [placeText(cause), 'request'],
        page: [said, placeText(cause), '3 requests'],
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
      .filter((ended: VerdictProblem) => ended.id === id)
      .map(({ unit, seen, of }: VerdictProblem) => [unit, seen, of]),
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
      ended.map(({ sentence }: VerdictProblem) => sentence),
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
  const { causes: ended }: { causes: VerdictProblem[] } = await ask('/api/verdict?run=now');
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
  t.strictSame(await told([...slow(1), ...slow(60), ...slow(400), ...slow(100), ...slow(10)]), [
    ['slow-call', 3, 5],
  ]);
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

/** A process whose requests ask for one thing at once. */
const OF_TOP = { service: 'tops', resource: { ...RUN, 'service.instance.id': 'a' } };

/** What a request logged that succeeded. */
const LOGGED = { traceId: randomId(16), spanId: randomId(8) };

/** Faults of the rules that need spans of several services, or of several requests at once. @param first when they begin */
function furtherFaults(first: bigint): PlainSpan[] {
  const ms = (milliseconds: number) => first + BigInt(Math.round(milliseconds * 1e6));
  const trace = (...spans: readonly PlainSpan[]) => {
    const traceId = randomId(16);
    return spans.map((span) => ({ service: 'shop', resource: RUN, traceId, spanId: randomId(8), ...span }));
  };
  const span = (
    name: string,
    kind: number,
    from: number,
    durationMs: number,
    more: Partial<PlainSpan> = {},
  ) => ({ name, kind, start: ms(from), durationMs, spanId: randomId(8), ...more }) satisfies PlainSpan;
  const below = (above: PlainSpan) => ({ parentSpanId: above.spanId ?? '' });
  const call = (above: PlainSpan, from: number, took: number, path: string, more: object = {}) =>
    span('GET', 3, from, took, {
      ...below(above),
      ...more,
      attributes: { ...http(`http://tax:80${path}`, 81), ...(more as Partial<PlainSpan>).attributes },
    });
  // A caller that gave up, and a service that went on.
  const wait = span('GET /wait', 2, 0, 330, { status: 2 });
  const left = call(wait, 5, 300, '/report', { status: 2, statusMessage: 'timeout' });
  const work = span('GET /report', 2, 8, 900, { ...below(left), service: 'tax', attributes: line(82) });
  // A call that failed, in a request that said nothing.
  const quiet = span('GET /quiet', 2, 0, 60);
  const hidden = call(quiet, 5, 30, '/hidden', {
    ...FAILED,
    attributes: { 'http.response.status_code': 500, ...line(83) },
  });
  // Connections, each for one call.
  const cart = span('GET /cart', 2, 0, 300);
  const opened = Array.from({ length: 6 }, (_, n) =>
    call(cart, 50 * n, 48, `/opened/${n}`, {
      attributes: {
        ...{ 'tandem.call.connect_ms': 6, 'tandem.call.tls_ms': 30, 'tandem.call.dns_ms': 4 },
        ...{ 'server.address': 'tax', 'server.port': 80, ...line(84) },
      },
    }),
  );
  // A request that succeeded, and logged an exception.
  const logged = span('GET /logged', 2, 0, 20, {
    ...LOGGED,
    attributes: { 'http.response.status_code': 200, ...line(85) },
  });
  // A call whose request is another trace.
  const lone = span('POST', 3, 20_004, 60, { service: 'lone', attributes: http('http://far:80/x', 86) });
  const asked = span('POST /lone', 2, 20_000, 70, { service: 'lone' });
  // Clocks of two hosts.
  const host = (name: string) => ({ resource: { ...RUN, 'host.name': name } });
  const here = span('GET', 3, 0, 20, { service: 'web', ...host('web') });
  const there = span('GET /there', 2, -700, 10, { ...below(here), service: 'clock', ...host('clock') });
  // One id of two spans, and a span that ends before it begins.
  const double = span('GET /double', 2, 0, 30);
  const twin = { ...below(double), spanId: randomId(8) };
  const backwards = span('GET /backwards', 2, 0, 30);
  const burst = [0, 10, 20, 30, 40].flatMap((from) => {
    const asked = { 'url.path': '/top/7', 'http.request.method': 'GET', 'http.response.status_code': 200 };
    const top = span('GET /top/:id', 2, from, 210, { attributes: asked });
    const select = {
      ...SQL,
      'db.namespace': 'shop',
      'db.query.text': 'SELECT region, sum(total) FROM orders GROUP BY region',
      ...line(87),
    };
    const later = span('GET /top/:id', 2, 400 + from, 6, { attributes: asked });
    return [
      ...trace(
        { ...top, ...OF_TOP },
        span('SELECT', 3, from + 4, 200, { ...below(top), attributes: select, ...OF_TOP }),
      ),
      ...trace({ ...later, ...OF_TOP }),
    ];
  });
  return [
    ...trace(wait, left, work),
    ...trace(quiet, hidden),
    // The time of a route's first request is not judged.
    ...trace(span('GET /cart', 2, -9_000, 1)),
    ...trace(cart, ...opened),
    ...trace(logged),
    ...trace(asked),
    ...trace(lone),
    ...trace(here, there),
    ...trace(double, span('one', 1, 2, 5, twin), span('other', 1, 9, 5, twin)),
    ...trace(backwards, span('back', 1, 9, -5, below(backwards))),
    ...burst,
  ];
}

t.test('what a list tells, the trace that shows it says in the same words, at the same place', async (t) => {
  const first = at(0);
  const ms = (milliseconds: number) => first + BigInt(milliseconds) * 1_000_000n;
  const base = { service: 'shop', resource: RUN };
  const trace = (...spans: readonly PlainSpan[]) => {
    const traceId = randomId(16);
    return spans.map((span) => ({ ...base, traceId, spanId: randomId(8), ...span }));
  };
  const root = (name: string, durationMs: number, more: Partial<PlainSpan> = {}): PlainSpan => ({
    ...{ spanId: randomId(8), name, kind: 2, start: ms(0), durationMs },
    ...more,
  });
  const call = (
    above: PlainSpan,
    name: string,
    from: number,
    took: number,
    more: Partial<PlainSpan> = {},
  ) => ({
    ...{ parentSpanId: above.spanId ?? '', name, kind: 3, start: ms(from), durationMs: took },
    ...more,
  });
  const [basket, twice, own, prices, caught] = [
    root('GET /basket', 200),
    root('GET /twice', 300),
    root('GET /own', 2_000, { attributes: line(41) }),
    root('GET /prices', 400),
    root('GET /caught', 60),
  ];
  const url = (path: string, number: number) => ({ attributes: http(`http://tax:80${path}`, number) });
  const [sent, taken] = [randomId(16), randomId(16)];
  const [sender, lost] = [randomId(8), randomId(8)];
  const queue = { 'messaging.destination.name': 'mail' };
  const spans: PlainSpan[] = [
    ...request('/boom', {
      name: 'GET /boom',
      ...thrown("Cannot read properties of undefined (reading 'price')"),
    }),
    ...trace(
      basket,
      ...Array.from({ length: 8 }, (_, n) =>
        call(basket, 'SELECT items', 20 * n, 15, { attributes: { ...SQL, ...line(7) } }),
      ),
    ),
    ...trace(
      twice,
      call(twice, 'GET', 0, 80, url('/terms?q=1', 8)),
      call(twice, 'GET', 90, 80, url('/terms?q=1', 8)),
    ),
    ...trace({ ...own, spanId: randomId(8), start: ms(-5_000), durationMs: 1 }),
    ...trace(own),
    ...trace(
      prices,
      ...['a', 'b', 'c'].map((name, n) =>
        call(prices, `GET /${name}`, 5 + 110 * n, 105, url(`/${name}`, 9 + n)),
      ),
    ),
    ...trace(
      caught,
      call(caught, 'GET', 1, 20, { ...url('/away', 50), status: 2, statusMessage: 'connect ECONNREFUSED' }),
    ),
    // A message whose sender's trace has not come, and one that waited between two traces.
    ...trace({
      ...{
        name: 'process orphans',
        kind: 5,
        start: ms(0),
        durationMs: 5,
        links: [{ traceId: randomId(16), spanId: lost }],
      },
      attributes: line(60),
    }),
    {
      ...base,
      traceId: sent,
      spanId: sender,
      name: 'publish',
      kind: 4,
      start: ms(0),
      durationMs: 5,
      attributes: queue,
    },
    {
      ...{ ...base, traceId: taken, spanId: randomId(8), name: 'process mail', kind: 5, start: ms(9_000) },
      ...{
        durationMs: 20,
        links: [{ traceId: sent, spanId: sender }],
        attributes: { ...queue, ...line(61) },
      },
    },
  ];
  const message = { ...queue, 'messaging.message.id': 'm1' };
  const [stood, torn] = [root('GET /stood', 320, { attributes: line(70) }), root('GET /torn', 40)];
  spans.push(
    ...planted,
    ...trace(
      { name: 'send', kind: 4, start: ms(0), durationMs: 1, spanId: sender, attributes: message },
      {
        name: 'deliver',
        kind: 5,
        parentSpanId: sender,
        start: ms(10),
        durationMs: 5,
        attributes: message,
        ...thrown('mailbox full'),
      },
      {
        name: 'deliver',
        kind: 5,
        parentSpanId: sender,
        start: ms(900),
        durationMs: 5,
        attributes: message,
        ...thrown('mailbox full'),
      },
    ),
    // Apart from the first requests of the others.
    ...trace({ ...stood, spanId: randomId(8), start: ms(-90_000), durationMs: 1 }),
    ...trace({
      ...stood,
      start: ms(-60_000),
      attributes: { ...line(70), 'tandem.stalled_ms': 300 },
      events: [
        {
          name: 'stall',
          time: ms(-59_990),
          attributes: {
            'tandem.stall.kind': 'ran',
            'tandem.stall.duration_ms': 300,
            'tandem.stall.ran_ms': 300,
          },
        },
      ],
    }),
    ...trace(torn, {
      name: 'orphan',
      kind: 1,
      parentSpanId: randomId(8),
      start: ms(5),
      durationMs: 5,
      service: 'elsewhere',
    }),
    ...trace(root('GET /early', 40), { name: 'alone', kind: 1, start: ms(5), durationMs: 5 }),
    ...furtherFaults(first),
  );
  const exception = { 'exception.type': 'TypeError', 'exception.message': 'no total' };
  const { ask, causes, context } = await explorerWith(spans, [
    { ...LOGGED, service: 'shop', body: '', time: ms(3), severity: 17, attributes: exception },
  ]);
  const verdict = await ask('/api/verdict?run=now');
  const report = await ask('/api/report?run=now');
  const rules = new Set<string>();
  let ofRuns = 0;
  // An error without a rule's finding is counted over all spans; a rule may say what it came of.
  for (const cause of causes.filter(({ finding }) => finding !== undefined)) {
    for (const rule of cause.rules) rules.add(rule);
    const said = saidOf(cause);
    const { findings } = await askTrace(cause.trace_id ?? '', ask);
    const told = findings.find(({ sentence }) => sentence === said);
    t.ok(told, `${said}, and its trace: ${findings.map(({ sentence }) => sentence).join('; ')}`);
    t.equal(placeText(told?.place ?? {}), placeText(cause), said);
    const tool = (await getTrace.run({ trace_id: cause.trace_id ?? '' }, context)).findings as typeof report;
    const shown = tool.find(({ sentence }: { sentence: string }) => sentence === said);
    t.equal(placeText(shown ?? {}), placeText(cause), `get_trace: ${said}`);
    const ofRun = [verdict, report].flatMap(({ causes: list }) =>
      (list as VerdictProblem[]).filter(({ id }) => id === cause.id),
    );
    for (const ended of ofRun)
      t.same([ended.sentence, placeText(ended)], [said, placeText(cause)], 'of the run');
    ofRuns += ofRun.length;
  }
  t.ok(ofRuns > 20, `${ofRuns} told by ending and report`);
  t.same(
    RULE_NAMES.filter((rule) => !rules.has(rule)),
    [],
    'each rule is planted',
  );
  t.match((await ask('/api/causes?time_range=86400&rule=lost-producer')).causes, [
    { name: 'process orphans' },
  ]);
  const { findings: ofSender } = await askTrace(sent, ask);
  t.same(ofSender, [], 'a wait between two traces is told at the worker');
  const sentences = ({ causes: of }: { causes: readonly { sentence: string }[] }) =>
    of.map(({ sentence }) => sentence.replaceAll(' of shop', ''));
  const agents = (await whatIsWrong.run({ run: 'now', limit: 50 }, context)) as never;
  t.ok(sentences(verdict).length > 3);
  t.same(sentences(report), sentences(verdict), 'report and ending');
  t.same(sentences(agents), sentences(verdict), 'what_is_wrong and ending');
});

t.test(
  'a statement that is slow beside others is told by the list and by its trace, or by neither',
  async (t) => {
    const apart = (minutes: number) =>
      Array.from({ length: 6 }, (_, n) => {
        const traceId = randomId(16);
        const spanId = randomId(8);
        const begin = -n * minutes * 60_000;
        const statement = (name: string, from: number, durationMs: number) => ({
          ...{ traceId, parentSpanId: spanId, service: 'shop', name: 'SELECT', kind: 3 },
          ...{ start: at(begin + from), durationMs },
          attributes: { ...SQL, 'db.query.text': `SELECT * FROM ${name} WHERE id = ?` },
        });
        return [
          {
            traceId,
            spanId,
            service: 'shop',
            name: 'GET /orders',
            kind: 2,
            start: at(begin),
            durationMs: 84,
          },
          statement('orders', 1, 80),
          statement('users', 82, 1),
        ];
      }).flat();
    for (const [minutes, isTold] of [
      [0.1, true],
      [11.5, false],
    ] as const) {
      const { store, get } = await temporaryExplorer(t);
      await storeSpans(store, apart(minutes));
      const { causes } = (await get('/api/causes?time_range=86400')).body as { causes: Cause[] };
      const { traces } = (await get('/api/traces')).body as { traces: { trace_id: string }[] };
      const told = await Promise.all(
        traces.map(
          async ({ trace_id }) =>
            (await askTrace(trace_id, async (path) => (await get(path)).body)).findings.length,
        ),
      );
      t.equal(
        causes.length > 0,
        isTold,
        `list, ${minutes} minutes apart: ${JSON.stringify(causes.map((each) => saidOf(each)))}`,
      );
      t.same([...new Set(told)], [isTold ? 1 : 0], `traces, ${minutes} minutes apart`);
    }
  },
);
