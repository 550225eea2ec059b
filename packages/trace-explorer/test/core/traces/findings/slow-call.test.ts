import type { PlainAttributes } from '@tandem/otlp/testing';
import t from 'tap';
import { at, temporaryExplorer } from '../../../explorer.ts';
import { randomId, storeSpans } from '../../../spans.ts';
import { client, sentences, server, span } from '../make-span.ts';

t.test('a statement that takes much of its request is named, with its share', async (t) => {
  const spans = [
    server('root', '', 0, 400, { name: 'GET /home' }),
    client('sql', 'root', 10, 210, { name: 'SELECT activities', isDatabase: true }),
    span('render', 'root', 210, 399),
  ];
  t.strictSame(sentences(spans), ['slow-call: SELECT activities of api took 200 ms, 50 % of GET /home']);
});

t.test('a slow call says how large its answer was, where that is known and much', async (t) => {
  const said = (more: object) =>
    sentences([
      server('root', '', 0, 220, { name: 'GET /home' }),
      client('sql', 'root', 10, 210, { name: 'SELECT activities', ...more }),
    ]);
  const slow = 'slow-call: SELECT activities of api took 200 ms, 91 % of GET /home';
  t.strictSame(said({ isDatabase: true, rows: 12_000 }), [`${slow}, and returned 12,000 rows`]);
  t.strictSame(said({ bytes: 3 * 2 ** 20 }), [`${slow}, and returned 3 MiB`]);
  t.strictSame(said({ isDatabase: true }), [slow]);
});

t.test('of stored spans, a small answer is none that explains anything', async (t) => {
  const { store, trace } = await temporaryExplorer(t);
  const said = async (attributes: PlainAttributes) => {
    const traceId = randomId(16);
    const own = { traceId, service: 'api', start: at(0) };
    const root = { ...own, spanId: randomId(8), name: 'GET /home', kind: 2, durationMs: 400 };
    const call = { ...own, parentSpanId: root.spanId, name: 'SELECT activities', kind: 3, durationMs: 300 };
    await storeSpans(store, [root, { ...call, spanId: randomId(8), attributes }]);
    return (await trace(traceId)).findings.map(({ sentence }: { sentence: string }) => sentence).join();
  };
  t.match(await said({ 'db.response.returned_rows': 100 }), /GET \/home, and returned 100 rows$/);
  t.match(await said({ 'db.response.returned_rows': 99 }), /GET \/home$/);
  t.match(await said({ 'http.response.body.size': 65_536 }), /GET \/home, and returned 64 KiB$/);
  t.match(await said({ 'http.response.body.size': 65_535 }), /GET \/home$/);
});

t.test('a slow statement says the tables that it reads row by row, where its plan is known', async (t) => {
  const { store, trace } = await temporaryExplorer(t);
  const own = { traceId: randomId(16), service: 'api', start: at(0) };
  const root = { ...own, spanId: randomId(8), name: 'GET /home', kind: 2, durationMs: 400 };
  const attributes = { 'db.system.name': 'sqlite', 'db.query.text': 'SELECT 1', 'tandem.db.scans': 'orders' };
  const call = { ...own, spanId: randomId(8), parentSpanId: root.spanId, name: 'SELECT orders', kind: 3 };
  await storeSpans(store, [root, { ...call, durationMs: 300, attributes }]);
  t.equal(
    (await trace(own.traceId)).findings[0]?.sentence,
    'SELECT orders of api took 300 ms, 75 % of GET /home; it reads orders row by row (SCAN)',
  );
});

t.test('the advice about a statement of PostgreSQL says how to see its plan', async (t) => {
  const { store, trace } = await temporaryExplorer(t);
  const adviceOn = async (system: string) => {
    const own = { traceId: randomId(16), service: 'api', start: at(0) };
    const root = { ...own, spanId: randomId(8), name: 'GET /home', kind: 2, durationMs: 400 };
    const attributes = { 'db.system.name': system, 'db.query.text': 'SELECT * FROM orders WHERE id = $1' };
    const call = { ...own, spanId: randomId(8), parentSpanId: root.spanId, name: 'SELECT orders', kind: 3 };
    await storeSpans(store, [root, { ...call, durationMs: 300, attributes }]);
    return (await trace(own.traceId)).findings[0]?.advice;
  };
  t.match(await adviceOn('postgresql'), 'EXPLAIN (GENERIC_PLAN)');
  t.equal(await adviceOn('mysql'), 'Look at the plan of the statement: an index, a lock or fewer rows.');
});

t.test('a short one, a small share, and a call whose server sends spans are not', async (t) => {
  const request = (to: number, whole: number) => [
    server('root', '', 0, whole, { name: 'GET /home' }),
    span('work', 'root', 0, whole),
    client('sql', 'root', 0, to, { name: 'SELECT activities' }),
  ];
  t.strictSame(sentences(request(180, 200)), []);
  t.strictSame(sentences(request(200, 2100)), []);
});

t.test('a call is named for a smaller share of a long request', async (t) => {
  const spans = [
    server('root', '', 0, 2700, { name: 'POST /checkout' }),
    span('work', 'root', 400, 1100),
    client('cards', 'root', 1100, 2690, { name: 'SELECT cards', isDatabase: true }),
    client('products', 'root', 10, 400, { name: 'SELECT products', isDatabase: true }),
  ];
  t.match(sentences(spans), [
    /^slow-call: SELECT cards of api took 1\.59 s, 59 % of POST \/checkout/,
    /^slow-call: SELECT products of api took 390 ms, 14 % of POST \/checkout/,
  ]);
});

t.test("a library's call is named, with its driver's call below it", async (t) => {
  const spans = (kind = 'client') => [
    server('root', '', 0, 400, { name: 'GET /home' }),
    client('mongoose', 'root', 10, 310, { name: 'mongoose.User.find', isDatabase: true }),
    client('mongodb', 'mongoose', 15, 300, { name: 'find users', isDatabase: true, kind }),
    client('socket', 'mongodb', 16, 299, { name: 'write' }),
  ];
  t.match(sentences(spans()), [/^slow-call: mongoose\.User\.find of api took 300 ms, 75 % of GET \/home$/]);
  t.notMatch(sentences(spans('internal')).join(), 'mongoose.User.find of api took', 'its work says more');
});

t.test('a call that outlasts its request is none of the time that its caller waited', async (t) => {
  const spans = [server('root', '', 0, 300), client('later', 'root', 10, 900, { name: 'POST /audit' })];
  t.notMatch(sentences(spans).join(), 'slow-call');
});

t.test('one call of a loop that takes half of the request is named too', async (t) => {
  const ends = [20, 30, 40, 50, 450];
  const spans = [
    server('root', '', 0, 460, { name: 'GET /home' }),
    ...ends.map((end, i) =>
      client(`sql ${i}`, 'root', ends[i - 1] ?? 10, end, { name: 'SELECT users', isDatabase: true }),
    ),
  ];
  t.match(sentences(spans), [
    /^repeated-call/,
    /^slow-call: SELECT users of api \(the 5th of 5\) took 400 ms, 87 % of GET \/home/,
  ]);
});

t.test('a call of a model is a call where its library says INTERNAL', async (t) => {
  const spans = [
    server('root', '', 0, 1000, { name: 'POST /ask' }),
    span('chat', 'root', 5, 900, { name: 'chat gpt-5', isGenerative: true }),
  ];
  t.match(sentences(spans), [/^slow-call: chat gpt-5 of api took 895 ms, 90 % of POST \/ask/]);
});

t.test("long work of the service itself is named, and where it is a request's alone", async (t) => {
  const work = (length: number, more = {}, kind = 'server') => [
    span('root', '', 0, 800, { name: 'POST /images', kind }),
    span('work', 'root', 1, 1 + length, { name: 'resize the image', ...more }),
    span('store', 'root', 1 + length, 799),
  ];
  t.strictSame(sentences(work(600)), [
    'slow-call: resize the image of api took 600 ms, 75 % of POST /images',
  ]);
  t.strictSame(sentences(work(300)), ['slow-call: store of api took 498 ms, 62 % of POST /images']);
  t.strictSame(sentences(work(600, { name: 'EventStream' })), [], 'waiting is its work');
  t.strictSame(sentences(work(600, {}, 'internal')), [], 'the load of a page varies more');
  const parts = [...work(600), span('part', 'work', 2, 600)];
  t.match(sentences(parts), [/^slow-call: part of api took 598 ms/], 'the part says more');
});

t.test(
  'long work of a job or an agent is named, also where no convention says that it calls a model',
  async (t) => {
    const agent = (length: number) => [
      span('agent', '', 0, 2000, { name: 'ChatAgent.run' }),
      span('model', 'agent', 1, length, { name: 'AssistantsClient.get_response' }),
      span('tool', 'agent', length, length + 5, { name: 'FunctionTool.invoke' }),
    ];
    t.match(sentences(agent(1900)), [
      /^slow-call: AssistantsClient.get_response of api took 1\.90 s, 95 % of ChatAgent/,
    ]);
    t.notMatch(sentences(agent(900)).join(), 'slow-call');
  },
);

t.test('a call of a model by an agent whose span is a CLIENT span too is a call', async (t) => {
  const spans = [
    client('agent', '', 0, 9000, { name: 'invoke_agent', isGenerative: true }),
    client('chat', 'agent', 10, 8200, { name: 'chat', isGenerative: true }),
    span('tool', 'agent', 8210, 8300, { name: 'execute_tool' }),
  ];
  t.match(sentences(spans), [/^slow-call: chat of api took 8\.19 s, 91 % of invoke_agent/]);
});

t.test(
  'long work is named where its sender gives no kinds, and is none where its call was cancelled or broke',
  async (t) => {
    const work = (kind: string, status = '') => [
      client('call', '', 0, 1002, { name: 'Sync', error: status !== '', statusCode: status }),
      server('root', 'call', 0, 1000, { name: 'Sync', service: 'broker' }),
      span('build', 'root', 1, 999, { name: 'RUN make', service: 'broker', kind }),
    ];
    t.match(sentences(work('unspecified')), [/^slow-call: RUN make of broker took 998 ms, 100 % of Sync/]);
    for (const status of ['1', '14']) t.notMatch(sentences(work('internal', status)).join(), 'slow-call');
  },
);

t.test('work is not named where the call that it makes is recorded beside its parent', async (t) => {
  const spans = [
    server('root', '', 0, 1000, { name: 'POST /rules' }),
    span('rule', 'root', 1, 990, { name: 'run the rule' }),
    span('post', 'rule', 10, 980, { name: 'POST http://data/v3' }),
    client('proxy', 'root', 12, 979, { name: 'data:80/*' }),
    server('served', 'proxy', 14, 978, { name: 'POST /v3', service: 'data' }),
    client('sql', 'served', 15, 970, { name: 'SELECT pages', service: 'data', isDatabase: true }),
  ];
  t.match(sentences(spans), [/^slow-call: SELECT pages of data took 955 ms/]);
  t.equal(sentences(spans).length, 1);
});

t.test("an agent's span is not named where its calls of the model are recorded beside it", async (t) => {
  const spans = [
    server('root', '', 0, 1000, { name: 'POST /ask' }),
    span('agent', 'root', 1, 990, { name: 'invoke_agent', isGenerative: true }),
    span('chat', 'root', 2, 900, { name: 'chat', isGenerative: true }),
  ];
  const found = sentences(spans);
  t.match(found, [/^slow-call: chat of api took 898 ms/]);
  t.notMatch(found.join(), 'invoke_agent');
});

t.test('of equal calls, the sentence says what they took together, also side by side', async (t) => {
  const said = (starts: readonly number[]) =>
    sentences([
      server('root', '', 0, 7000, { name: 'GET /ask' }),
      ...starts.map((from, i) =>
        client(`call ${i}`, 'root', from, from + 1400, { name: 'chat m-1', isGenerative: true, call: i + 1 }),
      ),
      span('tool', 'root', 1700, 1750),
    ]).find((each) => each.startsWith('slow-call'));
  t.equal(
    said([200, 1850, 3500, 5150]),
    'slow-call: chat m-1 of api (the 1st of 4) took 1.40 s, 20 % of GET /ask, the longest of 4 long calls, which together took 5.60 s, 80 %',
  );
  t.match(said([200, 200]), /together took 1\.40 s, 20 %$/);
});

t.test('of equal names, the sentence says which one it was', async (t) => {
  const calls = (slow: number) =>
    Array.from({ length: 212 }, (_, i) =>
      client(`call ${i}`, 'root', 10 * i, 10 * i + (i === slow ? 1900 : 1), { name: 'SELECT users' }),
    );
  const which = (slow: number) =>
    sentences([server('root', '', 0, 3000, { name: 'GET /home' }), ...calls(slow)]).find((each) =>
      each.startsWith('slow-call'),
    );
  t.match(which(56), /^slow-call: SELECT users of api \(the 57th of 212\) took 1\.90 s/);
  t.match(which(1), /\(the 2nd of 212\)/);
  t.match(which(102), /\(the 103rd of 212\)/);
});

t.test("a call is slow by its own time, whatever its client's spans are below it", async (t) => {
  const request = (...below: Parameters<typeof sentences>[0]) =>
    sentences([
      server('root', '', 0, 600, { name: 'GET /profile' }),
      client('call', 'root', 10, 579, { name: 'GET /me' }),
      ...below,
    ]).join();
  const SLOW = /slow-call: GET \/me of api took 569 ms, 95 % of GET \/profile/;
  t.match(request(), SLOW);
  t.match(request(span('body', 'call', 11, 14)), SLOW);
  t.match(request(span('dns', 'call', 11, 15), span('connect', 'call', 15, 24)), SLOW);
  t.match(request(client('driver', 'call', 11, 578), span('socket', 'driver', 12, 20)), SLOW, "its driver's");
  t.match(request(span('try', 'call', 11, 300), client('inner', 'try', 12, 299)), SLOW);
  t.notMatch(request(span('parse', 'call', 11, 578)), SLOW, 'another span says what took the time');
  t.notMatch(request(server('served', 'call', 11, 300, { service: 'users' })), SLOW);
  t.notMatch(request(client('driver', 'call', 11, 578), server('served', 'driver', 12, 300)), SLOW);
  t.notMatch(request(span('sidecar', 'call', 11, 300, { service: 'proxy' })), SLOW);
});

t.test('calls that go on after their request took no share of it together', async (t) => {
  const spans = [
    server('root', '', 0, 1000, { name: 'GET /home' }),
    ...[0, 800].map((from) => client(`call ${from}`, 'root', from, from + 900, { name: 'POST /audit' })),
  ];
  t.match(sentences(spans).join(), /slow-call.*the longest of 2 long calls/);
  t.notMatch(sentences(spans).join(), /together/);
});

t.test('which of several is said among the spans that are said alike, of one kind', async (t) => {
  const call = (name: string, from: number, to: number, target: string) =>
    client(name, 'root', from, to, { name: 'GET', target });
  const spans = [
    server('root', '', 0, 1000, { name: 'GET' }),
    call('one', 1, 5, 'a:80/x'),
    call('other', 10, 900, 'b:80/y'),
  ];
  t.match(sentences(spans), ['slow-call: GET b:80/y of api took 890 ms, 89 % of GET']);
  t.match(sentences([...spans, call('again', 901, 902, 'b:80/y')]), [
    /GET b:80\/y of api \(the 1st of 2\) took/,
  ]);
});

t.test('a span in which an agent waits for a person is nobody’s slow code', async (t) => {
  for (const name of ['claude_code.tool.blocked_on_user', 'wait_for_approval', 'human_input', 'ask user'])
    t.strictSame(
      sentences([
        span('root', '', 0, 700_000, { name: 'interaction' }),
        span('tool', 'root', 10, 690_000, { name: 'tool' }),
        span('wait', 'tool', 11, 680_000, { name }),
      ]),
      [],
      name,
    );
});

t.test('a framework that loads code with its first request has no slow part of the app', async (t) => {
  const request = (load: string, resolve: string, until: number) => [
    server('root', '', 0, 900, { name: 'GET /products' }),
    span('resolve', 'root', 0, 800, { name: resolve }),
    span('load', 'resolve', 1, until, { name: load }),
    span('render', 'root', 801, 899, { name: 'render route (app) /products' }),
  ];
  t.match(sentences(request('load prices', 'find prices', 600)), [/^slow-call: load prices/]);
  t.match(sentences(request('load prices', 'find prices', 200)), [/^unexplained-time: find prices/]);
  for (const until of [200, 600])
    t.strictSame(sentences(request('load route module', 'resolve page components', until)), []);
});

t.test('a command that waits for what somebody sends is not slow', async (t) => {
  const said = (name: string) =>
    sentences([
      server('root', '', 0, 5000, { name: 'GET /next' }),
      client('call', 'root', 10, 4990, { name, isDatabase: true }),
    ]);
  for (const name of ['BLPOP jobs:6379', 'redis-BRPOP', 'BZPOPMIN', 'blmove', 'XREADGROUP'])
    t.strictSame(said(name), [], name);
  for (const name of ['LPOP', 'BLUR', 'XADD']) t.match(said(name), [/^slow-call: /], name);
});
