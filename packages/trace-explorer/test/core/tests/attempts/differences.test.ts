import t from 'tap';
import {
  differenceOf,
  differencesOf,
  NO_DIFFERENCE,
} from '../../../../src/core/tests/attempts/differences.ts';
import type { MadeCall } from './make-attempt.ts';
import { attempt } from './make-attempt.ts';

const FAILURE = 'expected false to be true';
const TIMED_OUT = 'thrown: "Exceeded timeout of 500 ms for a test."';
const STATEMENT: MadeCall = { name: 'SELECT t', ms: 2, isAlone: true };
const STOCK: MadeCall = { name: 'GET /stock', ms: 3 };
const PRICE: MadeCall = { name: 'GET /price/:id', ms: 4 };
const cart = (...calls: readonly MadeCall[]): MadeCall => ({ name: 'GET /cart', ms: 5, calls });
const checkout = (status: number, ms = 5): MadeCall => ({
  name: 'GET /checkout',
  ms,
  calls: [{ name: 'GET /pay', ms: 2, status }],
});

t.test('one sentence for each kind of difference', async (t) => {
  const told: readonly (readonly [Parameters<typeof attempt>[0], Parameters<typeof attempt>[0], string])[] = [
    // The first attempt was slower, too, which says nothing.
    [{ calls: [checkout(503, 226)] }, { calls: [checkout(200)] }, 'GET /pay answered 503, then 200'],
    [
      { calls: [{ ...STATEMENT, error: 'SQLITE_BUSY' }] },
      { calls: [STATEMENT] },
      'SELECT t failed with SQLITE_BUSY, then succeeded',
    ],
    [
      { calls: [{ ...PRICE, ms: 605, error: 'UND_ERR_SOCKET' }], failure: TIMED_OUT, ends: 500 },
      { calls: [PRICE] },
      'GET /price/:id had no answer when the test gave up, then answered 200',
    ],
    // A server ends its span a moment after its answer has come.
    [
      { calls: [{ ...PRICE, ms: 605 }], failure: TIMED_OUT, ends: 500 },
      { calls: [PRICE], ends: 4 },
      'GET /price/:id had no answer when the test gave up, then answered 200',
    ],
    // Its caller keeps the connection.
    [
      { calls: [{ ...PRICE, ms: 605 }], failure: TIMED_OUT, ends: 500 },
      { calls: [{ ...PRICE, readsOn: 110 }], ends: 8 },
      'GET /price/:id had no answer when the test gave up, then answered 200',
    ],
    // What a request still does when the test is over is none of the attempt.
    [
      {
        calls: [{ ...STOCK, ms: 905, calls: [{ ...STATEMENT, after: 900 }] }],
        failure: TIMED_OUT,
        ends: 500,
      },
      { calls: [STOCK] },
      'GET /stock had no answer when the test gave up, then answered 200',
    ],
    [{ calls: [cart(STOCK, STATEMENT)] }, { calls: [cart(STOCK)] }, 'SELECT t: 1 call, then 0'],
    [{ calls: [cart(STOCK)] }, { calls: [cart(STOCK, STATEMENT)] }, 'SELECT t: 0 calls, then 1'],
    [
      { calls: [cart(STATEMENT, STATEMENT, STATEMENT)] },
      { calls: [cart(STATEMENT)] },
      'SELECT t: 3 calls, then 1',
    ],
    [
      { calls: [cart(STOCK, PRICE)] },
      { calls: [cart(PRICE, STOCK)] },
      'GET /stock came before GET /price/:id, then after it',
    ],
    [
      { calls: [{ ...STOCK, logged: 'Error: no total of order 17' }] },
      { calls: [STOCK] },
      '“Error: no total of order 17” was logged, then it was not',
    ],
    [
      { calls: [STOCK] },
      { calls: [{ ...STOCK, logged: 'Error: retried' }] },
      '“Error: retried” was not logged, then it was',
    ],
    [
      { calls: [STOCK], stall: 700 },
      { calls: [STOCK] },
      'the process stood still for 700 ms when the test failed, then it did not',
    ],
    [
      { calls: [{ ...PRICE, ms: 605 }, STOCK], failure: TIMED_OUT },
      { calls: [PRICE, STOCK] },
      'GET /price/:id took 605 ms, then 4.00 ms',
    ],
    [{ calls: [cart(STOCK)] }, { calls: [cart(STOCK)] }, NO_DIFFERENCE],
    [{ calls: [STOCK] }, { calls: [STOCK, { name: 'GET /favicon.ico', ms: 1 }] }, NO_DIFFERENCE],
    [{ calls: [STOCK, { name: 'GET /favicon.ico', ms: 1 }] }, { calls: [STOCK] }, NO_DIFFERENCE],
  ];
  for (const [failed, passed, sentence] of told)
    t.equal(
      differenceOf([attempt({ failure: FAILURE, ...failed })], [attempt(passed)]).sentence,
      sentence,
      sentence,
    );
});

t.test(
  'the most telling difference is said: an answer before other calls, these before another order',
  async (t) => {
    const failed = attempt({
      failure: FAILURE,
      calls: [cart(STOCK, PRICE, STATEMENT), { ...checkout(503), logged: 'Error: x' }],
    });
    const passed = attempt({ calls: [cart(PRICE, STOCK), checkout(200)] });
    t.same(
      differencesOf([failed], [passed]).map(({ of }) => of),
      ['answer', 'calls', 'log'],
    );
  },
);

t.test('what a failed test no longer comes to is no difference, nor what its own polling does', async (t) => {
  const told: readonly (readonly [readonly MadeCall[], readonly MadeCall[]])[] = [
    [[cart(STOCK)], [cart(STOCK), PRICE, STATEMENT]],
    [
      [STOCK, STOCK],
      [STOCK, STOCK, STOCK, STOCK, STOCK],
    ],
    // It asked until the answer was another one, and the server's statements are the polling's, too.
    [
      [
        { ...STOCK, status: 503, calls: [STATEMENT] },
        { ...STOCK, calls: [STATEMENT] },
      ],
      [{ ...STOCK, calls: [STATEMENT] }],
    ],
  ];
  for (const [failed, passed] of told)
    t.same(differencesOf([attempt({ failure: FAILURE, calls: failed })], [attempt({ calls: passed })]), []);
  const skipped = differencesOf(
    [attempt({ failure: FAILURE, calls: [cart(STOCK), PRICE] })],
    [attempt({ calls: [cart(STOCK), STATEMENT, PRICE] })],
  );
  t.match(skipped, [{ sentence: 'SELECT t: 0 calls, then 1' }], 'it went on without it');
});

t.test(
  'a request that a test makes several times is no polling where the test ended with another answer',
  (t) => {
    const order = (status: number, ...calls: readonly MadeCall[]): MadeCall => ({ ...STOCK, status, calls });
    const told: readonly (readonly [readonly MadeCall[], readonly MadeCall[], string])[] = [
      [[order(201), order(500)], [order(201), order(201), order(201)], 'GET /stock answered 500, then 201'],
      [
        [order(500, checkout(503))],
        [order(201, checkout(200)), order(201, checkout(200))],
        'GET /pay answered 503, then 200',
      ],
      // Until ready, which it never was.
      [[order(503), order(503), order(503)], [order(200)], 'GET /stock answered 503, then 200'],
      [[order(202), order(202), order(202)], [order(202), order(200)], NO_DIFFERENCE],
    ];
    for (const [failed, passed, sentence] of told)
      t.equal(
        differenceOf([attempt({ failure: FAILURE, calls: failed })], [attempt({ calls: passed })]).sentence,
        sentence,
      );
    const hung = { ...STOCK, ms: 900, error: 'UND_ERR_SOCKET' };
    const gaveUp = (ms: number) => attempt({ calls: [STOCK, hung], failure: TIMED_OUT, ends: 4 + ms });
    const passed = attempt({ calls: [STOCK, STOCK, STOCK] });
    t.match(differencesOf([gaveUp(500)], [passed]), [
      { sentence: 'GET /stock had no answer when the test gave up, then answered 200' },
    ]);
    t.same(differencesOf([gaveUp(8)], [passed]), [], 'one of many was under way');
    t.end();
  },
);

t.test('what several attempts have in common is said of both sides', (t) => {
  const of = (calls: readonly MadeCall[], failure = '') => attempt({ calls: [cart(...calls)], failure });
  const common = (failed: readonly MadeCall[][], passed: readonly MadeCall[][]) =>
    differencesOf(
      failed.map((calls) => of(calls, FAILURE)),
      passed.map((calls) => of(calls)),
    );
  const [one, two, four] = [1, 2, 4].map((count) => Array.from({ length: count }, () => STATEMENT));
  t.match(common([four ?? [], two ?? []], [one ?? [], one ?? []]), [
    { common: 'SELECT t was called at least twice', others: 'at most once', isMissing: undefined },
  ]);
  t.match(common([one ?? [], one ?? []], [two ?? [], four ?? []]), [
    { common: 'SELECT t was called at most once', others: 'at least twice' },
  ]);
  t.match(common([[STOCK], [STOCK]], [[STOCK, STATEMENT]]), [
    { common: 'SELECT t was called', isMissing: true },
  ]);
  t.match(common([[STOCK]], [[{ ...STOCK, logged: 'Error: retried' }]]), [
    { common: '“Error: retried” was logged', isMissing: true },
  ]);
  t.end();
});

t.test('a length is told by a time limit, or where three attempts of each side agree', async (t) => {
  const slow = (ms: number) => attempt({ failure: FAILURE, calls: [{ ...PRICE, ms }] });
  const fast = (ms: number) => attempt({ calls: [{ ...PRICE, ms }] });
  t.same(differencesOf([slow(600)], [fast(6)]), []);
  t.same(differencesOf([slow(600), slow(700)], [fast(6), fast(7)]), []);
  t.match(differencesOf([slow(600), slow(700), slow(650)], [fast(6), fast(7), fast(5)]), [
    { of: 'time', common: 'GET /price/:id took 600 ms or longer', others: 'at most 7.00 ms' },
  ]);
  t.same(differencesOf([slow(600), slow(20), slow(650)], [fast(6), fast(7), fast(5)]), [], 'one was fast');
});

t.test('of several attempts only what all failed ones have and no passed one', async (t) => {
  const failed = [503, 503, 500].map((status) =>
    attempt({ failure: FAILURE, calls: [cart(STOCK, STATEMENT), checkout(status)] }),
  );
  const passed = [
    attempt({ calls: [cart(STOCK), checkout(200)] }),
    attempt({ calls: [cart(STOCK), checkout(200)] }),
  ];
  t.match(differencesOf(failed, passed), [{ of: 'calls', common: 'SELECT t was called' }]);
  const other = attempt({ calls: [cart(STOCK, STATEMENT), checkout(200)] });
  t.same(differencesOf(failed, [...passed, other]), []);
  t.equal(
    differenceOf(failed, [...passed, other]).sentence,
    'GET /pay answered 503, then 200',
    'without anything in common, the first one is told',
  );
});

/** The same numbers for each run of the test. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

t.test(
  '200 pairs of attempts: a sentence for each difference, and none for those that differ in time alone',
  async (t) => {
    const random = numbers(7);
    const pick = (most: number) => Math.floor(random() * most);
    const names = ['GET /users', 'GET /stock', 'GET /price/:id', 'POST /orders', 'GET /mail'];
    const callsOf = (depth: number): MadeCall[] =>
      Array.from({ length: 1 + pick(3) }, (_, at) => ({
        name: `${names[pick(names.length)]}/${depth}${'abc'[at]}`,
        ms: 1 + pick(20),
        ...(random() < 0.3 && { isAlone: true }),
        ...(depth < 3 && random() < 0.6 && { calls: callsOf(depth + 1) }),
      }));
    /** The same calls with other times: from a fifth to a hundred times as long, some of them side by side. */
    const withOtherTimes = (calls: readonly MadeCall[]): MadeCall[] =>
      calls.map(({ ms, calls: below = [], ...call }) => ({
        ...call,
        ms: ms * (random() < 0.1 ? 100 : 0.2 + random() * 5),
        after: random() * 10,
        calls: withOtherTimes(below),
      }));
    const changes: readonly ((calls: MadeCall[]) => MadeCall[])[] = [
      ([first, ...rest]) => [{ ...first, status: 503, isAlone: false } as MadeCall, ...rest],
      (calls) => [...calls, { name: 'GET /more', ms: 3 }],
      ([first, ...rest]) => [{ ...first, logged: 'Error: no total' } as MadeCall, ...rest],
      ([first, ...rest]) => [
        { ...first, isAlone: false, calls: [...(first?.calls ?? []), STATEMENT] } as MadeCall,
        ...rest,
      ],
    ];
    for (let pair = 0; pair < 200; pair++) {
      const calls = callsOf(1);
      const isOther = pair % 2 === 1;
      const own = isOther ? changes[pick(changes.length)]?.(calls) : calls;
      const failed = attempt({ failure: FAILURE, calls: withOtherTimes(own ?? calls) });
      const passed = attempt({ calls: withOtherTimes(calls) });
      const found = differencesOf([failed], [passed]);
      if (found.length > 0 !== isOther) t.fail(`pair ${pair}: ${JSON.stringify(found)}`);
    }
  },
);
