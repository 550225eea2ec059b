import t from 'tap';
import { at } from '../../../explorer.ts';
import { randomId, storeSpans, temporaryStore } from '../../../spans.ts';
import { client, sentences, server, span } from '../make-span.ts';
import { storedFindings } from './stored-findings.ts';

const request = (first: number, second: number, name = 'GET /api/users', more = {}) => [
  server('root', '', 0, 100, { name: 'GET /home' }),
  span('a', 'root', 1, 50),
  client('one', 'a', 2, 22, { name, call: first, ...more }),
  span('b', 'root', 51, 99),
  client('two', 'b', 52, 72, { name, call: second }),
];

t.test('a call that reads, with the same arguments in one request, is one call too many', async (t) => {
  t.strictSame(sentences(request(7, 7)), [
    'same-call-twice: GET /api/users was called twice with the same arguments within GET /home of api; to keep the first answer would save up to 20.0 ms',
  ]);
});

t.test(
  'other arguments, arguments that are not known, and calls that write are not the same call',
  async (t) => {
    t.strictSame(sentences(request(7, 8)), []);
    t.strictSame(sentences(request(0, 0)), []);
    t.strictSame(sentences(request(7, 7, 'POST /api/users')), []);
  },
);

t.test('five and more of them are said once', async (t) => {
  const calls = Array.from({ length: 6 }, (_, i) =>
    client(`call ${i}`, 'root', 10 * i + 1, 10 * i + 9, { name: 'GET /api/users', call: 7 }),
  );
  const found = sentences([server('root', '', 0, 100, { name: 'GET /home' }), ...calls]);
  t.match(found, [/^same-call-twice: GET \/api\/users was called 6 times/]);
  t.equal(found.length, 1);
});

t.test('calls at the same time cost the time after the first answer, not the sum of all', async (t) => {
  const calls = Array.from({ length: 6 }, (_, i) =>
    client(`call ${i}`, 'root', 1, 11 + 10 * i, { name: 'GET /api/users', call: 7 }),
  );
  t.match(sentences([server('root', '', 0, 100, { name: 'GET /home' }), ...calls]), [
    /was called 6 times .*would save up to 50\.0 ms$/,
  ]);
});

/** Two equal reads with a call between them, or with none. */
const reread = (name: string, read: object, between: readonly object[]) =>
  sentences([
    server('root', '', 0, 100, { name: 'GET /home' }),
    client('one', 'root', 2, 22, { name, call: 7, ...read }),
    ...between.map((more, i) => client(`between ${i}`, 'root', 30, 40, more)),
    client('two', 'root', 52, 72, { name, call: 7, ...read }),
  ]).length;

t.test('the first answer is old where something was written between, which the reads read', async (t) => {
  const address = ['GET /api/users', {}] as const;
  t.equal(reread(...address, [{ name: 'PUT /api/users', call: 7 }]), 0);
  t.equal(reread(...address, [{ name: 'PUT /api/users', call: 8 }]), 1);
  t.equal(reread(...address, [{ name: 'HEAD /api/users', call: 7 }]), 1);
  const key = ['GET cache:6379', { isDatabase: true, resource: 3 }] as const;
  t.equal(reread(...key, [{ name: 'SET cache:6379', isDatabase: true, resource: 3 }]), 0);
  t.equal(reread(...key, [{ name: 'SET cache:6379', isDatabase: true, resource: 4 }]), 1);
  t.equal(reread(...key, [{ name: 'TTL cache:6379', isDatabase: true, resource: 3 }]), 1);
  const table = ['SELECT users', { isDatabase: true, shape: 'SELECT users 0123abcd' }] as const;
  t.equal(reread(...table, [{ name: 'UPDATE shop', isDatabase: true, shape: 'UPDATE Users 0123abcd' }]), 0);
  t.equal(reread(...table, [{ name: 'UPDATE shop', isDatabase: true, shape: 'UPDATE orders 0123abcd' }]), 1);
  t.equal(
    reread(...table, [{ name: 'pg.query:SELECT', isDatabase: true, shape: 'SELECT users 4567abcd' }]),
    1,
  );
});

t.test(
  'equal reads on both sides of a write are told apart, and a write that still ran counts',
  async (t) => {
    const reads = [1, 11, 41, 51].map((start, i) =>
      client(`read ${i}`, 'root', start, start + 9, { name: 'GET /api/users', call: 7 }),
    );
    const write = (start: number, end: number) =>
      client('write', 'root', start, end, { name: 'PUT /api/users', call: 7 });
    const root = server('root', '', 0, 100, { name: 'GET /home' });
    t.match(sentences([root, ...reads, write(21, 31)]), [
      /called twice .* 9\.00 ms$/,
      /called twice .* 9\.00 ms$/,
    ]);
    t.strictSame(sentences([root, ...reads.slice(0, 2), write(0, 10)]), []);
    t.match(sentences([root, ...reads.slice(0, 2), write(21, 31)]), [/called twice/]);
  },
);

t.test('a key of Redis is the second word of its command', async (t) => {
  const store = await temporaryStore(t);
  const request = (...commands: readonly string[]) => {
    const [traceId, spanId] = [randomId(16), randomId(8)];
    const calls = commands.map((text, i) => ({
      traceId,
      spanId: randomId(8),
      parentSpanId: spanId,
      name: text.split(' ')[0]?.toUpperCase() ?? '',
      kind: 3,
      start: at(30 * i),
      durationMs: 20,
      attributes: { 'db.system.name': 'redis', 'db.namespace': '0', 'db.query.text': text },
    }));
    return [{ traceId, spanId, name: 'GET /cart', kind: 2, start: at(0), durationMs: 100 }, ...calls];
  };
  await storeSpans(store, [
    ...request('GET prices', 'SET prices ?', 'GET prices'),
    ...request('get prices', 'set places ?', 'get prices'),
  ]);
  const found = [...(await storedFindings(store)).values()].flat().map(({ rule }) => rule);
  t.strictSame(found, ['same-call-twice']);
});

t.test('an address without a path does not say what was asked', async (t) => {
  const store = await temporaryStore(t);
  const request = (url: string) => {
    const [traceId, spanId] = [randomId(16), randomId(8)];
    const call = { traceId, parentSpanId: spanId, name: 'GET', kind: 3, attributes: { 'http.url': url } };
    const answers = [1, 2].flatMap((i) => {
      const client = { ...call, spanId: randomId(8), start: at(40 * i), durationMs: 20 };
      return [
        client,
        { ...client, spanId: randomId(8), parentSpanId: client.spanId, name: 'GET /route', kind: 2 },
      ];
    });
    return [{ traceId, spanId, name: 'GET /dispatch', kind: 2, start: at(0), durationMs: 100 }, ...answers];
  };
  await storeSpans(store, [...request('10.0.0.1:8083'), ...request('http://10.0.0.1:8083/route?from=1')]);
  const found = [...(await storedFindings(store)).values()].flat().map(({ rule }) => rule);
  t.strictSame(found, ['same-call-twice']);
});
