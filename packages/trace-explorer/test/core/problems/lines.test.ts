import t from 'tap';
import { causesOf as tallied } from '../../../src/core/problems/tally.ts';
import { placeOfFrame, placeText } from '../../../src/core/traces/model/code-place.ts';
import type { TraceModel } from '../../../src/core/traces/model/trace-model.ts';
import { client, modelOf, server } from '../traces/make-span.ts';

/** The problems of some traces, each with its place as people read it. */
const causesOf = (models: readonly TraceModel[]) =>
  tallied(models).map((cause) => ({ ...cause, line: placeText(cause) || undefined }));

const ROUTE = 'src/app.js:7';
const CALL = 'src/payment.js:31';
const THROW = '/srv/src/payment.js:36';

/** A payment that was tried eight times in vain. */
const payment = (root: object, charged: object = {}) =>
  modelOf([
    server('root', '', 0, 100, {
      ...{ name: 'POST /payment', error: true, statusCode: '503', line: ROUTE, ...root },
    }),
    ...Array.from({ length: 8 }, (_, i) =>
      client(`charge ${i}`, 'root', 10 * i, 10 * i + 9, {
        ...{ name: 'POST /charge', error: true, statusCode: '503', call: 1, line: CALL, ...charged },
      }),
    ),
  ]);

t.test('an error after calls in vain has the line of its calls, or where it was thrown', async (t) => {
  const said = { statusMessage: 'The bank answered 503' };
  const frame = 'at pay (/srv/src/payment.js:36:9)';
  for (const [what, model, line] of [
    ['the request says what its calls do not say', payment(said), CALL],
    ['a log line told the exception', payment({ ...said, exception: 'no bank', frame }), THROW],
    [
      'the span has the line of its exception',
      payment({ ...said, exception: 'no bank', frame, line: THROW }),
      THROW,
    ],
    ['the calls say it', payment({}, said), CALL],
    ['nobody says it', payment({}), CALL],
  ] as const) {
    const [cause, ...others] = causesOf([model]);
    t.match(cause, { rule: 'error', rules: ['retries'], example: /tried POST \/charge 8 times/, line }, what);
    t.same(others, [], what);
  }
});

t.test('an error of a file beside the folder has the path that its span says, from there', async (t) => {
  const LINE = '../../packages/db/index.js:9';
  const model = (line: string, frame: string) =>
    modelOf([
      server('root', '', 0, 10, { name: 'GET /price', error: true, exception: 'no price', line, frame }),
    ]);
  for (const [what, line, frame, place] of [
    ['the same line', LINE, 'at price (/ws/packages/db/index.js:9:23)', LINE],
    ['a URL', LINE, 'at price (file:///ws/packages/db/index.js:9:23)', LINE],
    ['another line', LINE, 'at price (/ws/packages/db/index.js:98:2)', '/ws/packages/db/index.js:98'],
    [
      'a file of another name',
      LINE,
      'at price (/ws/my-packages/db/index.js:9:23)',
      '/ws/my-packages/db/index.js:9',
    ],
  ] as const)
    t.equal(causesOf([model(line, frame)])[0]?.line, place, what);
});

t.test('an error that began below the calls without a line has that of the calls', async (t) => {
  const below = modelOf([
    server('root', '', 0, 100, { name: 'POST /payment', error: true, statusCode: '503', line: ROUTE }),
    ...[0, 1, 2].flatMap((i) => [
      client(`charge ${i}`, 'root', 10 * i, 10 * i + 9, {
        name: 'POST /charge',
        error: true,
        call: 1,
        line: CALL,
      }),
      server(`bank ${i}`, `charge ${i}`, 10 * i + 1, 10 * i + 8, {
        ...{ name: 'POST /charge', service: 'bank', error: true, statusMessage: 'no row' },
      }),
    ]),
  ]);
  t.match(causesOf([below]), [{ rule: 'error', service: 'bank', line: CALL }]);
});

t.test('an error has the line where it was thrown, in the frames of all languages', async (t) => {
  for (const [frame, line, called] of [
    ['at find (/app/src/find.ts:2:5)', '/app/src/find.ts:2', 'find'],
    ['at async Cart.find [as get] (file:///app/my%20src/find.ts:2:5)', '/app/my src/find.ts:2', 'Cart.find'],
    ['at file:///app/src/find.ts:2:5', '/app/src/find.ts:2', undefined],
    ['at new Cart (C:\\app\\src\\find.ts:2:5)', 'C:\\app\\src\\find.ts:2', 'Cart'],
    ['at new Cart (file:///C:/app/find.ts:2:5)', 'C:/app/find.ts:2', 'Cart'],
    ['at file:///app/50%/find.ts:2:5', '/app/50%/find.ts:2', undefined],
    ['at find (dist/app.js:1:3412)', 'dist/app.js:1:3412', 'find'],
    ['File "/srv/app/views.py", line 3, in view', '/srv/app/views.py:3', 'view'],
    ['at com.shop.Cart.add(Cart.java:42)', 'Cart.java:42', 'com.shop.Cart.add'],
    ['/app/shop/find.go:12 +0x1d', '/app/shop/find.go:12', undefined],
    ['at Shop.Cart.Add(Int32 id) in /src/Shop/Cart.cs:line 42', '/src/Shop/Cart.cs:42', 'Shop.Cart.Add'],
    [
      'at Shop.Cart.Add(Int32 id) in C:\\src\\Shop\\Cart.cs:line 42',
      'C:\\src\\Shop\\Cart.cs:42',
      'Shop.Cart.Add',
    ],
    ['at com.shop.Cart.add(Native Method)', undefined, undefined],
  ] as const) {
    const model = modelOf([
      server('root', '', 0, 100, { name: 'GET /', error: true, statusCode: '500', exception: 'no', frame }),
    ]);
    t.equal(causesOf([model])[0]?.line, line, frame);
    t.equal(placeOfFrame(frame)?.function, called, frame);
  }
});

t.test('a cause has the line of the sentence that it shows', async (t) => {
  const loop = (length: number, line: string) =>
    modelOf([
      server('root', '', 0, 8 * length, { name: 'GET /orders' }),
      ...Array.from({ length: 6 }, (_, i) =>
        client(`call ${i}`, 'root', length * i, length * (i + 1), {
          ...{ name: 'GET /users/{id}', call: i + 1, line, function: 'load' },
        }),
      ),
    ]);
  const [cause, ...others] = causesOf([loop(10, 'a.js:1'), loop(10, 'a.js:1'), loop(30, 'a.js:2')]);
  t.match(cause, { traces: 3, line: 'a.js:2', example: /save up to 150 ms/ });
  t.same(others, []);
});

t.test('an error that began below the calls has its own line', async (t) => {
  const below = modelOf([
    server('root', '', 0, 100, { name: 'POST /payment', error: true, statusCode: '503', line: ROUTE }),
    ...[0, 1, 2].flatMap((i) => [
      client(`charge ${i}`, 'root', 10 * i, 10 * i + 9, {
        name: 'POST /charge',
        error: true,
        call: 1,
        line: CALL,
      }),
      server(`bank ${i}`, `charge ${i}`, 10 * i + 1, 10 * i + 8, {
        ...{
          name: 'POST /charge',
          service: 'bank',
          error: true,
          statusMessage: 'no row',
          line: 'src/bank.js:3',
        },
      }),
    ]),
  ]);
  t.match(causesOf([below]), [{ rule: 'error', service: 'bank', line: 'src/bank.js:3' }]);
});

t.test('a loop has its own line, and not that of the helper that it calls', async (t) => {
  const looped = (loops: readonly string[]) =>
    modelOf([
      server('root', '', 0, 300, { name: 'GET /orders', line: ROUTE }),
      ...loops.map((loop, i) =>
        client(`call ${i}`, 'root', 40 * i, 40 * i + 30, {
          ...{ name: 'GET /users/{id}', call: i + 1, line: 'lib/http.js:4', loop },
        }),
      ),
    ]);
  const lineOf = (loops: readonly string[]) => causesOf([looped(loops)]).map(({ line }) => line);
  t.same(lineOf(['', 'src/orders.js:9', 'src/orders.js:9', 'src/orders.js:9', 'src/orders.js:9']), [
    'src/orders.js:9',
  ]);
  t.same(lineOf(['', '', '', '', 'src/orders.js:9']), ['lib/http.js:4'], 'most were made otherwise');
});

t.test('an error for want of a connection has the line that took those which nobody gave back', async (t) => {
  const none = {
    ...{ error: true, isDatabase: true, exception: 'timeout exceeded when trying to connect' },
    ...{ frame: 'at titleOf (/srv/src/books.js:17:9)', line: CALL, poolSize: 2 },
  };
  const of = (held: object) =>
    causesOf([
      modelOf([
        server('root', '', 0, 710, { name: 'GET /books', error: true, statusCode: '500' }),
        client('wait', 'root', 5, 705, { name: 'pg-pool.connect', ...none, ...held }),
      ]),
    ]);
  const leak = { held: 2, heldBy: 'POST /loans', heldAt: 'src/loans.js:25', isHeldAfterEnd: true };
  t.match(of(leak), [
    { rule: 'error', line: 'src/loans.js:25', example: /are held by POST \/loans, src\/loans/ },
  ]);
  t.match(of({}), [{ rule: 'error', line: '/srv/src/books.js:17' }]);
});

t.test('an error whose file telemetry has said without a line has none', async (t) => {
  const thrown = (line: string, frame: string) =>
    causesOf([
      modelOf([
        server('root', '', 0, 100, { name: 'GET /type', error: true, exception: 'no er', line, frame }),
      ]),
    ])[0]?.line;
  t.equal(thrown('src/api.ts in api', 'at api (src/api.ts:19)'), 'src/api.ts in api');
  t.equal(
    thrown('src/api.ts', 'at api (src/api.ts:19)'),
    'src/api.ts:19',
    'of a test, at which it has not looked',
  );
  t.equal(thrown('src/app.ts in route', 'at api (src/api.ts:19)'), 'src/api.ts:19', 'of another file');
  t.equal(
    thrown('/srv/src/api.ts in api', 'at api (/srv/src/api.ts:19:23)'),
    '/srv/src/api.ts:19',
    'of another sender',
  );
  t.equal(thrown('Cart.java', 'at com.shop.Cart.add(Cart.java:42)'), 'Cart.java:42', 'of another language');
  t.equal(thrown('src/api.ts:21', 'at api (src/api.ts:21)'), 'src/api.ts:21');
});
