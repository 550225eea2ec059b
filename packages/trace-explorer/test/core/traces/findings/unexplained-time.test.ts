import t from 'tap';
import { buildTree } from '../../../../src/core/traces/tree/tree.ts';
import { client, findingsIn, sentences, server, span } from '../make-span.ts';

t.test('own time of a request that no span explains is said with how much it is', async (t) => {
  const spans = [
    server('root', '', 0, 500, { name: 'GET /users', service: 'user-lookup' }),
    client('sql', 'root', 480, 490, { name: 'SELECT users', service: 'user-lookup', isDatabase: true }),
  ];
  t.strictSame(sentences(spans), [
    'unexplained-time: GET /users spent 490 ms of 500 ms in user-lookup itself, and no span says on what',
  ]);
});

t.test('a request whose client left says so: the server may still be at work, or never answer', async (t) => {
  const left = server('root', '', 0, 1000, { name: 'GET /hang', service: 'shop', isLeft: true });
  t.match(sentences([left]), [
    /^unexplained-time: GET \/hang spent 1\.00 s of 1\.00 s .* until its client left/,
  ]);
});

t.test('time between a call and its server is the network’s or a queue’s', async (t) => {
  const spans = [
    client('call', '', 0, 500, { name: 'GET /users', service: 'api' }),
    server('served', 'call', 400, 420, { name: 'GET /users', service: 'user-lookup' }),
  ];
  t.match(sentences(spans), [
    /spent 480 ms of 500 ms between api and user-lookup, before or after the span there/,
  ]);
});

t.test(
  'a span that names its own work, a short time and a root that is no request are explained',
  async (t) => {
    const work = [server('root', '', 0, 500), span('resize the image', 'root', 1, 499)];
    t.notMatch(sentences(work).join(), 'unexplained-time');
    t.strictSame(sentences([server('root', '', 0, 340)]), []);
    t.strictSame(sentences([server('root', '', 0, 5000, { name: 'flagd.Service/EventStream' })]), []);
    t.match(sentences([server('root', '', 0, 5000, { name: 'GET /upstream' })]), [/spent 5.00 s/]);
    t.strictSame(sentences([span('session', '', 0, 60_000), span('click', 'session', 0, 1)]), []);
  },
);

t.test('less time is enough when it is most of a request whose other work is recorded', async (t) => {
  const login = (hashed: number, whole: number) => [
    server('root', '', 0, whole, { name: 'POST /login' }),
    client('sql', 'root', hashed, whole, { name: 'SELECT users', isDatabase: true }),
  ];
  t.match(sentences(login(210, 300)), [/^unexplained-time: POST \/login spent 210 ms of 300 ms in api/]);
  t.strictSame(sentences(login(210, 600)).join().includes('unexplained'), false, 'a smaller share');
  t.strictSame(sentences(login(180, 200)), []);
  const call = [
    client('call', '', 0, 240, { name: 'GET /price', service: 'basic' }),
    server('served', 'call', 200, 206, { name: 'GET /price', service: 'price' }),
  ];
  t.match(sentences(call), [/^unexplained-time: GET \/price spent 234 ms of 240 ms between basic and price/]);
});

t.test('much own time is said beside calls that took even more', async (t) => {
  const spans = [
    server('root', '', 0, 4000, { name: 'GET /catalogue', service: 'shop' }),
    client('call', 'root', 1000, 4000, { name: 'GET /cart', service: 'shop' }),
    server('served', 'call', 1001, 3999, { name: 'GET /cart', service: 'cart' }),
  ];
  t.match(sentences(spans).join(), /GET \/catalogue spent 1\.00 s of 4\.00 s in shop itself/);
});

t.test('own time is measured by its request, not by the session of a browser', async (t) => {
  const session = [
    span('session', '', 0, 60_000, { service: 'browser' }),
    client('call', 'session', 10, 520, { name: 'GET /users', service: 'browser' }),
    server('served', 'call', 12, 518, { name: 'GET /users', service: 'api' }),
  ];
  t.match(sentences(session), [/^unexplained-time: GET \/users spent 506 ms of 506 ms in api itself/]);
});

t.test('own time is found where a sender gives no kinds, and in a job that calls its database', async (t) => {
  const work = [
    server('root', '', 0, 900, { name: 'POST /functions' }),
    span('endpoint', 'root', 1, 899, { name: 'run the function', kind: 'unspecified' }),
    span('answer', 'endpoint', 898, 899, { kind: 'unspecified' }),
  ];
  t.match(sentences(work), [/^unexplained-time: run the function spent 897 ms of 898 ms in api itself/]);
  const job = [
    span('root', '', 0, 900, { name: 'db:seed' }),
    client('sql', 'root', 890, 895, { name: 'INSERT users', isDatabase: true }),
  ];
  t.match(sentences(job), [/^unexplained-time: db:seed spent 895 ms of 900 ms in api itself/]);
});

t.test("a proxy's stream of its configuration is open as long as the proxy lives", async (t) => {
  const name = 'envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources';
  t.strictSame(sentences([server('root', '', 0, 5000, { name })]), []);
});

t.test('a loop explains no time before its first call or after its last', async (t) => {
  const request = (wait: number) => [
    server('root', '', 0, wait + 100, { name: 'GET /users' }),
    ...Array.from({ length: 10 }, (_, i) =>
      client(`sql ${i}`, 'root', wait + 10 * i, wait + 10 * i + 5, {
        name: 'SELECT users',
        isDatabase: true,
      }),
    ),
  ];
  t.match(sentences(request(900)), [
    /^repeated-call/,
    /^unexplained-time: GET \/users spent 905 ms of 1.00 s/,
  ]);
  t.match(sentences(request(10)), [/^repeated-call/]);
  t.equal(sentences(request(10)).length, 1);
});

t.test('a SERVER span inside of a service is no request of its own', async (t) => {
  const spans = [
    server('root', '', 0, 9000, { name: 'POST /messages' }),
    span('work', 'root', 10, 8990, { name: 'answer' }),
    ...[0, 1, 2].map((i) => server(`wait ${i}`, 'root', 20 + 510 * i, 529 + 510 * i, { name: 'dequeue' })),
  ];
  t.notMatch(sentences(spans).join(), 'dequeue');
});

t.test('a span is explained where its work is recorded beside it', async (t) => {
  const spans = [
    client('call', '', 0, 1002, { name: 'send', service: 'supervisor' }),
    server('handler', 'call', 1, 1000, { name: 'on_message' }),
    server('work', 'call', 2, 999, { name: 'handle' }),
    client('sql', 'work', 3, 998, { name: 'SELECT devices', isDatabase: true }),
  ];
  t.notMatch(sentences(spans).join(), 'on_message');
});

t.test('own time that the process has explained is said as far as it can be known', async (t) => {
  const hash = { function: 'hashPassword (src/auth.js:31)', share: 0.71 };
  const wordsOf = (ownTime: unknown) => {
    const text = typeof ownTime === 'string' ? ownTime : JSON.stringify(ownTime);
    const [sentence = ''] = sentences([server('root', '', 0, 400, { name: 'POST /login', ownTime: text })]);
    return sentence.replace('unexplained-time: POST /login spent 400 ms of 400 ms in api itself', '');
  };
  const told = { own_ms: 380, waited: 0.04, ran: [hash], beside: 0 };
  t.equal(wordsOf(told), '; in them `hashPassword` (src/auth.js:31) ran for 71 %');
  const lineOf = (more: object) => {
    const ownTime = JSON.stringify({ ...told, ...more });
    return findingsIn(buildTree([server('root', '', 0, 400, { ownTime, line: 'src/app.js:7' })]))[0]?.line;
  };
  t.equal(lineOf({}), 'src/auth.js:31', 'the line of the function');
  t.equal(
    lineOf({ ran: [{ ...hash, function: 'hash (/srv/src/auth.js:31)' }] }),
    '/srv/src/auth.js:31',
    'a file that exists',
  );
  t.equal(lineOf({ beside: 19 }), 'src/app.js:7', 'it may have run for others');
  t.equal(lineOf({ waited: 0.9 }), 'src/app.js:7', 'it waited');
  t.equal(wordsOf({ ...told, waited: 0.97, ran: [] }), '; in them the event loop waited for 97 %');
  t.equal(
    wordsOf({ ...told, waited: 0.8, ran: [{ ...hash, share: 0.2 }] }),
    '; in them the event loop waited for 80 % and `hashPassword` (src/auth.js:31) ran for 20 %',
  );
  t.equal(
    wordsOf({ ...told, beside: 19 }),
    '; meanwhile, with 19 other requests in the process, `hashPassword` (src/auth.js:31) ran for 71 %',
  );
  t.equal(
    wordsOf({ ...told, waited: 0.97, ran: [], beside: 19 }),
    '; in them the event loop waited for 97 %',
    'a loop that waited has run nothing of any request',
  );
  for (const foreign of [
    'no JSON',
    '7',
    { ...told, waited: 7 },
    { ...told, ran: {} },
    { ...told, ran: [{ function: 7, share: 1 }] },
    { ...told, beside: -1 },
    { ...told, waited: 0, ran: [{ ...hash, share: 0.05 }] },
  ])
    t.equal(wordsOf(foreign), ', and no span says on what', JSON.stringify(foreign));
  t.equal(
    wordsOf({ ...told, ran: [{ function: 'a\u001b[2J\u202eb', share: 0.9 }] }),
    '; in them `a⟨U+001B⟩[2J⟨U+202E⟩b` ran for 90 %',
  );
});

t.test('a route that stays open on purpose, by its name, needs no spans', async (t) => {
  const said = (name: string) => sentences([server('root', '', 0, 5000, { name })]);
  for (const name of ['GET /sse', 'GET /orders/sse', 'GET /longpoll', 'GET /jobs/long-polling'])
    t.strictSame(said(name), [], name);
  for (const name of ['GET /assets', 'GET /class-essen', 'GET /polls'])
    t.match(said(name), [/spent 5.00 s/], name);
});

t.test('time of no known part is a fact, and a stream of events is open', async (t) => {
  const spent = (more: object) =>
    findingsIn(buildTree([server('root', '', 0, 2500, { name: 'GET /scores/events', ...more })]));
  t.match(spent({}), [{ rule: 'unexplained-time', isFact: true }]);
  t.strictSame(spent({ isStreaming: true }), []);
  const ownTime = JSON.stringify({
    waited: 0,
    ran: [{ function: 'hash (src/auth.js:31)', share: 0.9 }],
    beside: 0,
  });
  t.notMatch(spent({ ownTime }), [{ isFact: true }]);
});
