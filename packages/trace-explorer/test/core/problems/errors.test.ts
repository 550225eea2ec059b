import t from 'tap';
import type { Cause } from '../../../src/core/problems/schemas.ts';
import { sentenceOf } from '../../../src/core/problems/sentence.ts';
import { causesOf } from '../../../src/core/problems/tally.ts';
import { buildModel } from '../../../src/core/traces/model/trace-model.ts';
import type { Answer } from '../../explorer.ts';
import { at, ids, temporaryExplorer } from '../../explorer.ts';
import type { PlainSpan } from '../../spans.ts';
import { storeSpans } from '../../spans.ts';

const id = ids();

/** The errors of the last hour. */
async function errorsOf(get: (url: string) => Promise<Answer>): Promise<readonly Cause[]> {
  return (await get('/api/causes')).body.causes.filter(({ rule }: Cause) => rule === 'error');
}

t.test('the code of a DOMException is not told as a type, and a status is', (t) => {
  const failed = (type: string) =>
    sentenceOf({
      rule: 'error',
      service: 'api',
      name: 'GET',
      type,
      message: 'too late',
      target: '',
    });
  t.equal(failed('23'), 'GET of api fails: too late');
  t.equal(failed('529'), 'GET of api fails: 529: too late');
  t.equal(failed('TimeoutError'), 'GET of api fails: TimeoutError: too late');
  t.end();
});

t.test('SQLSTATEs that say what to do are words', (t) => {
  const key = { rule: 'error', service: 'api', name: 'INSERT users', kind: 'client', target: '' };
  const failed = (type: string, message = '') => sentenceOf({ ...key, type, message }, true);
  t.match(
    failed('ENOENT', "ENOENT: no such file or directory, open 'a'"),
    / fails: ENOENT: no such file/,
    'its code once',
  );
  t.match(failed('ERR_X', 'ERR_XY: no'), / fails: ERR_X: ERR_XY: no$/, 'another code');
  t.equal(
    failed('23505', 'duplicate key value violates unique constraint'),
    'INSERT users fails: the value is there already (23505): duplicate key value violates unique constraint',
  );
  t.equal(failed('23001'), 'INSERT users fails: a rule of the table refused it (23001)');
  t.match(failed('40P01'), 'deadlock (40P01)');
  t.match(failed('53300'), 'too many connections (53300)');
  t.equal(failed('42P01'), 'INSERT users fails: 42P01', 'others say it themselves');
  t.end();
});

t.test(
  'a call whose name is a method alone has its host where all agree on one, and the id that it had',
  async (t) => {
    const { store, get } = await temporaryExplorer(t);
    const call = (n: number, host: string, type: string): PlainSpan[] => {
      const root = { traceId: id(`call ${n}`, 16), spanId: id(`root ${n}`), service: 'shop', start: at(n) };
      const failed = { status: 2 as const, statusMessage: 'too late', durationMs: 5 };
      const attributes = {
        ...{ 'exception.type': type, 'exception.message': 'too late' },
        'url.full': `http://${host}/users/${n}`,
        'server.address': host,
      };
      const own = { spanId: id(`own ${n}`), parentSpanId: root.spanId, name: 'GET', kind: 3 as const };
      return [
        { ...root, name: 'GET /home', kind: 2, status: 2, durationMs: 900 },
        { ...root, ...own, ...failed, attributes },
      ];
    };
    await storeSpans(store, [
      ...[...call(0, 'bank.test', 'CertError'), ...call(1, 'bank.test', 'CertError')],
      ...[...call(2, 'a.test', 'NameError'), ...call(3, 'b.test', 'NameError')],
    ]);
    const causes = await errorsOf(get);
    t.same(causes.map(({ example }) => example).sort(), [
      'GET bank.test of shop fails: CertError: too late',
      'GET of shop fails: NameError: too late',
    ]);
    const [{ id: late = '', sightings } = {}] = (
      (await get('/api/causes?sightings=true')).body.causes as Cause[]
    ).filter(({ type }) => type === 'CertError');
    t.same(JSON.parse(Buffer.from(late, 'base64url').toString()), [
      ...['error', 'shop', 'GET', 'client', '', 'CertError', 'too late'],
    ]);
    t.match(sightings, [{ sentence: 'GET bank.test of shop fails: CertError: too late', operation: 'GET' }]);
  },
);

t.test('an exception is one line, where it came from, however many spans pass it on', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const failed = (message: string, type = 'DatabaseError') => ({
    status: 2 as const,
    statusMessage: message,
    attributes: { 'exception.type': type, 'exception.message': message },
  });
  const request = (n: number, order: string) => {
    const span = { traceId: id(`failed ${n}`, 16), start: at(n), durationMs: 9 };
    const part = (label: string, parent: string | undefined, more: object) => ({
      ...span,
      spanId: id(`${label} ${n}`),
      ...(parent !== undefined && { parentSpanId: id(`${parent} ${n}`) }),
      ...more,
    });
    return [
      part('shop', undefined, {
        service: 'shop',
        kind: 2,
        name: 'POST /pay',
        ...failed('pay failed', 'Error'),
      }),
      // Without a message, between both.
      part('call', 'shop', { service: 'shop', kind: 3, name: 'POST', status: 2 as const }),
      part('bank', 'call', { service: 'bank', kind: 2, name: 'POST /charge', ...failed(`no row ${order}`) }),
      part('select', 'bank', { service: 'bank', kind: 3, name: 'SELECT', ...failed(`no row ${order}`) }),
    ];
  };
  const orders = ['4711', '4712', '0af7651916cd43dd8448eb211c80319c'];
  await storeSpans(
    store,
    orders.flatMap((order, n) => request(n, order)),
  );
  const errors = await errorsOf(get);
  t.match(errors, [
    {
      service: 'bank',
      name: 'SELECT',
      type: 'DatabaseError',
      message: 'no row …',
      traces: 3,
      failed: 3,
      routes: [{ service: 'shop', name: 'POST /pay' }],
      routes_total: 1,
    },
  ]);
  t.equal(errors.length, 1);
  // Another type is another cause. Numbers make none.
  const alone = { service: 'shop', kind: 2, start: at(5), durationMs: 3 };
  await storeSpans(store, [
    { ...alone, ...failed('answered 404') },
    { ...alone, ...failed('answered 503') },
    { ...alone, traceId: id('covered', 16), spanId: id('covered') },
    {
      ...alone,
      traceId: id('covered', 16),
      parentSpanId: id('covered'),
      ...failed('answered 503', 'Retried'),
    },
  ]);
  const more = await errorsOf(get);
  t.same(more.map(({ type, message, traces, failed }) => [message, type, traces, failed]).toSorted(), [
    ['answered …', 'DatabaseError', 2, 2],
    ['answered …', 'Retried', 1, 0],
    ['no row …', 'DatabaseError', 3, 3],
  ]);
});

t.test('an error without a message counts where a request failed with it, whoever asked', async (t) => {
  const status = (code: number) => ({ attributes: { 'http.response.status_code': code } });
  const error = { status: 2 as const };
  /** A chain of spans, each below the one before. */
  const chain = (label: string, ...spans: readonly (readonly [string, string, number, object])[]) =>
    spans.map(([service, name, kind, more], n) => ({
      traceId: id(label, 16),
      spanId: id(`${label} ${n}`),
      ...(n > 0 && { parentSpanId: id(`${label} ${n - 1}`) }),
      start: at(n),
      durationMs: 9,
      ...{ service, name, kind },
      ...more,
    }));
  const [test, failedTest] = [
    { attributes: { 'test.case.name': 'answers' } },
    { statusMessage: 'not equal' },
  ];
  const broken = [
    ['shop', 'GET', 3, { ...error, ...status(500) }],
    ['shop', 'GET /orders', 2, { ...error, ...status(500) }],
  ] as const;
  const passedOn = [
    ['suite', 'GET', 3, { ...error, ...status(404) }],
    ['shop', 'GET /users/:id', 2, status(404)],
    ['shop', 'load', 1, {}],
    ['shop', 'GET', 3, { ...error, ...status(404) }],
    ['users', 'GET /api/users/:id', 2, status(404)],
  ] as const;
  const told = async (...traces: readonly (readonly PlainSpan[])[]) => {
    const { store, get } = await temporaryExplorer(t);
    await storeSpans(store, traces.flat());
    const stored = (await errorsOf(get)).map(({ service, name, message }) => `${service} ${name} ${message}`);
    const outlines = await Promise.all(
      traces.map(async ([span]) => (await get(`/api/traces/${span?.traceId}/outline`)).body),
    );
    const inMemory = causesOf(outlines.map((outline) => buildModel(outline)))
      .filter(({ rule }) => rule === 'error')
      .map(({ service, name, message }) => `${service} ${name} ${message}`);
    t.same(inMemory.toSorted(), stored.toSorted());
    return stored.toSorted();
  };
  t.same(await told(chain('passed', ['suite', 'a test', 1, test], ...broken)), ['shop GET /orders 500']);
  t.same(
    await told(chain('expected', ['suite', 'a test', 1, { ...test, ...error, ...failedTest }], ...passedOn)),
    ['suite a test not equal'],
  );
  t.same(await told(chain('without a test', ...passedOn)), [], 'the service answered so');
  t.same(await told(chain('elsewhere', passedOn[0])), ['suite GET 404']);
  const failedWith = chain(
    'of its service',
    ['shop', 'GET /pay', 2, { ...error, ...status(502) }],
    ['shop', 'pay', 1, {}],
    ['shop', 'POST', 3, { ...error, ...status(503) }],
  );
  t.same(await told(failedWith), ['shop GET /pay 502', 'shop POST 503']);
});

t.test('an error names the routes of its traces, and how many of these failed', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const requests = Array.from({ length: 25 }, (_, n) => {
    const ids = { traceId: id(`of route ${n}`, 16), start: at(n), durationMs: 5, service: 'shop' };
    const [top, middle] = [id(`top ${n}`), id(`middle ${n}`)];
    const failed = { ...ids, status: 2 as const };
    const covered = n === 24;
    return [
      { ...ids, ...(!covered && { status: 2 as const }), spanId: top, kind: 2, name: `GET /${n}` },
      { ...failed, spanId: middle, parentSpanId: top, name: 'load' },
      {
        ...failed,
        parentSpanId: middle,
        kind: 3,
        name: 'SELECT',
        statusMessage: covered ? 'none' : 'locked',
      },
      // A second failed call of the same request.
      {
        ...failed,
        parentSpanId: middle,
        kind: 3,
        name: 'SELECT',
        statusMessage: covered ? 'none' : 'locked',
      },
    ];
  });
  await storeSpans(store, requests.flat());
  const errors = await errorsOf(get);
  t.match(errors, [
    { message: 'locked', traces: 24, failed: 24, routes_total: 24 },
    { message: 'none', traces: 1, failed: 0, routes: [{ name: 'GET /24' }], routes_total: 1 },
  ]);
  t.equal(errors[0]?.routes.length, 20);
});

t.test('new is what the range before has not, and where that range is not stored nothing is', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const MINUTE = 60_000;
  const failed = (minutes: number, message: string, version: string) => ({
    start: at(minutes * MINUTE),
    service: 'shop',
    name: 'GET /',
    kind: 2,
    status: 2 as const,
    statusMessage: message,
    resource: { 'service.version': version },
  });
  await storeSpans(store, [
    failed(-60, 'older', '1'),
    failed(-40, 'always', '1'),
    failed(-10, 'always', '1'),
    failed(-9, 'always', '2'),
    failed(-8, 'fresh', '2'),
  ]);
  const causes = async (range: string) =>
    Object.fromEntries(
      (await get(`/api/causes?${range}`)).body.causes.map((cause: Cause) => [cause.message, cause]),
    );
  const now = await causes('time_range=1500');
  t.match(now.fresh, { new: true, after: { service: 'shop', version: '2' } });
  t.match(now.always, { new: undefined, traces: 2, versions: ['1', '2'] });
  t.match(await causes('time_range=2400'), { fresh: { new: undefined }, always: { new: undefined } });
});

t.test('a known cause is hidden until it has twice the share, or the service a new version', async (t) => {
  const { app, store, get } = await temporaryExplorer(t);
  const request = (n: number, isFailed: boolean, version = '1') => ({
    start: at(n),
    service: 'shop',
    name: 'GET /',
    kind: 2,
    ...(isFailed && { status: 2 as const, statusMessage: `row ${n} is locked` }),
    resource: { 'service.version': version },
  });
  await storeSpans(
    store,
    Array.from({ length: 20 }, (_, n) => request(n, n < 2)),
  );
  const [cause] = await errorsOf(get);
  const url = `/api/causes/${cause?.id}/known`;
  t.equal((await app.inject({ method: 'PUT', url })).statusCode, 200);
  t.match(await errorsOf(get), [{ hidden: true }]);
  await storeSpans(store, [request(30, true)]);
  t.match(await errorsOf(get), [{ hidden: true }], 'a little more');
  await storeSpans(store, [request(31, true), request(32, true)]);
  t.match(await errorsOf(get), [{ known: undefined, traces: 5 }], 'twice the share');
  t.equal((await app.inject({ method: 'PUT', url })).statusCode, 200);
  await storeSpans(store, [request(33, true, '2')]);
  t.match(await errorsOf(get), [{ known: undefined }], 'another version');
  t.equal((await app.inject({ method: 'DELETE', url })).statusCode, 200);
  const none = await app.inject({ method: 'PUT', url: '/api/causes/nonsense/known' });
  t.match(none.json(), { status: 404, code: 'CAUSE_NOT_FOUND' });
});

t.test('a row that is there already is no error of a request that then changes it', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const other = await temporaryExplorer(t);
  const request = (label: string, { status = 200, second = 'UPDATE users SET n = n + 1' } = {}) => {
    const span = { traceId: id(label, 16), start: at(0), durationMs: 20, service: 'shop' };
    const statement = (text: string, from: number, more: object = {}) => ({
      ...span,
      ...{ spanId: id(`${label} ${from}`), parentSpanId: id(label), name: text.slice(0, 6), kind: 3 },
      ...{ start: at(from), durationMs: 5 },
      attributes: { 'db.system.name': 'postgresql', 'db.query.text': text },
      ...more,
    });
    const failed = { status: 2 as const, statusMessage: 'duplicate key value violates unique constraint' };
    return [
      {
        ...span,
        ...{ spanId: id(label), kind: 2, name: `PUT /${label}` },
        ...(status >= 500 && { status: 2 as const }),
        attributes: { 'http.response.status_code': status },
      },
      statement('INSERT INTO users VALUES (?)', 1, failed),
      statement(second, 10),
    ];
  };
  await storeSpans(other.store, request('imported', { second: 'INSERT INTO users VALUES (?, 2)' }));
  t.equal(
    (await errorsOf(other.get)).length,
    1,
    'another new row takes nothing from the one that was refused',
  );
  await storeSpans(store, request('handled'));
  t.strictSame(await errorsOf(get), []);
  await storeSpans(store, [
    ...request('swallowed', { second: 'UPDATE orders SET n = 1' }),
    ...request('failed', { status: 500 }),
  ]);
  const errors = await errorsOf(get);
  t.strictSame(
    errors.map(({ name, failed }) => [name, failed]),
    [['INSERT', 1]],
  );
});
