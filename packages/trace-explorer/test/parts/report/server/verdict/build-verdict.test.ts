import t from 'tap';
import type { Verdict } from '../../../../../src/parts/report/server/verdict/schemas.ts';
import { at, temporaryExplorer } from '../../../../explorer.ts';
import type { PlainSpan } from '../../../../spans.ts';
import { randomId, storeSpans } from '../../../../spans.ts';

let clock = 0;

/** The next second, in milliseconds. */
function later(): number {
  clock += 1000;
  return clock;
}

interface Parts {
  readonly run?: string;
  readonly service?: string;
  readonly kind?: number;
  readonly status?: number;
  /** The type and message of the error that ends it. */
  readonly error?: readonly [string, string];
  /** SELECTs of 10 ms in a row, and the line of their code. */
  readonly loop?: number;
  readonly line?: number;
  /** Milliseconds of one SELECT. */
  readonly slow?: number;
  /** Name of the test that asks. */
  readonly test?: string;
  /** A call of the request that fails, which nobody says. */
  readonly swallows?: boolean;
}

/** A request, alone or of a test, in a trace of its own. */
function request(name: string, parts: Parts = {}): PlainSpan[] {
  const { run = 'now', service = 'shop', kind = 2, status = 200, error, loop = 0, slow = 0, test } = parts;
  const [traceId, own, spanId] = [randomId(16), randomId(8), randomId(8)];
  const start = later();
  const base = { traceId, service, resource: { 'tandem.run.id': run } };
  const whole = { ...base, start: at(start), durationMs: 20 + loop * 10 + slow };
  const isError = error !== undefined || status >= 500;
  const call = (index: number, ms: number): PlainSpan => ({
    ...base,
    parentSpanId: spanId,
    name: 'SELECT items',
    kind: 3,
    start: at(start + 5 + index * 10),
    durationMs: ms,
    attributes: {
      'db.system.name': 'postgresql',
      'db.query.text': `SELECT * FROM items WHERE id = $1`,
      ...(parts.line && {
        'code.file.path': 'src/orders.js',
        'code.line.number': parts.line,
        'code.function.name': 'list',
      }),
    },
  });
  return [
    ...(test === undefined ? [] : [{ ...whole, spanId: own, name: test, attributes: ofTest(test) }]),
    {
      ...whole,
      spanId,
      ...(test !== undefined && { parentSpanId: own }),
      name,
      kind,
      ...(isError && { status: 2 as const }),
      ...(kind === 2 && { attributes: { 'http.response.status_code': status } }),
      ...(error && {
        events: [
          {
            name: 'exception',
            time: at(start),
            attributes: { 'exception.type': error[0], 'exception.message': error[1] },
          },
        ],
      }),
    },
    ...Array.from({ length: loop }, (_, index) => call(index, 10)),
    ...(slow > 0 ? [call(0, slow)] : []),
    ...(parts.swallows
      ? [
          {
            ...call(0, 5),
            name: 'GET',
            attributes: { 'url.full': 'http://stock.example/a', 'error.type': 'ECONNREFUSED' },
            status: 2 as const,
          },
        ]
      : []),
  ];
}

function ofTest(name: string) {
  return {
    'test.case.name': name,
    'code.file.path': 'test/app.test.js',
    'test.case.result.status': 'pass',
  };
}

/** A call of a test, or of a script without one. */
function call(
  url: string,
  { run = 'now', test, status }: Pick<Parts, 'run' | 'test' | 'status'>,
): PlainSpan[] {
  const [traceId, own] = [randomId(16), randomId(8)];
  const base = {
    traceId,
    service: 'shop',
    resource: { 'tandem.run.id': run },
    start: at(later()),
    durationMs: 5,
  };
  const why =
    status === undefined ? { 'error.type': 'ECONNREFUSED' } : { 'http.response.status_code': status };
  const isError = status === undefined || status >= 400;
  return [
    ...(test === undefined ? [] : [{ ...base, spanId: own, name: test, attributes: ofTest(test) }]),
    {
      ...base,
      ...(test !== undefined && { parentSpanId: own }),
      name: 'GET',
      kind: 3,
      ...(isError && { status: 2 as const }),
      attributes: { 'url.full': url, ...why },
    },
  ];
}

const times = (count: number, make: () => PlainSpan[]) => Array.from({ length: count }, make).flat();

const { store, get } = await temporaryExplorer(t);
let asked = 0;

/** Stores the spans with the ids of their runs made unique, and returns how these are called now. */
async function stored(spans: readonly PlainSpan[]): Promise<(run: string) => string> {
  const nth = ++asked;
  const called = (run: string) => `${run}-${nth}`;
  await storeSpans(
    store,
    spans.map((span) => {
      const run = span.resource?.['tandem.run.id'];
      return { ...span, resource: { ...span.resource, 'tandem.run.id': called(String(run)) } };
    }),
  );
  return called;
}

async function verdictAt(query: string): Promise<Verdict> {
  const { status, body } = await get(`/api/verdict?${query}`);
  t.equal(status, 200, JSON.stringify(body));
  return body;
}

/** The verdict of the run `now`. */
async function verdictOf(spans: readonly PlainSpan[]): Promise<Verdict> {
  const called = await stored(spans);
  return verdictAt(`run=${called('now')}`);
}

/** The verdict of the run `now` after the run `last`. */
async function verdictAfter(spans: readonly PlainSpan[]): Promise<Verdict> {
  const called = await stored(spans);
  return verdictAt(`run=${called('now')}&last=${called('last')}`);
}

/** The causes of some services of one run, by service. */
async function causesOf(cases: Readonly<Record<string, readonly PlainSpan[]>>) {
  const spans = Object.entries(cases).flatMap(([service, own]) => own.map((span) => ({ service, ...span })));
  const { causes } = await verdictOf(spans);
  return (service: string) => causes.filter((cause) => cause.service === service);
}

t.test('errors come first, each with its own figures, its requests and its commonest line', async () => {
  const sku: Parts = {
    status: 500,
    error: ['TypeError', "Cannot read properties of undefined (reading 'sku')"],
  };
  const { causes, ...counts } = await verdictOf([
    ...times(3, () => request('GET /orders', { loop: 12, line: 31 })),
    ...request('GET /orders', { loop: 12, line: 40 }),
    ...request('POST /orders', sku),
    ...times(2, () => request('POST /orders')),
  ]);
  t.match(counts, { requests: 7, messages: 0, refused: 0, failed: 1, services: 1, gone: [] });
  t.match(causes, [
    {
      failure: true,
      sentence: "POST /orders fails: TypeError: Cannot read properties of undefined (reading 'sku')",
      unit: 'request',
      seen: 1,
      of: 3,
    },
    {
      failure: false,
      sentence:
        /^SELECT items was called 12 times in a row by GET \/orders; one call for all would save up to /,
      seen: 4,
      of: 4,
      file: 'src/orders.js',
      line: 31,
      function: 'list',
    },
  ]);
  t.equal(causes.length, 2);
});

t.test('with two services, a sentence names the service; with one, no message loses a word', async () => {
  const alone: Parts = { status: 500, error: ['Error', 'out of shop, of shop-2'] };
  t.match((await verdictOf(request('GET /a', alone))).causes, [
    { sentence: 'GET /a fails: Error: out of shop, of shop-2' },
  ]);
  const boom: Parts = { status: 500, error: ['Error', 'boom'] };
  const { causes } = await verdictOf([
    ...request('GET /a', boom),
    ...request('GET /b', { service: 'users' }),
  ]);
  t.match(causes, [{ sentence: 'GET /a of shop fails: Error: boom' }]);
});

t.test("each route's first request is left out of causes of time, and of no other", async () => {
  const slow = (service: string, name = 'GET /a') => request(name, { service, slow: 900 });
  const quick = (service: string) => request('GET /a', { service });
  const [first, second] = [slow('late'), slow('late')];
  const of = await causesOf({
    once: [...slow('once'), ...times(3, () => quick('once')), ...slow('once', 'GET /b')],
    again: [...times(3, () => slow('again')), ...quick('again')],
    late: [...second, ...first],
    loop: request('GET /a', { service: 'loop', loop: 12 }),
  });
  t.same(of('once'), []);
  t.match(of('again')[0], { rule: 'slow-call', seen: 2, of: 3 });
  t.match(of('late')[0], { seen: 1, of: 1, trace_id: second[0]?.traceId }, 'whichever arrived first');
  t.match(of('loop')[0], { rule: 'repeated-call', seen: 1, of: 1 });
});

t.test('new and gone are said only where the other run could have had the cause', async (t) => {
  const boom: Parts = { status: 500, error: ['Error', 'boom'] };
  const ask =
    (run: string) =>
    (count: number, parts: Parts = {}, name = 'GET /a') =>
    (service: string) =>
      times(count, () => request(name, { ...parts, run, service }));
  const [before, now] = [ask('last'), ask('now')];
  const test = 'lists';
  /** A call of this machine, at a port by chance. */
  const loop = (run: string, port: number) => (service: string) =>
    times(3, () => request('GET /orders', { run, service, loop: 12 })).flatMap((span, id): PlainSpan[] => {
      if (span.kind !== 3) return [span];
      const spanId = randomId(8);
      const attributes = { 'url.full': `http://127.0.0.1:${port}/users/${id}` };
      const answer = { ...span, name: 'GET /users/:id', parentSpanId: spanId, kind: 2, attributes: {} };
      return [{ ...span, spanId, name: 'GET', attributes }, answer];
    });
  /** What a service did in both runs; how often the last run asked for what is new, and how many causes are gone. */
  const cases: Readonly<
    Record<
      string,
      readonly [spans: readonly ((service: string) => PlainSpan[])[], (number | undefined)[], number]
    >
  > = {
    'the last run did not ask for it': [[before(1, {}, 'GET /b'), now(1, boom)], [], 0],
    'it asked four times': [[before(4), now(1, boom)], [4], 0],
    'it was there': [[before(1, boom), now(1, boom)], [], 0],
    'this run did not ask for it': [[before(3, boom), now(1, {}, 'GET /b')], [], 0],
    'not often enough': [[before(3, boom), now(2)], [], 0],
    'gone, often enough': [[before(3, boom), now(3)], [], 1],
    'not each time': [[before(3, boom), before(1), now(3)], [], 0],
    'no cause of time is new': [[before(3), now(3, { slow: 900 })], [], 0],
    'and none is gone': [[before(3, { slow: 900 }), now(3)], [], 0],
    'not each time, long before the end': [[before(1), before(25, boom), now(3)], [], 0],
    'asked for long before the end': [[before(1), before(25, {}, 'GET /b'), now(1, boom)], [1], 0],
    'gone in the same test': [[before(1, { ...boom, test }), now(1, { test })], [], 1],
    'new in the same test': [[before(1, { test }), now(1, { ...boom, test })], [1], 0],
    'a call of this machine is the same at another port': [
      [loop('last', 41_001), loop('now', 41_002)],
      [],
      0,
    ],
  };
  const rows = Object.entries(cases).map(([what, [made, ...expected]], nth) => {
    const service = `case-${String.fromCharCode(97 + nth)}`;
    return { what, service, expected, spans: made.flatMap((make) => make(service)) };
  });
  const { causes, gone } = await verdictAfter(rows.flatMap(({ spans }) => spans));
  const of = (wanted: string) => causes.filter(({ service }) => service === wanted);
  for (const { what, service, expected } of rows) {
    const news = of(service).filter((cause) => cause.new);
    const said = gone.filter((sentence) => sentence.includes(service));
    t.same([news.map(({ last_of }) => last_of), said.length], expected, what);
  }
  t.equal(gone.length, 2);
  t.match(of(rows.at(-1)?.service ?? ''), [{ rule: 'repeated-call' }]);
  t.equal(of(rows.at(-1)?.service ?? '').length, 1);

  const far = await verdictAfter(
    [before(1, { loop: 12 }), before(25), now(1, { loop: 12 })].flatMap((make) => make('shop')),
  );
  t.same(
    [far.causes.map((cause) => cause.new === true), far.gone],
    [[false], []],
    'once, long before the end',
  );
});

t.test('beside a sample, or another version of the instrumentation, nothing is new or gone', async (t) => {
  const fails = { error: ['TypeError', 'no id'] } as const;
  const four = (name: string, parts: Parts) => times(4, () => request(name, parts));
  const asIs = (spans: PlainSpan[]) => spans;
  const sampled = (spans: PlainSpan[]) =>
    spans.map((span) => ({ ...span, attributes: { ...span.attributes, SampleRate: 20 } }));
  const of = (version: string) => (spans: PlainSpan[]) =>
    spans.map((span) => ({ ...span, scope: { name: 'http', version } }));
  const said = async (last: typeof asIs, now: typeof asIs) => {
    const { causes, gone } = await verdictAfter([
      ...last([...four('GET /a', { run: 'last' }), ...four('GET /b', { run: 'last', ...fails })]),
      ...now([...four('GET /a', fails), ...four('GET /b', {})]),
    ]);
    return [causes.map((cause) => cause.new === true), gone.length];
  };
  t.same(await said(asIs, sampled), [[false], 0]);
  t.same(await said(sampled, asIs), [[false], 0]);
  t.same(await said(of('1'), of('1')), [[true], 1]);
  t.same(await said(of(''), of('')), [[true], 1], 'which nobody knows');
  t.same(await said(of('1'), of('2')), [[false], 0]);
});

t.test('in tests an answer of 4xx is no error; one of 5xx is, and so is what nobody says', async () => {
  const quiet = await verdictOf([
    ...request('GET /a', { test: 'unknown', status: 404 }),
    ...call('http://stock.example/a', { test: 'refused', status: 404 }),
  ]);
  t.match(quiet, {
    tests: { passed: 2, failed: 0 },
    requests: 1,
    refused: 1,
    refused_with: '404',
    failed: 0,
  });
  t.same(quiet.causes, []);
  const { causes } = await verdictOf([
    ...request('GET /a', { test: 'of a request', status: 500 }),
    ...call('http://stock.example/a', { test: 'of a call', status: 503 }),
    ...call('http://stock.example/b', { test: 'of no answer' }),
    ...request('GET /b', { test: 'of a call below', swallows: true }),
  ]);
  t.same(causes.map(({ failure, unit, test }) => `${failure} ${unit} ${test}`).toSorted(), [
    'true request test/app.test.js › of a call below',
    'true request test/app.test.js › of a request',
    'true test test/app.test.js › of a call',
    'true test test/app.test.js › of no answer',
  ]);
  t.same((await verdictOf([])).causes, []);
});

t.test('a test that failed is told with the answer of 5xx that came before', async () => {
  const [test, ...below] = request('GET /stock', { test: 'pays', status: 503 });
  const failed = { status: 2 as const, attributes: { ...ofTest('pays'), 'test.case.result.status': 'fail' } };
  const { causes } = await verdictOf([
    { ...test, ...failed, statusMessage: 'expected 502 to be 201' } as PlainSpan,
    ...below,
  ]);
  t.match(causes, [
    { rule: 'test', sentence: /pays fails after GET \/stock answered 503: expected 502 to be 201$/ },
  ]);
});

t.test('messages and jobs have causes of their own', async () => {
  const { causes, ...counts } = await verdictOf([
    ...times(4, () => request('send mail', { kind: 5 })),
    ...request('send mail', { kind: 5, error: ['Error', 'no address'] }),
    ...request('nightly', { kind: 1, error: ['Error', 'no disk'] }),
  ]);
  t.match(counts, { requests: 0, messages: 5, failed: 2 });
  t.same(causes.map(({ unit, seen, of }) => `${seen} of ${of} ${unit}`).toSorted(), [
    '1 of 1 job',
    '1 of 5 message',
  ]);
});

t.test('where no request came in, the calls that went out are told, and no cause', async () => {
  const { calls, causes } = await verdictOf([
    ...times(5, () => call('http://127.0.0.1:22264/users/1?key=abc', { status: 200 })),
    ...call('http://127.0.0.1:22262/x', {}),
    ...call('http://127.0.0.1:22264/none', { status: 404 }),
  ]);
  t.match(calls, {
    made: 7,
    refused: 1,
    failed: 1,
    to: ['127.0.0.1:22264', '127.0.0.1:22262'],
    failure: 'GET 127.0.0.1:22262/x, ECONNREFUSED',
  });
  t.notMatch(JSON.stringify(calls), 'abc');
  t.same(causes, []);
});

t.test('of all senders since a moment, as while they run', async () => {
  const boom: Parts = { status: 500, error: ['Error', 'boom'] };
  const spans = [...request('GET /early', boom), ...request('GET /late', boom)];
  const since = Number(spans.at(-1)?.start ?? 0n) / 1e9 - 0.5;
  await stored(spans);
  const { causes } = await verdictAt(`since=${since}`);
  t.same(
    causes.map(({ route }) => route),
    ['GET /late'],
  );
});

/** A request whose process stands still from its begin to its end, and what its thread did meanwhile. */
function stalledRequest(name: string, from: number, kind: string, times: object = {}): PlainSpan {
  const ms = 200;
  const attributes = { 'tandem.stall.kind': kind, 'tandem.stall.duration_ms': ms, ...times };
  return {
    ...{ traceId: randomId(16), spanId: randomId(8), service: 'shop', name, kind: 2 },
    ...{ start: at(from), durationMs: ms + 5, resource: { 'tandem.run.id': 'now' } },
    attributes: { 'tandem.stalled_ms': ms },
    events: [{ name: 'stall', time: at(from), attributes }],
  };
}

const ranFor = (ran: number) => ({ 'tandem.stall.ran_ms': ran, 'tandem.stall.waited_ms': 200 - ran });

t.test(
  'one request of a cause whose thread ran makes it a cause, and it is the one that is told',
  async (t) => {
    clock = 0; // the last hour has no spans of a time to come
    const starved = (path: string) => stalledRequest(path, later(), 'waited_for_processor', ranFor(20));
    const { store, get } = await temporaryExplorer(t);
    await storeSpans(store, [
      ...times(3, () => request('GET /busy')),
      ...times(3, () => request('GET /idle')),
      ...['GET /busy', 'GET /busy', 'GET /idle', 'GET /idle'].map(starved),
      stalledRequest('GET /busy', later(), 'waited_for_processor', ranFor(90)),
    ]);
    const { body } = await get('/api/verdict?run=now');
    t.match(body, {
      delayed: 4,
      requests: 11,
      causes: [{ rule: 'stood-still', route: 'GET /busy', seen: 3 }],
    });
    t.equal(body.causes.length, 1);
    t.match(body.causes[0].sentence, /it waited for a processor for 110 ms and its own code ran for 90.0 ms/);
    const { causes } = (await get('/api/causes')).body;
    const told = causes.map(({ name, lost_ms }: Record<string, unknown>) => [name, lost_ms]);
    t.same(told, [['GET /busy', 130]], 'the page says the same');
    t.equal(causes[0].example.includes('90.0 ms'), true);
    const report = (await get('/api/report?run=now')).body;
    t.same(
      report.causes.map(({ route }: { route: string }) => route),
      ['GET /busy'],
    );
  },
);

t.test('what stood still while the first request of any route ran is warm-up', async (t) => {
  const old = ['same', 'other', 'late'].flatMap((service) =>
    times(2, () => request('GET /old', { service })),
  );
  const [first, second] = [later(), later()];
  const own = (service: string) => ({ ...stalledRequest('GET /old', first + 20, 'ran'), service });
  const busy = (service: string, ms = first + 30) =>
    ({ ...request('GET /new', { service })[0], start: at(ms) }) as PlainSpan;
  const of = await causesOf({
    same: [...old, own('same'), busy('same')],
    other: [own('other'), busy('prices')],
    late: [own('late'), busy('late', second)],
  });
  t.same(of('same'), [], 'of another route, which began later');
  t.equal(of('other').length, 1, 'another process');
  t.equal(of('late').length, 1, 'at another time');
});

t.test('a failed test has the line of its span, or the one where it was thrown', async () => {
  const failed = (name: string, more: Partial<PlainSpan>): PlainSpan => {
    const attributes = { ...ofTest(name), 'test.case.result.status': 'fail', 'code.line.number': 4 };
    const base = { traceId: randomId(16), service: 'shop', resource: { 'tandem.run.id': 'now' } };
    return {
      ...base,
      name,
      kind: 1,
      start: at(later()),
      durationMs: 5,
      status: 2,
      attributes,
      ...more,
    };
  };
  const stack = 'Error: 1 is not 2\n    at check (/w/test/check.js:9:5)\n    at node:internal/test:1:1';
  const thrown = {
    'exception.type': 'Error',
    'exception.message': '1 is not 2',
    'exception.stacktrace': stack,
  };
  const { causes } = await verdictOf([
    failed('adds', { statusMessage: '1 is not 2' }),
    failed('checks', { events: [{ name: 'exception', attributes: thrown }] }),
  ]);
  t.match(causes, [
    { rule: 'test', file: 'test/app.test.js', line: 4, sentence: /adds/ },
    { rule: 'test', file: /test\/check\.js$/, line: 9, sentence: /checks/ },
  ]);
});

t.test(
  'what is a fault in one request counts in others where it is smaller, and is none by itself',
  async () => {
    const loops = (service: string, ...counts: number[]) =>
      counts.flatMap((loop) => request('GET /a', { service, loop, line: 31 }));
    const slow = (service: string, ...each: number[]) =>
      each.flatMap((ms) => request('GET /a', { service, slow: ms, line: 31 }));
    const of = await causesOf({
      few: loops('few', 3, 3, 3),
      loops: loops('loops', 3, 12, 4, 3, 0),
      quick: slow('quick', 60, 80, 100),
      slow: slow('slow', 60, 80, 400, 100),
    });
    t.same(of('few'), []);
    const [cause, ...others] = of('loops');
    t.match(cause, { rule: 'repeated-call', sentence: /called 12 times/, seen: 4, of: 5 });
    t.same(others, []);
    t.same(of('quick'), []);
    t.match(of('slow')[0], { rule: 'slow-call', sentence: /took 400 ms/, seen: 3, of: 3 });
  },
);

t.test('of many causes that differ in their statements five are told, and the rest is one', async () => {
  const spans = Array.from({ length: 9 }, (_, at) =>
    times(2, () =>
      request('GET /a', { slow: 300 + at }).map((span) => ({
        ...span,
        ...(span.kind === 3 && {
          attributes: { ...span.attributes, 'db.query.text': `SELECT * FROM tenant${at}.items` },
        }),
      })),
    ),
  ).flat();
  const called = await stored([...request('GET /a'), ...spans]);
  const rests = (causes: readonly { sentence: string }[]) =>
    causes.flatMap(({ sentence }) => sentence.match(/and \d+ more.*/) ?? []);
  for (const path of ['/api/verdict', '/api/report']) {
    const { causes } = (await get(`${path}?run=${called('now')}`)).body;
    t.same([causes.length, rests(causes)], [6, ['and 3 more statements']], path);
  }
});
