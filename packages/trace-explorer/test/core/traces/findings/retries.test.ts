import t from 'tap';
import { findingsOf } from '../../../../src/core/traces/findings/rules.ts';
import { client, modelOf, sentences, server, span } from '../make-span.ts';

const request = (errors: readonly boolean[], calls: readonly number[] = []) => [
  server('root', '', 0, 1000, { name: 'GET /home', statusCode: '200' }),
  span('work', 'root', 0, 1000),
  ...errors.map((error, i) =>
    client(`try ${i}`, 'root', 10 + 220 * i, 110 + 220 * i, {
      name: 'GET /users',
      error,
      call: calls[i] ?? 1,
      ...(error && { statusCode: '503' }),
    }),
  ),
];

t.test('tries that failed and took the time of the request are one finding', async (t) => {
  t.strictSame(sentences(request([true, true, false])), [
    'retries: GET /home tried GET /users 3 times and only the last one succeeded; the failed tries and the pauses after them took 440 ms of 1.00 s',
  ]);
  t.match(sentences(request([true, true])), [/tried GET \/users twice and all of them failed/]);
});

t.test(
  'a call that succeeds at its second try says so: few of these are what tries are made for',
  async (t) => {
    const tried = (...errors: boolean[]) =>
      findingsOf(
        modelOf(
          request(errors, []).map((each) => ({
            ...each,
            duration: each.duration / (each.name === 'work' || each.kind === 'server' ? 2 : 1),
          })),
        ),
      )
        .filter(({ rule }) => rule === 'retries')
        .map(({ isSecondTry = false }) => isSecondTry);
    t.strictSame(tried(true, false), [true]);
    t.strictSame(tried(true, true, false), [false]);
    t.strictSame(tried(true, true), [false]);
  },
);

t.test('a try that cost little, and calls with other arguments are no retries', async (t) => {
  t.strictSame(sentences(request([true, false])), []);
  t.notMatch(sentences(request([true, true, true], [1, 2, 3])).join(), 'retries');
});

t.test('a try that no server answered is called like the answered one with the same arguments', async (t) => {
  const tries = [
    server('root', '', 0, 1000, { name: 'GET /home' }),
    client('first', 'root', 10, 400, { name: 'GET', error: true, problem: 'timeout', call: 1 }),
    client('second', 'root', 410, 440, { name: 'GET', call: 1 }),
    server('served', 'second', 411, 439, { name: 'GET /users', service: 'users' }),
    span('render', 'root', 440, 990),
  ];
  t.match(sentences(tries), [/^retries: GET \/home tried GET \/users twice and only the last one succeeded/]);
});

t.test('failed tries of several calls are weighed together, by what they took of their caller', async (t) => {
  const spans = [
    server('root', '', 0, 1000, { name: 'GET /home' }),
    span('before', 'root', 0, 400),
    span('load', 'root', 400, 1000),
    ...[0, 1, 2, 3].flatMap((i) => [
      client(`failed ${i}`, 'load', 400 + 140 * i, 450 + 140 * i, {
        name: 'GET /users',
        call: i + 1,
        error: true,
      }),
      client(`again ${i}`, 'load', 450 + 140 * i, 530 + 140 * i, { name: 'GET /users', call: i + 1 }),
    ]),
  ];
  t.match(sentences(spans), [
    /^retries: load tried 4 calls of GET \/users again, 8 times in all, until each succeeded; the failed tries took 200 ms of 600 ms/,
  ]);
});

t.test(
  'a request that asked for something wrong is not tried again: the next call asks for something else',
  async (t) => {
    const items = (statusCode: string) => [
      server('root', '', 0, 300, { name: 'POST /checkout' }),
      ...[0, 1, 2].map((i) =>
        client(`item ${i}`, 'root', 10 + 90 * i, 90 + 90 * i, {
          name: 'POST /item',
          error: true,
          statusCode,
        }),
      ),
    ];
    t.notMatch(sentences(items('422')).join(), 'retries');
    t.match(sentences(items('429')), [
      /^retries: POST \/checkout tried POST \/item 3 times and all of them failed/,
    ]);
  },
);

t.test('a call whose name is a method alone is said with its target', async (t) => {
  const more = { name: 'GET', error: true, target: 'users:4568/users', call: 1 };
  const spans = [
    server('root', '', 0, 100),
    client('one', 'root', 1, 40, more),
    client('two', 'root', 41, 90, more),
  ];
  t.match(sentences(spans), [/^retries: root tried GET users:4568\/users twice and all of them failed/]);
});

t.test(
  'failed calls in spans of their own are no tries of one call, unless their arguments are equal',
  async (t) => {
    const lookups = (call: number) => [
      server('root', '', 0, 1000, { name: 'Check' }),
      ...[0, 1, 2].flatMap((i) => [
        span(`lookup ${i}`, 'root', 10 + 200 * i, 190 + 200 * i, { name: 'get_record' }),
        client(`call ${i}`, `lookup ${i}`, 11 + 200 * i, 189 + 200 * i, {
          name: 'Query',
          call,
          error: true,
          statusCode: '14',
        }),
      ]),
    ];
    t.match(sentences(lookups(0)), [/^no-answer: Nobody answered 3 calls of Query/]);
    t.match(sentences(lookups(1)), [/^retries: Check tried Query 3 times and all of them failed/]);
  },
);

t.test('tries that go on after the end of their caller took no part of its time', async (t) => {
  const spans = [
    server('root', '', 0, 500, { name: 'GET /home' }),
    span('load', 'root', 0, 10),
    client('one', 'load', 1, 300, { name: 'GET /users', error: true, call: 1 }),
    client('two', 'load', 310, 340, { name: 'GET /users', call: 1 }),
  ];
  t.match(sentences(spans).join(), /the failed tries took 309 ms(?! of)/);
});
