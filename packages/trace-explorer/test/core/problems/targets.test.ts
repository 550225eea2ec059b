import t from 'tap';
import type { Cause } from '../../../src/core/problems/schemas.ts';
import { parseQuery } from '../../../src/core/query/parse/parse-query.ts';
import { runQuery } from '../../../src/core/query/run/run-query.ts';
import { at, ids, temporaryExplorer } from '../../explorer.ts';
import { storeSpans } from '../../spans.ts';

const id = ids();
const INTERNAL = 1;
const SERVER = 2;
const CLIENT = 3;
type Stored = Parameters<typeof storeSpans>[1][number];

/** Spans of one trace, each with its parent's name and times in milliseconds after the trace's start. */
function traceOf(
  n: number,
  spans: readonly (readonly [
    name: string,
    above: string,
    from: number,
    took: number,
    more: Partial<Stored>,
  ])[],
) {
  return spans.map(
    ([name, above, from, took, more]): Stored => ({
      traceId: id(`trace ${n}`, 16),
      spanId: id(`${name} ${n}`),
      ...(above !== '' && { parentSpanId: id(`${above} ${n}`) }),
      name,
      start: at(n) + BigInt(from) * 1_000_000n,
      durationMs: took,
      service: 'app',
      ...more,
    }),
  );
}

async function causesOf(t: Parameters<typeof temporaryExplorer>[0], spans: readonly Stored[]) {
  const { store, get } = await temporaryExplorer(t);
  await storeSpans(store, spans);
  const { causes } = (await get('/api/causes')).body as { causes: Cause[] };
  return { causes, get, store };
}

t.test('slow calls are one cause for each called host, without the calls that a span answers', async (t) => {
  const call = (host: string, name = 'GET') => ({
    name,
    kind: CLIENT,
    attributes: { 'url.full': `https://${host}/v1/${name.length}?q=1`, 'server.address': host },
  });
  const request = (n: number, host: string, isAnswered: boolean) =>
    traceOf(n, [
      ['GET /item', '', 0, 500, { kind: SERVER }],
      ['call', 'GET /item', 10, 480, call(host)],
      ...(isAnswered
        ? ([
            ['served', 'call', 12, 476, { service: 'stock', kind: SERVER, name: 'GET /v1' }],
            ['work', 'served', 13, 470, { service: 'stock', kind: CLIENT, name: 'SELECT stock' }],
          ] as const)
        : []),
    ]);
  const { causes, get } = await causesOf(t, [
    ...[0, 1, 2, 3].flatMap((n) => request(n, 'slow.example', false)),
    ...[10, 11].flatMap((n) => request(n, 'other.example', false)),
    ...[20, 21, 22, 23, 24].flatMap((n) => request(n, 'stock', true)),
  ]);
  const own = causes.filter(({ rule, service }) => rule === 'slow-call' && service === 'app');
  t.match(own.map(({ sentence, traces, counted }) => [sentence, traces, counted]).sort(), [
    ['GET other.example/v1/:id of app is slow', 2, 'all'],
    ['GET slow.example/v1/:id of app is slow', 4, 'all'],
  ]);
  for (const { id, traces, target } of own) {
    const detail = (await get(`/api/causes/${id}`)).body;
    t.equal(detail.cause.id, id, 'it has a page of its own');
    t.equal((await get(`/api/causes/${id}/traces`)).body.traces.length, traces);
    t.match(detail.query.filters, [
      {},
      {},
      {},
      { column: 'url.full', op: 'contains', value: `${target}/v1` },
    ]);
  }
});

t.test(
  'the port that a server of tests got by chance tells no causes apart, a port of choice does',
  async (t) => {
    const suite = (n: number, host: string) =>
      [0, 1, 2].flatMap((i) => {
        const call = (path: string) => ({
          ...{ name: 'GET', kind: CLIENT },
          attributes: { 'url.full': `http://${host}${path}`, 'code.file.path': 'shop.js' },
        });
        return [
          ...traceOf(n + i, [
            ['GET /slow', '', 0, 500, { kind: SERVER }],
            ['call', 'GET /slow', 10, 480, call('/v1/stock')],
          ]),
          ...traceOf(n + 10 + i, [
            ['GET /loop', '', 0, 200, { kind: SERVER }],
            ...Array.from(
              { length: 8 },
              (_, at) => [`call ${at}`, 'GET /loop', 5 + 20 * at, 18, call(`/prices/${at}`)] as const,
            ),
          ]),
        ];
      });
    const { causes, get } = await causesOf(t, [
      ...['localhost:45815', '127.0.0.1:37687', '[::1]:32768'].flatMap((host, at) => suite(100 * at, host)),
      ...['localhost:3001', 'localhost:32767'].flatMap((host, at) => suite(1000 + 100 * at, host)),
    ]);
    const told = causes.map(({ rule, target, traces }) => [rule, target, traces].join(' '));
    t.same(told.toSorted(), [
      'repeated-call localhost 9',
      'repeated-call localhost:3001 3',
      'repeated-call localhost:32767 3',
      'slow-call localhost 9',
      'slow-call localhost:3001 3',
      'slow-call localhost:32767 3',
    ]);
    for (const { id, traces } of causes.filter(({ target }) => target === 'localhost')) {
      t.equal((await get(`/api/causes/${id}`)).body.cause?.id, id);
      t.equal((await get(`/api/causes/${id}/traces`)).body.traces.length, traces);
    }
    const slow = causes.find(({ rule, target }) => rule === 'slow-call' && target === 'localhost');
    const { query } = (await get(`/api/causes/${slow?.id}`)).body;
    t.match(query.filters, [{}, {}, {}, { column: 'url.full', op: 'contains', value: '/v1/stock' }]);
  },
);

t.test('the query of calls of this machine leaves out equal paths of other hosts', async (t) => {
  for (const field of ['server.address', 'net.peer.name']) {
    const suite = (n: number, host: string, port = '') =>
      traceOf(n, [
        ['GET /slow', '', 0, 500, { kind: SERVER }],
        [
          'call',
          'GET /slow',
          10,
          480,
          {
            ...{ name: 'GET', kind: CLIENT },
            attributes: { 'url.full': `http://${host}${port}/v1/stock`, [field]: host },
          },
        ],
      ]);
    const { causes, get, store } = await causesOf(t, [
      ...['localhost', '127.0.0.1', '[::1]'].flatMap((host, n) => suite(n, host, ':45815')),
      ...['stock.example', 'other.example'].flatMap((host, n) => suite(10 + n, host)),
    ]);
    const slow = causes.find(({ rule, target }) => rule === 'slow-call' && target === 'localhost');
    t.equal(slow?.traces, 3);
    const { query } = (await get(`/api/causes/${slow?.id}`)).body;
    t.match(query.filters[3], { column: field, op: 'in' });
    const { results } = await runQuery(store, '__all__', parseQuery(query));
    t.equal(results[0]?.data.COUNT, 3);
  }
});

t.test('a call of a model is no cause by its length alone, a call beside it is', async (t) => {
  const chat = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm' };
  const { causes } = await causesOf(t, [
    ...traceOf(0, [
      ['POST /ask', '', 0, 1500, { kind: SERVER }],
      ['chat m', 'POST /ask', 10, 1400, { kind: CLIENT, attributes: chat }],
    ]),
    ...traceOf(1, [
      ['POST /pay', '', 0, 1500, { kind: SERVER }],
      ['charge', 'POST /pay', 10, 1400, { kind: CLIENT }],
    ]),
  ]);
  t.strictSame(
    causes.map(({ sentence }) => sentence),
    ['charge of app is slow'],
  );
});

for (const [agent, tool, part] of [
  ['a part of its span', { tool_name: 'Bash' }, 'tool.execution'],
  ['its span', { 'gen_ai.tool.name': 'Bash' }, undefined],
  ['its span, by its own name', { 'ai.toolCall.name': 'Bash' }, undefined],
] as const)
  t.test(`a tool that failed is named, where ${agent} failed, and is told apart from others`, async (t) => {
    const failed = { status: 2, statusMessage: 'timed out' } as const;
    const session = (n: number, attributes: object) =>
      traceOf(n, [
        ['interaction', '', 0, 100, { kind: INTERNAL }],
        ['tool', 'interaction', 10, 80, { attributes: { ...attributes }, ...(part === undefined && failed) }],
        ...(part === undefined ? [] : ([[part, 'tool', 20, 60, failed]] as const)),
      ]);
    const other = Object.fromEntries(Object.keys(tool).map((name) => [name, 'Grep']));
    const { causes, get } = await causesOf(t, [
      ...session(0, tool),
      ...session(1, tool),
      ...session(2, other),
    ]);
    const errors = causes.filter(({ rule }) => rule === 'error');
    t.strictSame(errors.map(({ sentence, traces, counted }) => [sentence, traces, counted]).sort(), [
      [`${part ?? 'tool'} Bash of app fails: timed out`, 2, 'all'],
      [`${part ?? 'tool'} Grep of app fails: timed out`, 1, 'all'],
    ]);
    for (const { id, traces, example = '' } of errors) {
      t.match(example, /(?:Bash|Grep) of app failed/);
      t.equal((await get(`/api/causes/${id}/traces`)).body.traces.length, traces);
      t.equal((await get(`/api/causes/${id}`)).body.cause.id, id);
    }
  });

t.test('a cause of ids is not one of times', async (t) => {
  const { causes } = await causesOf(t, [
    ...traceOf(0, [
      ['GET /', '', 0, 50, { kind: SERVER }],
      ['one', 'GET /', 5, 10, { spanId: id('twice') }],
      ['other', 'GET /', 20, 10, { spanId: id('twice') }],
    ]),
  ]);
  t.match(
    causes.map(({ rule, sentence }) => [rule, sentence]),
    [['impossible-id', /ids that cannot be/]],
  );
});
