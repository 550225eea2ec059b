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
