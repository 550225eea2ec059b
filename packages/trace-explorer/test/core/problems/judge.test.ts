import t from 'tap';
import type { FirstRequests } from '../../../src/core/problems/judge.ts';
import { NO_FIRSTS, requestKey } from '../../../src/core/problems/judge.ts';
import { Tally } from '../../../src/core/problems/tally.ts';
import { buildModel } from '../../../src/core/traces/model/trace-model.ts';
import type { SpanRecord } from '../../../src/core/traces/read/span-record.ts';
import { outlineTree } from '../../../src/core/traces/tree/outline-tree.ts';
import { buildTree } from '../../../src/core/traces/tree/tree.ts';
import { Times } from '../../../src/lib/time/times.ts';
import { stalled } from '../traces/findings/waits/stalled.ts';
import { client, server } from '../traces/make-span.ts';

/** What a list tells of some traces: rule, sentence without its beginning, how many, and whether it is a fact. */
function told(traces: readonly (readonly SpanRecord[])[], firsts: FirstRequests = NO_FIRSTS) {
  const tally = new Tally(undefined, firsts);
  for (const [n, records] of traces.entries())
    tally.addTrace(buildModel(outlineTree(`t${n}`, buildTree(records))));
  return tally.causes().map(({ rule, counts, fact = false, example = '' }) => ({
    rule,
    count: counts?.count,
    fact,
    said: example,
  }));
}

/** The id of each request. */
const ROOT = '00000000000000aa';

const times = <T>(count: number, make: (n: number) => T): T[] =>
  Array.from({ length: count }, (_, n) => make(n));

/** A request that stood still for 400 ms, in which its thread ran for so long. */
const stood = (ran: number, gc = 0) => [
  server(ROOT, '', 0, 410, {
    name: 'GET /',
    ...stalled([2, 400, 'waited_for_processor', gc, '', ran, 400 - ran]),
  }),
];

t.test(
  'a stall is the code’s where it ran for long in most of them, and each with as much counts',
  async (t) => {
    t.match(told([stood(104)]), [{ rule: 'stood-still', count: 1 }], 'beside a longer wait');
    t.strictSame(told([...times(5, () => stood(30)), ...times(2, () => stood(0))]), [], 'too short to say');
    t.match(told([...times(4, () => stood(30)), stood(90), ...times(2, () => stood(0))]), [{ count: 5 }]);
    t.strictSame(told([...times(4, () => stood(0)), stood(90), stood(90)]), [], 'the machine’s');
  },
);

t.test('garbage is told from three collections on, and does not outrank own code', async (t) => {
  t.strictSame(told(times(2, () => stood(10, 300))), []);
  t.match(told([...times(3, () => stood(10, 300)), ...times(9, () => stood(0))]), [
    { count: 3, said: /it collected garbage for 300 ms/ },
  ]);
  t.match(told([...times(3, () => stood(10, 300)), ...times(9, () => stood(90))]), [
    { count: 9, said: /its own code ran for 90\.0 ms/ },
  ]);
});

const call = (ms: number, more: Partial<SpanRecord> = {}) => [
  server(ROOT, '', 0, ms + 10, { name: 'GET /' }),
  client('sql', ROOT, 5, 5 + ms, {
    name: 'SELECT users',
    isDatabase: true,
    statement: 1,
    shape: 's',
    ...more,
  }),
];

t.test(
  'beside requests that waited for a processor, a slow call whose like are short is the machine’s',
  async (t) => {
    const waiting = times(2, () => stood(0));
    const short = times(9, () => call(8));
    t.strictSame(told([...waiting, ...short, call(300)]), []);
    t.match(told([...short, call(300)]), [{ rule: 'slow-call', count: 1 }], 'nobody waited');
    t.match(
      told([...waiting, ...times(3, () => call(8)), call(300)]),
      [{ rule: 'slow-call' }],
      'too few are alike',
    );
    t.match(
      told([...waiting, ...times(9, () => call(179)), call(300)]),
      [{ rule: 'slow-call' }],
      'its like take long',
    );
    t.match(
      told([...waiting, ...short, call(300, { shape: 'other' })]),
      [{ rule: 'slow-call' }],
      'another statement',
    );
  },
);

t.test('nothing is said of the time of first requests, nor of stalls meanwhile', async (t) => {
  const first = (n: number) => ({ ...NO_FIRSTS, spans: new Set([requestKey(`t${n}`, ROOT)]) });
  t.match(told([call(300), call(400)], first(0)), [{ rule: 'slow-call', count: 1, said: /took 400 ms/ }]);
  t.strictSame(told([call(300)], first(0)), []);
  const always = new Times([{ from: 0, until: Number.MAX_VALUE }]);
  const during = (service: string) => ({ ...NO_FIRSTS, times: new Map([[service, always]]) });
  t.strictSame(told([stood(390)], during('api')), []);
  t.match(told([stood(390)], during('other')), [{}]);
  const failed = [server(ROOT, '', 0, 10, { name: 'GET /', error: true, statusCode: '500' })];
  t.match(told([failed], first(0)), [{ rule: 'error' }], 'an error is one');
});

t.test('a read that is most of nearly each request is told, although it is no slow one', async (t) => {
  const read = (n: number, key = 7) => [
    server(ROOT, '', 0, 125, { name: 'GET /me' }),
    client(`keys ${n}`, ROOT, 2, 122, { name: 'GET', target: 'login:80/keys', asked: key }),
  ];
  const plain = (count: number) => times(count, () => [server(ROOT, '', 0, 9, { name: 'GET /me' })]);
  t.match(told([...times(24, (n) => read(n)), ...plain(3)]), [
    { rule: 'slow-call', count: 24, said: /took 120 ms, 96 % of GET \/me; the same in each of 24 requests$/ },
  ]);
  t.strictSame(told(times(19, (n) => read(n))), [], 'too few');
  t.strictSame(told([...times(24, (n) => read(n)), ...plain(9)]), [], 'in few of its route');
  t.strictSame(told(times(24, (n) => read(n, n + 1))), [], 'each asks for something else');
});

t.test('second tries are a fact where few requests of their route need them', async (t) => {
  const tries = [
    server(ROOT, '', 0, 300, { name: 'GET /', statusCode: '200' }),
    client('one', ROOT, 5, 105, {
      name: 'GET /a',
      call: 1,
      error: true,
      statusCode: '503',
      statusMessage: 'busy',
    }),
    client('two', ROOT, 120, 280, { name: 'GET /a', call: 1 }),
  ];
  const others = (count: number) => times(count, () => [server(ROOT, '', 0, 9, { name: 'GET /' })]);
  t.match(told([tries, ...others(30)]), [{ count: 1, fact: true }]);
  t.match(told([tries, ...others(9)]), [{ count: 1, fact: false }]);
});
