import { once } from 'node:events';
import { createServer as createTcpServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { freePort, startNode, untilReady } from '../../../../test/helpers/processes.ts';
import { until } from '../../../../test/helpers/until.ts';
import type { ServerOptions } from '../../src/server/server.ts';
import { createServer } from '../../src/server/server.ts';

/** A server with a health port of its own. */
async function start(port: number, options: Partial<ServerOptions> = {}) {
  const app = await createServer({
    title: 'test',
    description: 'A test.',
    version: '1.2.3',
    settings: { host: '127.0.0.1', healthPort: port },
    rateLimitMax: 100_000,
    checkDatabase: async () => {},
    api: (api) => void api.get('/ok', () => ({ ok: true })),
    ...options,
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return { app, url, health: `http://127.0.0.1:${port}` };
}

t.test(
  'a thread answers health checks and metrics on a port of its own, with the age of the report',
  async (t) => {
    let isAway = false;
    const checkDatabase = async () => {
      if (isAway) throw new Error('gone');
    };
    const { app, health } = await start(await freePort(), { checkDatabase });
    t.teardown(() => app.close());
    t.equal((await fetch(`${health}/health/live`)).status, 200);
    const ready = await fetch(`${health}/health/ready?by=kubelet`);
    t.equal(ready.status, 200);
    t.match(ready.headers.get('age'), /^\d$/);
    const metrics = await fetch(`${health}/metrics`);
    t.match(metrics.headers.get('content-type'), 'text/plain; version=0.0.4');
    t.match(await metrics.text(), /^process_resident_memory_bytes \d+$/m);
    t.match(await (await fetch(`${health}/api/ok`)).json(), { status: 404, code: 'ROUTE_NOT_FOUND' });
    isAway = true;
    await until(async () => (await fetch(`${health}/health/ready`)).status === 503);
    t.match(await (await fetch(`${health}/health/ready`)).json(), { code: 'NOT_READY', detail: /database/ });
  },
);

t.test('a service that stops is not ready at once', async (t) => {
  let isStopping = false;
  let isDone = false;
  let isWaiting = false;
  const { app, url, health } = await start(await freePort(), {
    runtime: { isStopping: () => isStopping },
    api(api) {
      api.get('/wait', async () => {
        isWaiting = true;
        await until(() => isDone);
        return {};
      });
    },
  });
  // A kept connection would hold the server open for its 72 s.
  const open = fetch(`${url}/api/wait`, { headers: { connection: 'close' } });
  await until(() => isWaiting);
  isStopping = true;
  const closed = app.close();
  await until(async () => (await fetch(`${health}/health/ready`)).status === 503);
  t.equal((await fetch(`${health}/health/live`)).status, 200);
  isDone = true;
  t.equal((await open).status, 200);
  await closed;
  await t.rejects(fetch(`${health}/health/live`), 'the port is closed');
});

t.test(
  'a main thread that stands still is not alive after five seconds, and its last report is still answered',
  async (t) => {
    const [port, healthPort] = [await freePort(), await freePort()];
    const fixture = fileURLToPath(import.meta.resolve('../fixture-service.ts'));
    const env = { PORT: String(port), HEALTH_PORT: String(healthPort), NODE_OPTIONS: '--no-warnings' };
    const service = startNode('.', [fixture], env);
    t.teardown(() => service.stop());
    const status = async (path: string) => (await fetch(`http://127.0.0.1:${healthPort}${path}`)).status;
    await untilReady(service, `http://127.0.0.1:${port}/health/ready`);
    t.equal(await status('/health/live'), 200);
    const blocked = fetch(`http://127.0.0.1:${port}/api/block`);
    await until(async () => (await status('/health/live')) === 503);
    const metrics = await fetch(`http://127.0.0.1:${healthPort}/metrics`);
    t.ok(Number(metrics.headers.get('age')) >= 4, 'the report is old, and says so');
    t.match(await metrics.text(), /^process_resident_memory_bytes \d+$/m);
    t.equal(await status('/health/ready'), 200);
    t.equal((await blocked).status, 200);
    await until(async () => (await status('/health/live')) === 200);
    t.equal(await service.stop(), 0);
  },
);

t.test('a port that is taken is named', async (t) => {
  const other = createTcpServer().listen(0, '127.0.0.1');
  t.teardown(() => other.close());
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  await t.rejects(start(port), {
    name: 'ConfigError',
    message: /^HEALTH_PORT is \d+: .*EADDRINUSE.*Choose a free/,
  });
});
