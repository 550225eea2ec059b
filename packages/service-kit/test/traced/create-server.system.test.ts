import type { FastifyInstance } from 'fastify';
import t from 'tap';
import Type from 'typebox';
import { until } from '../../../../test/helpers/until.ts';
import { withinDeadline } from '../../src/server/deadline.ts';
import type { ServerOptions } from '../../src/traced/create-server.ts';
import { createServer } from '../../src/traced/create-server.ts';

/** The first answer of /api/ok that is not 200. */
function untilRefused(app: FastifyInstance) {
  return until(async () => {
    const response = await app.inject('/api/ok');
    return response.statusCode !== 200 && response;
  });
}

function create(options: Partial<ServerOptions> = {}) {
  return createServer({
    title: 'test',
    description: 'A test.',
    version: '1.2.3',
    rateLimitMax: 100_000,
    readiness: { checkDatabase: async () => {}, isStopping: () => false },
    api(app) {
      app.get('/ok', () => ({ ok: true }));
      app.get('/fail', () => {
        throw new Error('secret detail');
      });
      app.get('/slow', (request) => withinDeadline(request, () => new Promise(() => {})));
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
    readiness: {
      checkDatabase: async () => {
        if (away) throw new Error('gone');
      },
      isStopping: () => stopping,
    },
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

t.test('a database that hangs is not ready, and is not asked ever more often', async (t) => {
  let asked = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  const checkDatabase = () => {
    asked++;
    return promise;
  };
  const app = await create({ readiness: { checkDatabase, isStopping: () => false } });
  t.teardown(() => app.close());
  for (const checks of [1, 2, 2]) {
    const responses = await Promise.all(Array.from({ length: 3 }, () => app.inject('/health/ready')));
    for (const response of responses) {
      t.equal(response.statusCode, 503);
      t.match(response.json(), { code: 'NOT_READY', detail: /did not answer within/ });
    }
    t.equal(asked, checks);
  }
  resolve();
  t.equal((await app.inject('/health/ready')).statusCode, 200);
});

t.test('a check that was given up decides nothing once the database is back', async (t) => {
  const answers = [new Promise<void>(() => {}), Promise.resolve()];
  const checkDatabase = () => answers.shift() ?? Promise.reject(new Error('asked too often'));
  const app = await create({ readiness: { checkDatabase, isStopping: () => false } });
  t.teardown(() => app.close());
  t.equal((await app.inject('/health/ready')).statusCode, 503);
  t.equal((await app.inject('/health/ready')).statusCode, 200);
});

t.test('an unforeseen error is reported and answered as 500 without its message', async (t) => {
  const reported: Error[] = [];
  const app = await create({ reportError: (error) => void reported.push(error) });
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

t.test('under pressure requests are refused with 503, health checks still answer', async (t) => {
  const app = await create({ pressure: { maxHeapUsedBytes: 1, sampleInterval: 10 } });
  t.teardown(() => app.close());
  const response = await untilRefused(app);
  t.equal(response.statusCode, 503);
  t.equal(response.headers['retry-after'], '10');
  t.equal(response.json().code, 'UNDER_PRESSURE');
  t.equal((await app.inject('/health/live')).statusCode, 200);
});

t.test('starting is no pressure: requests are answered until the second sample', async (t) => {
  const app = await create({ pressure: { maxHeapUsedBytes: 1, sampleInterval: 1500 } });
  t.teardown(() => app.close());
  await app.ready();
  await until(() => app.isUnderPressure());
  t.equal((await app.inject('/api/ok')).statusCode, 200);
  t.equal((await untilRefused(app)).json().code, 'UNDER_PRESSURE');
});

/** Longer than a busy machine keeps a request waiting before it begins, which would be 503. */
const SHORT_MS = 1_000;

t.test('a request that cannot be answered within its deadline is 504', async (t) => {
  const app = await create({ requestTimeoutMs: SHORT_MS });
  t.teardown(() => app.close());
  t.equal((await app.inject('/api/slow')).json().code, 'DEADLINE_EXCEEDED');
});

t.test("the caller's deadline shortens the service's own, never lengthens it", async (t) => {
  const app = await create({ requestTimeoutMs: 60_000 });
  t.teardown(() => app.close());
  const headers = { 'x-request-timeout-ms': String(SHORT_MS) };
  t.equal((await app.inject({ url: '/api/slow', headers })).statusCode, 504);
  const strict = await create({ requestTimeoutMs: SHORT_MS });
  t.teardown(() => strict.close());
  t.equal(
    (await strict.inject({ url: '/api/slow', headers: { 'x-request-timeout-ms': '60000' } })).statusCode,
    504,
  );
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

t.test('a path that has other methods is 405 and says which', async (t) => {
  const app = await create();
  t.teardown(() => app.close());
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
    const response = await app.inject({ method, url: '/api/ok' });
    t.equal(response.statusCode, 405);
    t.equal(response.headers.allow, 'GET, HEAD');
  }
  const options = await app.inject({ method: 'OPTIONS', url: '/api/ok' });
  t.equal(options.statusCode, 204);
  t.equal(options.headers.allow, 'GET, HEAD');
});

t.test('the documentation page and its document are there', async (t) => {
  const app = await create();
  t.teardown(() => app.close());
  const page = await app.inject('/documentation/');
  t.equal(page.statusCode, 200);
  t.match(page.headers['content-security-policy'], /script-src/);
  t.match((await app.inject('/documentation/json')).json(), { openapi: '3.1.0', info: { version: '1.2.3' } });
});

t.test('/metrics answer whatever the load: neither rate-limited nor shed', async (t) => {
  const app = await create({ rateLimitMax: 1, pressure: { maxHeapUsedBytes: 1, sampleInterval: 10 } });
  t.teardown(() => app.close());
  await until(async () => (await app.inject('/api/ok')).statusCode === 503);
  for (let count = 0; count < 3; count++) {
    const response = await app.inject('/metrics');
    t.equal(response.statusCode, 200);
    t.match(response.headers['content-type'], 'text/plain; version=0.0.4');
    t.match(response.body, /^process_resident_memory_bytes \d+$/m);
  }
});

t.test('/metrics are no part of the documented interface', async (t) => {
  const app = await create();
  t.teardown(() => app.close());
  t.notOk('/metrics' in (await app.inject('/documentation/json')).json().paths);
});

t.test('GET / says where things are: to a person as a page, to others as JSON', async (t) => {
  const app = await create({
    pageUrl: 'http://localhost:3000',
    firstPath: '/api/ok',
    description: 'A & <b>.',
    reach: { metrics: false },
  });
  t.teardown(() => app.close());
  const page = await app.inject({ url: '/', headers: { accept: 'text/html,*/*;q=0.8' } });
  t.match(page.headers, { 'content-type': 'text/html; charset=utf-8', vary: /accept/ });
  for (const link of ['http://localhost:3000', '/api/ok', '/documentation', '/health/ready'])
    t.match(page.body, `<a href="${link}">`);
  t.match(page.body, '<p>A &amp; &lt;b>.</p>');
  t.notMatch(page.body, '/metrics', 'it is off');
  const json = (await app.inject('/')).json();
  t.match(json, { name: 'test', links: { '/documentation': 'all routes' } });
  for (const path of Object.keys(json.links).filter((link) => link.startsWith('/')))
    t.ok((await app.inject(path)).statusCode < 400, path);
});
