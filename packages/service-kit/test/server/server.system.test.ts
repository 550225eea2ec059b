import { once } from 'node:events';
import { connect } from 'node:net';
import type { FastifyBaseLogger } from 'fastify';
import { pino } from 'pino';
import t from 'tap';
import Type from 'typebox';
import { until } from '../../../../test/helpers/until.ts';
import type { ServerOptions } from '../../src/server/server.ts';
import { createServer } from '../../src/server/server.ts';

function create(options: Partial<ServerOptions> = {}) {
  return createServer({
    title: 'test',
    description: 'A test.',
    version: '1.2.3',
    rateLimitMax: 100_000,
    settings: {},
    checkDatabase: async () => {},
    api(app) {
      app.get('/ok', () => ({ ok: true }));
      app.get('/fail', () => {
        throw new Error('secret detail');
      });
      app.get('/slow', () => new Promise(() => {}));
      app.post('/slow', () => new Promise(() => {}));
      app.get('/left', ({ deadline }) => ({ left: deadline.millisecondsLeft() }));
      app.get('/lie', { schema: { response: { 200: Type.Object({ n: Type.Integer() }) } } }, () => ({
        n: 'x',
      }));
    },
    ...options,
  });
}

t.test('live says that the process runs, ready that it can work', async (t) => {
  let away = false;
  let stopping = false;
  const app = await create({
    checkDatabase: async () => {
      if (away) throw new Error('gone');
    },
    runtime: { isStopping: () => stopping },
  });
  t.teardown(() => app.close());
  const status = async (path: string) => (await app.inject(path)).statusCode;
  t.equal(await status('/health/ready'), 200);
  away = true;
  t.equal(await status('/health/ready'), 503);
  t.match((await app.inject('/health/ready')).json(), { code: 'NOT_READY', detail: /database/ });
  t.equal(await status('/health/live'), 200);
  away = false;
  stopping = true;
  t.match((await app.inject('/health/ready')).json(), { code: 'NOT_READY', detail: /shutting down/ });
  t.equal(await status('/health/live'), 200);
});

t.test('an unforeseen error is reported and answered as 500 without its message', async (t) => {
  const reported: Error[] = [];
  const app = await create({ runtime: { reportError: (error) => void reported.push(error) } });
  t.teardown(() => app.close());
  for (const url of ['/api/fail', '/api/lie']) {
    const response = await app.inject(url);
    t.equal(response.statusCode, 500);
    t.equal(response.headers['content-type'], 'application/problem+json');
    t.notMatch(response.body, /secret/);
  }
  t.match(reported[0], { message: 'secret detail' });
  t.equal(reported.length, 2);
});

t.test(
  'a thrown value that is not an Error is reported with its members, and answered with 500',
  async (t) => {
    const reported: Error[] = [];
    const thrown = [{ status: 409, id: 7 }, Object.assign(Object.create(null), { id: 7 }), 'sold out'];
    const app = await create({
      api: (api) =>
        thrown.forEach((each, index) => void api.get(`/throws/${index}`, () => Promise.reject(each))),
      runtime: { reportError: (error) => void reported.push(error) },
    });
    t.teardown(() => app.close());
    for (const index of thrown.keys())
      t.match((await app.inject(`/api/throws/${index}`)).json(), { code: 'INTERNAL' });
    const messages = reported.map(({ message }) => message);
    t.same(messages, ['{ status: 409, id: 7 }', '[Object: null prototype] { id: 7 }', 'sold out']);
  },
);

t.test('a client that asks too often is told when to come back, health checks are not counted', async (t) => {
  const app = await create({ rateLimitMax: 2 });
  t.teardown(() => app.close());
  for (let count = 0; count < 5; count++) t.equal((await app.inject('/health/live')).statusCode, 200);
  t.equal((await app.inject('/api/ok')).statusCode, 200);
  t.equal((await app.inject('/api/unknown')).statusCode, 404);
  const refused = await app.inject('/api/ok');
  t.equal(refused.statusCode, 429);
  t.match(refused.json(), { code: 'TOO_MANY_REQUESTS', detail: /At most 2/ });
  t.match(refused.headers['retry-after'], /^\d+$/);
});

t.test('a database that hangs is not ready', async (t) => {
  const checkDatabase = (signal: AbortSignal) =>
    new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  const app = await create({ checkDatabase });
  t.teardown(() => app.close());
  await app.listen({ port: 0, host: '127.0.0.1' }); // the check's timer alone does not keep a process alive
  const response = await app.inject('/health/ready');
  t.equal(response.statusCode, 503);
  t.match(response.json(), { code: 'NOT_READY', detail: /database does not answer/ });
});

t.test("a request that cannot be answered within its caller's deadline is 504", async (t) => {
  const app = await create();
  t.teardown(() => app.close());
  for (const method of ['GET', 'POST'] as const) {
    const headers = { 'x-request-timeout-ms': '300' };
    const response = await app.inject({
      method,
      url: '/api/slow',
      headers,
      ...(method === 'POST' && { payload: {} }),
    });
    t.match(response.json(), { status: 504, code: 'DEADLINE_EXCEEDED' });
  }
});

t.test("the caller's deadline never lengthens the service's own", async (t) => {
  const app = await create();
  t.teardown(() => app.close());
  for (const timeout of ['60000', '99999999']) {
    const headers = { 'x-request-timeout-ms': timeout };
    t.ok((await app.inject({ url: '/api/left', headers })).json().left <= 5000);
  }
  t.ok((await app.inject('/api/left')).json().left <= 5000);
});

t.test('the signal of a POST is aborted when its caller is gone, not when its body has come', async (t) => {
  const { promise: signal, resolve } = Promise.withResolvers<AbortSignal>();
  const app = await create({
    api: (api) =>
      void api.post('/wait', async ({ deadline }) => {
        await new Promise(setImmediate);
        resolve(deadline.signal);
        await new Promise(() => {});
      }),
  });
  t.teardown(() => app.close());
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  const gone = new AbortController();
  const headers = { 'content-type': 'application/json' };
  const open = fetch(`${url}/api/wait`, { method: 'POST', body: '{}', headers, signal: gone.signal });
  const aborted = once(await signal, 'abort');
  t.equal((await signal).aborted, false);
  gone.abort();
  await t.rejects(open);
  await aborted;
});

t.test('a caller that leaves before the answer is not an error of the service', async (t) => {
  const lines: { level: number; msg: string }[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const app = await create({ runtime: { logger: logger as FastifyBaseLogger } });
  t.teardown(() => app.close());
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  const leaving = new AbortController();
  app.server.once('request', () => setImmediate(() => leaving.abort()));
  await t.rejects(fetch(`${url}/api/slow`, { signal: leaving.signal }));
  await until(() => lines.length > 1); // the first line is Fastify's, about its address
  t.match(lines.slice(1), [{ level: 30, msg: 'The caller left before the answer', route: '/api/slow' }]);
});

t.test('security headers are on every answer', async (t) => {
  const app = await create();
  t.teardown(() => app.close());
  for (const url of ['/api/ok', '/api/fail', '/nothing', '/health/live']) {
    const { headers } = await app.inject(url);
    t.match(
      headers,
      { 'x-content-type-options': 'nosniff', 'content-security-policy': /default-src 'none'/ },
      url,
    );
    t.notOk(headers['x-powered-by']);
  }
});

t.test('the documentation page and its document are there', async (t) => {
  const app = await create();
  t.teardown(() => app.close());
  const page = await app.inject('/documentation/');
  t.equal(page.statusCode, 200);
  t.match(page.headers['content-security-policy'], /script-src/);
  t.match((await app.inject('/documentation/json')).json(), { openapi: '3.1.0', info: { version: '1.2.3' } });
});

t.test('/metrics are never limited', async (t) => {
  const app = await create({ rateLimitMax: 1 });
  t.teardown(() => app.close());
  for (let count = 0; count < 3; count++) {
    const response = await app.inject('/metrics');
    t.equal(response.statusCode, 200);
    t.match(response.headers['content-type'], 'text/plain; version=0.0.4');
    t.match(response.body, /^process_resident_memory_bytes \d+$/m);
  }
});

t.test('/metrics are not a part of the documented interface', async (t) => {
  const app = await create();
  t.teardown(() => app.close());
  t.notOk('/metrics' in (await app.inject('/documentation/json')).json().paths);
});

t.test('a request that has not arrived whole within ten seconds is ended', async (t) => {
  const app = await create();
  t.teardown(() => app.close());
  const port = Number(new URL(await app.listen({ port: 0, host: '127.0.0.1' })).port);
  const beginnings = {
    'half of its headers': 'POST /api/slow HTTP/1.1\r\nhost: a\r\n',
    'half of its body':
      'POST /api/slow HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{"a"',
  };
  const ends = Object.entries(beginnings).map(async ([what, beginning]) => {
    const socket = connect(port, '127.0.0.1');
    t.teardown(() => socket.destroy());
    socket.write(beginning);
    let answer = '';
    socket.on('data', (bytes) => {
      answer += bytes;
    });
    await once(socket, 'close', { signal: AbortSignal.timeout(20_000) });
    t.match(answer, /^HTTP\/1.1 408 /, what);
  });
  await Promise.all(ends);
});
