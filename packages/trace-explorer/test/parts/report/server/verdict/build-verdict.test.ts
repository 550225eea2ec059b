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

/** The verdict of the run `now`, after the run `last` where a span names it. */
async function verdictOf(spans: readonly PlainSpan[], query = 'run=now'): Promise<Verdict> {
  const { store, get } = await temporaryExplorer(t);
  await storeSpans(store, spans);
  const { status, body } = await get(`/api/verdict?${query}`);
  t.equal(status, 200, JSON.stringify(body));
  return body;
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
  const slow = (name: string) => request(name, { slow: 900 });
  const once = await verdictOf([...slow('GET /a'), ...times(3, () => request('GET /a')), ...slow('GET /b')]);
  t.same(once.causes, []);
  const [again] = (await verdictOf([...times(3, () => slow('GET /a')), ...request('GET /a')])).causes;
  t.match(again, { rule: 'slow-call', seen: 2, of: 3 });
  const [first, second] = [slow('GET /a'), slow('GET /a')];
  const [late] = (await verdictOf([...second, ...first])).causes;
  t.match(late, { seen: 1, of: 1, trace_id: second[0]?.traceId }, 'whichever arrived first');
  const [loop] = (await verdictOf(request('GET /a', { loop: 12 }))).causes;
  t.match(loop, { rule: 'repeated-call', seen: 1, of: 1 });
});

t.test('new and gone are said only where the other run could have had the cause', async () => {
  const compare = async (last: readonly PlainSpan[], now: readonly PlainSpan[]) => {
    const verdict = await verdictOf([...last, ...now], 'run=now&last=last');
    return [verdict.causes.filter((cause) => cause.new).map(({ last_of }) => last_of), verdict.gone.length];
  };
  const boom: Parts = { status: 500, error: ['Error', 'boom'] };
  const before = (name: string, parts: Parts = {}) => request(name, { ...parts, run: 'last' });
  const other = request('GET /b');
  t.same(
    await compare(before('GET /b'), request('GET /a', boom)),
    [[], 0],
    'the last run did not ask for it',
  );
  t.same(
    await compare(
      times(4, () => before('GET /a')),
      request('GET /a', boom),
    ),
    [[4], 0],
  );
  t.same(await compare(before('GET /a', boom), request('GET /a', boom)), [[], 0]);
  const all = times(3, () => before('GET /a', boom));
  t.same(await compare(all, other), [[], 0], 'this run did not ask for it');
  t.same(
    await compare(
      all,
      times(2, () => request('GET /a')),
    ),
    [[], 0],
    'not often enough',
  );
  t.same(
    await compare(
      all,
      times(3, () => request('GET /a')),
    ),
    [[], 1],
  );
  t.same(
    await compare(
      [...all, ...before('GET /a')],
      times(3, () => request('GET /a')),
    ),
    [[], 0],
    'not each time',
  );
  const [slow, quick] = [
    (run: string) => times(3, () => request('GET /a', { run, slow: 900 })),
    (run: string) => times(3, () => request('GET /a', { run })),
  ];
  t.same(await compare(quick('last'), slow('now')), [[], 0], 'no cause of time is new');
  t.same(await compare(slow('last'), quick('now')), [[], 0], 'and none is gone');
  const many = (parts: Parts) => times(25, () => before('GET /a', parts));
  t.same(
    await compare(
      [...before('GET /a'), ...many(boom)],
      times(3, () => request('GET /a')),
    ),
    [[], 0],
    'not each time, long before the end',
  );
  t.same(
    await compare([...before('GET /a', { loop: 12 }), ...many({})], request('GET /a', { loop: 12 })),
    [[], 0],
    'once, long before the end',
  );
  t.same(
    await compare([...before('GET /a'), ...times(25, () => before('GET /b'))], request('GET /a', boom)),
    [[1], 0],
    'asked for long before the end',
  );
  const test = 'lists';
  t.same(
    await compare(before('GET /a', { ...boom, test }), request('GET /a', { test })),
    [[], 1],
    'the same test',
  );
  t.same(await compare(before('GET /a', { test }), request('GET /a', { ...boom, test })), [[1], 0]);
});

t.test('beside a sample nothing is new or gone, whichever of both runs it is', async () => {
  const fails = { error: ['TypeError', 'no id'] } as const;
  const sampled = (spans: PlainSpan[]) =>
    spans.map((span) => ({ ...span, attributes: { ...span.attributes, SampleRate: 20 } }));
  const last = times(20, () => request('GET /a', { run: 'last' }));
  const gone = times(20, () => request('GET /b', { run: 'last', ...fails }));
  const now = times(20, () => request('GET /a', fails));
  const still = times(20, () => request('GET /b'));
  const all = [last, gone, now, still] as const;
  const said = async (...runs: readonly PlainSpan[][]) => {
    const { causes, gone } = await verdictOf(runs.flat(), 'run=now&last=last');
    return [causes.map((cause) => cause.new === true), gone.length];
  };
  t.same(await said(...all), [[true], 1]);
  t.same(await said(last, gone, sampled(now), sampled(still)), [[false], 0]);
  t.same(await said(sampled(last), sampled(gone), now, still), [[false], 0]);
});

t.test('nothing is new or gone beside spans of another version of their instrumentation', async () => {
  const fails = { error: ['TypeError', 'no id'] } as const;
  const of = (version: string, spans: PlainSpan[]) =>
    spans.map((span) => ({ ...span, scope: { name: 'http', version } }));
  const said = async (last: string, now: string) => {
    const { causes, gone } = await verdictOf(
      [
        ...of(
          last,
          times(4, () => request('GET /a', { run: 'last' })),
        ),
        ...of(
          last,
          times(4, () => request('GET /b', { run: 'last', ...fails })),
        ),
        ...of(
          now,
          times(4, () => request('GET /a', fails)),
        ),
        ...of(
          now,
          times(4, () => request('GET /b')),
        ),
      ],
      'run=now&last=last',
    );
    return [causes.map((cause) => cause.new === true), gone.length];
  };
  t.same(await said('1', '1'), [[true], 1]);
  t.same(await said('', ''), [[true], 1], 'which nobody knows');
  t.same(await said('1', '2'), [[false], 0]);
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
  const told = async (spans: readonly PlainSpan[]) => {
    const { causes } = await verdictOf(spans);
    return causes.map(({ failure, unit, test }) => `${failure} ${unit} ${test}`);
  };
  const label = 'test/app.test.js › fails';
  t.same(await told(request('GET /a', { test: 'fails', status: 500 })), [`true request ${label}`]);
  t.same(await told(call('http://stock.example/a', { test: 'fails', status: 503 })), [`true test ${label}`]);
  t.same(await told(call('http://stock.example/a', { test: 'fails' })), [`true test ${label}`]);
  t.same(await told(request('GET /a', { test: 'fails', swallows: true })), [`true request ${label}`]);
  t.same(await told([]), []);
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
  const { causes } = await verdictOf(spans, `since=${since}`);
  t.same(
    causes.map(({ route }) => route),
    ['GET /late'],
  );
});

t.test('a call of this machine is the same cause at another port', async () => {
  const loop = (run: string, port: number) =>
    request('GET /orders', { run, loop: 12 }).flatMap((span, id): PlainSpan[] => {
      if (span.kind !== 3) return [span];
      const spanId = randomId(8);
      const attributes = { 'url.full': `http://127.0.0.1:${port}/users/${id}` };
      const answer = { ...span, name: 'GET /users/:id', parentSpanId: spanId, kind: 2, attributes: {} };
      return [{ ...span, spanId, name: 'GET', attributes }, answer];
    });
  const { causes, gone } = await verdictOf(
    [...times(3, () => loop('last', 41_001)), ...times(3, () => loop('now', 41_002))],
    'run=now&last=last',
  );
  t.equal(causes.length, 1);
  t.equal(causes[0]?.rule, 'repeated-call');
  t.notOk(causes[0]?.new);
  t.same(gone, []);
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
  const old = times(2, () => request('GET /old'));
  const [first, second] = [later(), later()];
  const own = { ...stalledRequest('GET /old', first + 20, 'ran') };
  const verdict = (spans: readonly PlainSpan[]) => verdictOf([...old, ...spans]);
  const busy = { ...request('GET /new')[0], start: at(first + 30) } as PlainSpan;
  const { causes } = await verdict([own, busy]);
  t.same(causes, [], 'of another route, which began later');
  const other = { ...busy, service: 'prices' };
  t.equal((await verdict([own, other])).causes.length, 1, 'another process');
  const late = { ...busy, start: at(second) };
  t.equal((await verdict([own, late])).causes.length, 1, 'at another time');
});

t.test('a failed test has the line of its span, or the one where it was thrown', async () => {
  const failed = (more: Partial<PlainSpan>): PlainSpan => {
    const attributes = { ...ofTest('adds'), 'test.case.result.status': 'fail', 'code.line.number': 4 };
    const base = { traceId: randomId(16), service: 'shop', resource: { 'tandem.run.id': 'now' } };
    return {
      ...base,
      name: 'adds',
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
  const [own] = (await verdictOf([failed({ statusMessage: '1 is not 2' })])).causes;
  t.match(own, { rule: 'test', file: 'test/app.test.js', line: 4 });
  const [told] = (await verdictOf([failed({ events: [{ name: 'exception', attributes: thrown }] })])).causes;
  t.match(told, { rule: 'test', file: /test\/check\.js$/, line: 9 });
});

t.test(
  'what is a fault in one request counts in others where it is smaller, and is none by itself',
  async () => {
    const loops = (...counts: number[]) => counts.flatMap((loop) => request('GET /a', { loop, line: 31 }));
    t.same((await verdictOf(loops(3, 3, 3))).causes, []);
    const [cause, ...others] = (await verdictOf(loops(3, 12, 4, 3, 0))).causes;
    t.match(cause, { rule: 'repeated-call', sentence: /called 12 times/, seen: 4, of: 5 });
    t.same(others, []);
    const slow = (...each: number[]) => each.flatMap((ms) => request('GET /a', { slow: ms, line: 31 }));
    t.same((await verdictOf(slow(60, 80, 100))).causes, []);
    const [call] = (await verdictOf(slow(60, 80, 400, 100))).causes;
    t.match(call, { rule: 'slow-call', sentence: /took 400 ms/, seen: 3, of: 3 });
  },
);

t.test('of many causes that differ in their statements five are told, and the rest is one', async () => {
  const { store, get } = await temporaryExplorer(t);
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
  await storeSpans(store, [...request('GET /a'), ...spans]);
  const rests = (causes: readonly { sentence: string }[]) =>
    causes.flatMap(({ sentence }) => sentence.match(/and \d+ more.*/) ?? []);
  for (const path of ['/api/verdict', '/api/report']) {
    const { causes } = (await get(`${path}?run=now`)).body;
    t.same([causes.length, rests(causes)], [6, ['and 3 more statements']], path);
  }
});
