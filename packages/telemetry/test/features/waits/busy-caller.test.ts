import { Agent, createServer, get } from 'node:http';
import { connect, createServer as createHttp2Server } from 'node:http2';
import { createRequire } from 'node:module';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { SpanKind } from '@opentelemetry/api';
import { createPool } from 'mysql2';
import t from 'tap';
import { until } from '../../../../../test/helpers/until.ts';
import { injectedChannels } from '../../../src/guest/injected/trace-libraries.ts';
import { traceHttpClients } from '../../../src/guest/node/http-client.ts';
import { traceHttp2Clients } from '../../../src/guest/node/http2-client.ts';
import { undiciChannels } from '../../../src/guest/node/undici.ts';
import { traceDrivers } from '../../../src/guest/published/trace-drivers.ts';
import { withSpan } from '../../../src/index.ts';
import { createTestTelemetry } from '../../../src/service/testing/index.ts';
import { connectionOfPg } from '../../guest/injected/pg-connection.ts';
import { startMysqlServer } from '../../guest/published/mysql-server.ts';
import { instrumentationParts } from '../../instrumentation-parts.ts';
import { serve } from '../../serve.ts';

// Alone in its process: telemetry is registered for all tests, and modules are loaded with hooks.
const telemetry = createTestTelemetry({ waits: true });
const stops = [
  undiciChannels()(),
  injectedChannels()(instrumentationParts()),
  traceHttpClients(),
  traceHttp2Clients(),
  traceDrivers(),
];
// A pool's timers keep no process alive.
const alive = setInterval(() => {}, 1_000);
t.teardown(async () => {
  clearInterval(alive);
  for (const stop of stops) stop?.();
  await telemetry.shutdown();
});

const { Pool: UndiciPool } = await import('undici-7');
const PgPool = createRequire(new URL('../../../../service-kit/package.json', import.meta.url))('pg').Pool;

type Test = { teardown(handler: () => unknown): void };
type Call = () => Promise<unknown>;

/** Answers in a later turn. */
const Connection = connectionOfPg((done) => setTimeout(done, 1));

/** Each makes a client of one connection, which answers at once. */
const CLIENTS: Readonly<Record<string, (t: Test, port: number) => Call | Promise<Call>>> = {
  fetch: (_, port) => async () => (await fetch(`http://127.0.0.1:${port}`)).text(),
  'undici.request'(t, port) {
    const pool = new UndiciPool(`http://127.0.0.1:${port}`, { connections: 1 });
    t.teardown(() => pool.destroy());
    return async () => (await pool.request({ path: '/', method: 'GET' })).body.text();
  },
  'an agent of node:http'(t, port) {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    t.teardown(() => agent.destroy());
    return () =>
      new Promise<void>((resolve) => {
        get({ port, host: '127.0.0.1', agent }, (response) => response.resume().on('end', () => resolve()));
      });
  },
  async 'node:http2'(t) {
    const server = createHttp2Server((_, response) => void response.end('ok'));
    const session = connect(`http://127.0.0.1:${await serve(t, server)}`);
    t.teardown(() => session.close());
    return () =>
      new Promise<void>((resolve) => {
        session
          .request({ ':path': '/' })
          .resume()
          .on('end', () => resolve());
      });
  },
  pg(t) {
    const pool = new PgPool({ max: 1, idleTimeoutMillis: 0, Client: Connection });
    t.teardown(() => pool.end());
    return async () => {
      const client = await pool.connect();
      await new Promise<void>((resolve) => client.query('SELECT 1', [], resolve));
      client.release();
    };
  },
  async mysql2(t) {
    const pool = createPool({
      host: '127.0.0.1',
      port: await startMysqlServer(t),
      user: 'shop',
      connectionLimit: 1,
    });
    t.teardown(() => pool.promise().end());
    return () => pool.promise().query('SELECT * FROM t');
  },
};

/** What else a caller does between the end of one call and the next, in other phases of the loop. */
const BETWEEN: Readonly<Record<string, () => unknown>> = {
  'the turn in which the last one ended': () => undefined,
  'a turn of its own': () => turn(),
  'the turn of a timer': () => sleep(1),
};

/** One is too short to be a stall. In milliseconds. */
const WORK_MS = [15, 100];

const work = (ms: number) => {
  for (const since = performance.now(); performance.now() - since < ms; );
};
const calls = () => telemetry.spans().filter(({ kind }) => kind === SpanKind.CLIENT);
const waits = () =>
  calls().flatMap(({ name, attributes }) =>
    attributes['tandem.call.waiting_ms'] === undefined ? [] : [{ name, ...attributes }],
  );

for (const [client, make] of Object.entries(CLIENTS))
  t.test(`what a caller does itself beside a free connection is no wait: ${client}`, async (t) => {
    const port = await serve(
      t,
      createServer((_, response) => void response.end('ok')),
    );
    const call = await make(t, port);
    await withSpan('request', {}, call);
    for (const [when, between] of Object.entries(BETWEEN)) {
      await until(() => calls().length > 0 || client === 'pg');
      telemetry.reset();
      await withSpan('request', {}, async () => {
        for (const ms of WORK_MS) {
          await call();
          await between();
          const asked = call();
          work(ms);
          await asked;
        }
      });
      t.same(waits(), [], `asked in ${when}`);
    }
  });

t.test('of a wait that begins with a stall of its caller, the rest is told', async (t) => {
  const pool = new PgPool({ max: 1, idleTimeoutMillis: 0, Client: Connection });
  t.teardown(() => pool.end());
  telemetry.reset();
  const held = await pool.connect();
  await withSpan('request', {}, async () => {
    const asked = pool.connect();
    work(200);
    await sleep(50);
    held.release();
    (await asked).release();
  });
  await until(() => calls().length > 0);
  const [
    {
      attributes,
      duration: [seconds, nanoseconds],
    },
  ] = calls() as [ReturnType<typeof calls>[number]];
  const waited = Number(attributes['tandem.call.waiting_ms']);
  // On a busy machine a later stall is in both.
  t.ok(waited <= seconds * 1e3 + nanoseconds / 1e6 - 195, JSON.stringify(attributes));
  t.ok(waited + Number(attributes['tandem.stalled_ms']) >= 245, JSON.stringify(attributes));
});
