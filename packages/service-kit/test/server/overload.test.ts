import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer as createSocketServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTestTelemetry } from '@tandem/telemetry/testing';
import type { FastifyInstance } from 'fastify';
import t from 'tap';
import { until } from '../../../../test/helpers/until.ts';
import { createServer } from '../../src/server/server.ts';
import { connectionsWaiting } from '../../src/server/waiting-connections.ts';

/** Connections that come at once: many more than may wait. */
const CONNECTIONS = 300;

// Alone in its process: telemetry is registered for all tests.
const telemetry = createTestTelemetry();
t.teardown(() => telemetry.shutdown());
t.beforeEach(() => telemetry.reset());

/** A server; the test decides when /api/slow answers. */
async function start(maxOpenRequests: number) {
  const waiting: (() => void)[] = [];
  const app: FastifyInstance = await createServer({
    title: 'test',
    description: 'A test.',
    version: '1.2.3',
    rateLimitMax: 100_000,
    settings: { maxOpenRequests },
    checkDatabase: async () => {},
    api(api) {
      api.get('/slow', async () => {
        await new Promise<void>((resolve) => waiting.push(resolve));
        return { ok: true };
      });
      api.post('/slow', async () => {
        await new Promise<void>((resolve) => waiting.push(resolve));
        return { ok: true };
      });
      api.get('/quick', () => ({ ok: true }));
      api.post('/write', () => ({ ok: true }));
    },
  });
  t.teardown(() => app.close());
  const port = Number(new URL(await app.listen({ port: 0, host: '127.0.0.1' })).port);
  return { app, port, waiting, url: `http://127.0.0.1:${port}` };
}

t.test('past the limit of open requests others get 503, until one of them is answered', async (t) => {
  const { url, waiting } = await start(2);
  await until(async () => (await fetch(`${url}/api/quick`)).status === 200, { what: 'the start is over' });
  const open = [fetch(`${url}/api/slow`), fetch(`${url}/api/slow`)];
  await until(() => waiting.length === 2);
  for (let count = 0; count < 3; count++) {
    const refused = await fetch(`${url}/api/quick`);
    t.equal(refused.status, 503);
    t.equal(refused.headers.get('retry-after'), '1');
    t.equal(refused.headers.get('content-type'), 'application/problem+json');
    t.match(await refused.json(), {
      code: 'UNDER_PRESSURE',
      trace_id: /^\w{32}$/,
    });
  }
  for (const path of ['/health/ready', '/health/live', '/metrics'])
    t.equal((await fetch(`${url}${path}`)).status, 200, path);

  await telemetry.flush();
  const shed = telemetry.spans().filter(({ attributes }) => attributes['http.response.status_code'] === 503);
  t.equal(shed.length, 3, 'a SERVER span each');
  t.match(shed[0]?.attributes, { 'error.type': 'UNDER_PRESSURE', 'app.shed_reason': 'open_requests' });

  for (const answer of waiting) answer();
  t.same(
    (await Promise.all(open)).map(({ status }) => status),
    [200, 200],
  );
  await until(async () => (await fetch(`${url}/api/quick`)).status === 200, { what: 'others are let in' });
});

t.test('requests with a body that wait in a pipeline are open until their answers end', async (t) => {
  const { port, url, waiting } = await start(2);
  await until(async () => (await fetch(`${url}/api/quick`)).status === 200, { what: 'the start is over' });
  const caller = connect(port, '127.0.0.1');
  let answers = '';
  caller.on('data', (bytes) => {
    answers += bytes;
  });
  const head =
    'POST /api/slow HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}';
  caller.write(head.repeat(2));
  await until(() => waiting.length === 2);
  t.equal((await fetch(`${url}/api/quick`)).status, 503);
  for (const answer of waiting.splice(0)) answer();
  await until(() => answers.split('HTTP/1.1 200').length === 3);
  caller.write(head.repeat(2));
  await until(() => waiting.length === 2);
  t.equal((await fetch(`${url}/api/quick`)).status, 503);
  caller.destroy();
  await until(async () => (await fetch(`${url}/api/quick`)).status === 200, { what: 'the client has left' });
  for (const answer of waiting) answer();
});

t.test('of many refusals only some have a span, and all say when to come back', async (t) => {
  const { url, port, waiting } = await start(1);
  const open = fetch(`${url}/api/slow`);
  await until(() => waiting.length === 1);
  telemetry.reset();
  const caller = connect(port, '127.0.0.1');
  caller.write('GET /api/quick HTTP/1.1\r\nhost: a\r\n\r\n'.repeat(CONNECTIONS));
  let answers = '';
  caller.on('data', (bytes) => {
    answers += bytes;
  });
  const count = (what: RegExp) => answers.match(what)?.length ?? 0;
  await until(() => count(/"code":"UNDER_PRESSURE"/g) === CONNECTIONS);
  caller.destroy();
  t.equal(count(/HTTP\/1.1 503 /g), CONNECTIONS);
  t.equal(count(/^retry-after: 1\r$/gim), CONNECTIONS);
  await telemetry.flush();
  const traced = count(/"trace_id"/g);
  t.ok(traced > 0 && traced < CONNECTIONS, `${traced} traced refusals`);
  t.equal(telemetry.spans().length, traced);
  const metrics = await (await fetch(`${url}/metrics`)).text();
  t.match(metrics, /^tandem_refused_requests_total\{reason="open_requests"\} [1-9]\d\d$/m);
  for (const answer of waiting) answer();
  await open;
});

if (process.platform === 'linux')
  t.test('connections that the process has not taken yet count as well', async (t) => {
    // The kernel's table has them in any order.
    const others = Array.from({ length: 200 }, () => createSocketServer().listen(0, '127.0.0.1'));
    t.teardown(() => others.map((other) => other.close()));
    const { app, port, waiting, url } = await start(500);
    const open = [fetch(`${url}/api/slow`), fetch(`${url}/api/slow`)];
    await until(() => waiting.length === 2);
    // Another process connects while the event loop of this process stands still.
    const script = `const { connect } = require('node:net');
      const request = 'GET /api/quick HTTP/1.1\\r\\nhost: a\\r\\nconnection: close\\r\\n\\r\\n';
      let answers = '', left = ${CONNECTIONS};
      const call = () => connect(${port}, '127.0.0.1')
        .on('data', (bytes) => { answers += /^HTTP\\/1.1 (\\d+)/.exec(bytes)?.[1] + ' '; })
        .on('close', () => --left || console.log(answers))
        .write(request);
      process.stdin.once('data', () => { for (let count = left; count > 0; count--) call(); });
      console.log('ready');`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
    t.teardown(() => child.kill());
    await once(child.stdout, 'data');
    child.stdin.end('go');
    const clock = new Int32Array(new SharedArrayBuffer(4));
    for (let look = 0; look < 1000 && connectionsWaiting(app.server) < CONNECTIONS; look++)
      Atomics.wait(clock, 0, 0, 30);
    t.equal(connectionsWaiting(app.server), CONNECTIONS);
    const [answers] = (await once(child.stdout, 'data')) as [Buffer];
    const statuses = answers.toString().trim().split(' ');
    t.equal(statuses.length, CONNECTIONS, 'each is answered');
    t.same([...new Set(statuses)].sort(), ['200', '503']);
    for (const answer of waiting) answer();
    await Promise.all(open);
  });

t.test('a request does not count as open before its body has arrived', async (t) => {
  const { url, port } = await start(1);
  const slow = connect(port, '127.0.0.1');
  await once(slow, 'connect');
  const body = '{"a":1}';
  slow.write(
    `POST /api/write HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n{`,
  );
  for (let count = 0; count < 3; count++) t.equal((await fetch(`${url}/api/quick`)).status, 200);
  slow.write(body.slice(1));
  const [answer] = (await once(slow, 'data')) as [Buffer];
  t.match(answer.toString(), /^HTTP\/1.1 200 /);
  slow.destroy();
});

t.test('a busy event loop before the server listens is not an overload', async (t) => {
  const app = await createServer({
    title: 'slow start',
    description: 'A test.',
    version: '1.2.3',
    rateLimitMax: 100,
    settings: {},
    checkDatabase: async () => {},
    api: (api) => void api.get('/quick', () => ({ ok: true })),
  });
  t.teardown(() => app.close());
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3000); // the event loop stands still
  await sleep(50); // the delay is measured
  const origin = await app.listen({ port: 0, host: '127.0.0.1' });
  t.equal((await fetch(`${origin}/api/quick`)).status, 200);
});

t.test('a request whose caller has left does not count as open', async (t) => {
  const { url, waiting } = await start(1);
  await until(async () => (await fetch(`${url}/api/quick`)).status === 200, { what: 'the start is over' });
  const gone = new AbortController();
  const open = fetch(`${url}/api/slow`, { signal: gone.signal }).catch(() => {});
  await until(() => waiting.length === 1);
  t.equal((await fetch(`${url}/api/quick`)).status, 503);
  gone.abort();
  await open;
  await until(async () => (await fetch(`${url}/api/quick`)).status === 200, { what: 'the place is free' });
});

t.test('requests of a pipeline whose caller has left do not count as open', async (t) => {
  const { port, url, waiting } = await start(3);
  await until(async () => (await fetch(`${url}/api/quick`)).status === 200, { what: 'the start is over' });
  const socket = connect(port, '127.0.0.1');
  socket.write('GET /api/slow HTTP/1.1\r\nhost: a\r\n\r\n'.repeat(3));
  await until(() => waiting.length === 3);
  t.equal((await fetch(`${url}/api/quick`)).status, 503);
  socket.destroy();
  await until(async () => (await fetch(`${url}/api/quick`)).status === 200, { what: 'the places are free' });
  const open = [0, 1, 2].map(() => fetch(`${url}/api/slow`));
  await until(() => waiting.length === 6);
  t.equal((await fetch(`${url}/api/quick`)).status, 503, 'each was counted once');
  for (const answer of waiting) answer();
  await Promise.all(open);

  const other = connect(port, '127.0.0.1');
  t.teardown(() => other.destroy());
  other.write('GET /api/slow HTTP/1.1\r\nhost: a\r\n\r\n'.repeat(3));
  await until(() => waiting.length === 9);
  for (const answer of waiting) answer();
  await until(async () => (await fetch(`${url}/api/quick`)).status === 200, { what: 'all are answered' });
});
