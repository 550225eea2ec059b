import t from 'tap';
import { findingsOf } from '../../../../src/core/traces/findings/rules.ts';
import type { SpanRecord } from '../../../../src/core/traces/read/span-record.ts';
import { errorGroups, errorOrder } from '../../../../src/parts/trace/page/state/error-order.ts';
import { client, modelOf, sentences, server, span } from '../make-span.ts';

t.test('a request that failed leads to the error that the others follow from', async (t) => {
  const spans = [
    client('web', '', 0, 100, { name: 'GET /home', service: 'web', error: true, statusCode: '500' }),
    server('root', 'web', 5, 95, { name: 'GET /home', service: 'api', error: true, statusCode: '500' }),
    span('load', 'root', 10, 90, { service: 'api', error: true }),
  ];
  t.strictSame(sentences(spans), [
    'failed-request: GET /home of web failed with 500; the error began in load of api',
  ]);
});

t.test('a request that asked for something wrong did not fail', async (t) => {
  t.strictSame(sentences([client('web', '', 0, 100, { error: true, statusCode: '404' })]), []);
});

t.test('where another rule has said why, it is not said again', async (t) => {
  const spans = [
    server('root', '', 0, 100, { name: 'GET /home', error: true, statusCode: '502' }),
    client('call', 'root', 10, 60, { name: 'GET /users', error: true, problem: 'ECONNRESET' }),
  ];
  t.match(sentences(spans), [/^no-answer/]);
  t.equal(sentences(spans).length, 1);
});

t.test('an error of work that began after the request had ended is that work’s own', async (t) => {
  const spans = [
    span('publish', '', 0, 10, { kind: 'producer', service: 'api' }),
    span('on message', 'publish', 30, 60, { name: 'on message', service: 'api', error: true }),
  ];
  t.match(sentences(spans), [/^failed-request: on message of api failed/]);
});

t.test('an unbroken chain of errors leads to the cause, not a deeper error below a success', async (t) => {
  const spans = [
    server('root', '', 0, 100, { name: 'GET /home', error: true, statusCode: '500' }),
    span('cache', 'root', 1, 20, { service: 'api' }),
    span('lookup', 'cache', 2, 18, { service: 'api' }),
    span('miss', 'lookup', 3, 10, { service: 'api', error: true }),
    span('render', 'root', 30, 90, { service: 'api', error: true }),
  ];
  t.match(sentences(spans).join(), /GET \/home of api failed with 500; the error began in render of api/);
});

t.test(
  'the header has the cause that the finding names, of a chain, a try and a later failure',
  async (t) => {
    const failed = (id: string, parent: string, from: number, to: number) =>
      span(id, parent, from, to, { service: 'api', error: true, problem: `${id} broke` });
    const deepBelowSuccess = [
      ...[span('cache', 'root', 1, 20), span('lookup', 'cache', 2, 18), failed('miss', 'lookup', 3, 10)],
      failed('render', 'root', 30, 90),
    ];
    const triedAgain = [
      client('first', 'root', 1, 20, { name: 'GET /users', error: true, statusCode: '503', problem: 'busy' }),
      client('second', 'root', 21, 40, { name: 'GET /users' }),
    ];
    for (const [below, isError, cause] of [
      [deepBelowSuccess, true, 'render'],
      [triedAgain, true, 'root'],
      [[failed('load', 'root', 1, 50), failed('row', 'load', 2, 40)], false, 'row'],
    ] as const) {
      const model = modelOf([
        server('root', '', 0, 100, { error: isError, problem: isError ? 'root broke' : '' }),
        ...below,
      ]);
      t.equal(model.name(errorOrder(model)[0] ?? -1), cause);
      const finding = findingsOf(model).find(({ rule }) => rule === 'failed-request');
      if (isError) t.equal(model.name(finding?.indexes[0] ?? -1), cause);
      t.equal(model.name(errorGroups(model)[0]?.[0] ?? -1), cause);
    }
  },
);

t.test('a try that failed before the same call succeeded is no cause', async (t) => {
  const spans = [
    server('root', '', 0, 100, { name: 'GET /home', error: true }),
    client('first', 'root', 1, 20, { name: 'GET /users', error: true, statusCode: '503' }),
    client('second', 'root', 21, 40, { name: 'GET /users' }),
  ];
  t.strictSame(sentences(spans), ['failed-request: GET /home of api failed']);
});

t.test('a call is said with its target, where its name is a method alone, and 0 is no status', async (t) => {
  const more = { name: 'GET', error: true, statusCode: '0', target: 'users:4568/api/users' };
  t.strictSame(sentences([client('call', '', 0, 100, more)]), [
    'failed-request: GET users:4568/api/users of api failed',
  ]);
});

t.test('a request that failed, and succeeded when the same call was sent again, says so', async (t) => {
  const spans = [
    server('root', '', 0, 500, { name: 'POST /checkout' }),
    client('call', 'root', 1, 400, { name: 'POST' }),
    server('first', 'call', 2, 30, { name: 'POST /items', service: 'items', error: true, statusCode: '503' }),
    server('second', 'call', 60, 390, { name: 'POST /items', service: 'items' }),
  ];
  t.strictSame(sentences(spans), [
    'failed-request: POST /items of items failed with 503, and succeeded at the next try',
  ]);
});

t.test('an exception between the cause and the request is said, the nearest to the cause', async (t) => {
  const records = (middle: object, top: object) => [
    server('root', '', 0, 20, { name: 'GET /chat', error: true, statusCode: '500', ...top }),
    span('ask model', 'root', 2, 18, { error: true, ...middle }),
    client('POST', 'ask model', 3, 12, { error: true, statusCode: '400', problem: '400' }),
  ];
  for (const [middle, top, exception] of [
    [{ exception: 'bad prompt' }, {}, 'bad prompt'],
    [{ exception: 'bad prompt' }, { exception: 'HttpError' }, 'bad prompt'],
    [{}, { exception: 'HttpError' }, 'HttpError'],
    [{}, {}, undefined],
  ] as const) {
    const found = findingsOf(modelOf(records(middle, top))).find(({ rule }) => rule === 'failed-request');
    t.equal(found?.exception, exception);
    t.equal(/There is no exception/.test(found?.advice ?? ''), exception === undefined);
  }
});

t.test('a cause whose name other spans have is told apart', async (t) => {
  const load = (id: string, at: number, error = false) =>
    span(id, 'root', at, at + 5, { name: 'load', error });
  t.strictSame(
    sentences([
      server('root', '', 0, 100, { name: 'GET /home', error: true, statusCode: '500' }),
      ...[load('a', 10), load('b', 20), load('c', 30, true)],
    ]).slice(-1),
    ['failed-request: GET /home of api failed with 500; the error began in load of api (the 3rd of 3)'],
  );
});

t.test(
  'the exception is said with its frame, of the cause or of the request, and no advice names one that is not there',
  async (t) => {
    const failed = { error: true, statusCode: '500', statusMessage: 'Internal Server Error' };
    const thrown = { exception: 'no row\n4711', frame: 'at find (/app/find.ts:2:5)' };
    const said = 'no row 4711, at find (/app/find.ts:2:5)';
    for (const [ofRequest, ofCause, exception] of [
      [{}, thrown, said],
      [thrown, {}, said],
      [{}, { exception: 'TypeError' }, 'TypeError'],
      [{}, { ...thrown, exception: 'asked for it.' }, 'asked for it, at find (/app/find.ts:2:5)'],
      [{}, { exception: 'asked for it.' }, 'asked for it'],
      [{}, {}, undefined],
    ] as const) {
      const records = [
        server('root', '', 0, 100, { ...failed, ...ofRequest }),
        span('load', 'root', 10, 90, { error: true, statusMessage: 'failed', ...ofCause }),
      ];
      const [found] = findingsOf(modelOf(records));
      t.equal(found?.exception, exception);
      t.equal(/^Look at the exception/.test(found?.advice ?? ''), exception !== undefined);
      t.notMatch(found?.sentence, 'no row');
    }
  },
);

t.test('that a request failed does not say where its time went: a rule about time does', async (t) => {
  const failed = { error: true, statusCode: '503' };
  const request = (...below: Parameters<typeof sentences>[0]) =>
    sentences([server('root', '', 0, 1000, { name: 'GET /home', ...failed }), ...below]);
  t.match(request(client('sql', 'root', 0, 10)), [
    /^failed-request/,
    /^unexplained-time: GET \/home spent 990 ms of 1\.00 s in api itself/,
  ]);
  t.match(request(client('pay', 'root', 10, 990, failed)), [
    /^failed-request/,
    /^slow-call: pay of api took 980 ms/,
  ]);
  t.match(request(span('work', 'root', 10, 990, failed)), [
    /^failed-request/,
    /^slow-call: work of api took 980 ms/,
  ]);
  const late = server('served', 'call', 600, 980, { service: 'users', ...failed });
  t.match(
    request(client('call', 'root', 10, 990, failed), late, client('sql', 'served', 601, 979)).join(),
    /call spent 600 ms of 980 ms between api and users/,
  );
  const noAnswer = { error: true, problem: 'connect ECONNREFUSED' };
  t.match(request(client('call', 'root', 10, 990, noAnswer)), [/^no-answer/], 'told once');
});

t.test('a call that fails, and nobody says so, may be slow too', async (t) => {
  const spans = [
    server('root', '', 0, 1000, { name: 'GET /home' }),
    client('ads', 'root', 10, 990, { error: true, statusCode: '503' }),
  ];
  t.match(sentences(spans), [/^swallowed-error/, /^slow-call: ads of api took 980 ms/]);
});

t.test('without an exception, no advice takes log lines for granted', async (t) => {
  const [found] = findingsOf(modelOf([server('root', '', 0, 20, { error: true, statusCode: '500' })]));
  t.match(found?.advice, /whether a log line .* or record the exception there/);
});

t.test('an answer of 503 that a service was asked to give is a fact', async (t) => {
  const answered = (ms: number, more: object, below: readonly SpanRecord[] = []) => {
    const root = server('root', '', 0, ms, {
      name: 'GET /render/:id',
      error: true,
      statusCode: '503',
      ...more,
    });
    return findingsOf(modelOf([root, ...below])).map(({ isFact = false }) => isFact);
  };
  const call = client('call', 'root', 1, 2, { name: 'SELECT slots', isDatabase: true, statement: 1 });
  t.strictSame(answered(10, { saysLater: true }, [call]), [true]);
  t.strictSame(answered(10, {}), [true], 'it called nothing');
  t.strictSame(answered(10, {}, [call]), [false]);
  t.strictSame(answered(80, { saysLater: true }), [false], 'it took its time');
  t.strictSame(answered(10, { exception: 'no slot' }), [false]);
  t.strictSame(answered(10, { statusCode: '500' }), [false]);
});
