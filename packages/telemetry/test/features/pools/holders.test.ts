import { readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Attributes } from '@opentelemetry/api';
import { context, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import t from 'tap';
import { tracer } from '../../../src/common/tracer.ts';
import { withSpan } from '../../../src/common/with-span.ts';
import { codeLineProcessor } from '../../../src/features/lines/line-processor.ts';
import { injectedChannels } from '../../../src/guest/injected/trace-libraries.ts';
import { createTestTelemetry } from '../../../src/service/testing/index.ts';
import { ENGINE } from '../../engines.ts';
import { connectionOfPg } from '../../guest/injected/pg-connection.ts';
import { instrumentationParts } from '../../instrumentation-parts.ts';

// Alone in its process: telemetry is registered for all tests.
const FILE = basename(import.meta.filename);
const telemetry = createTestTelemetry({
  engine: ENGINE,
  waits: true,
  spanProcessors: [codeLineProcessor(dirname(import.meta.filename))],
});
// A pool's timers keep no process alive.
const alive = setInterval(() => {}, 1_000);
t.teardown(() => {
  clearInterval(alive);
  return telemetry.shutdown();
});

const stop = injectedChannels()(instrumentationParts());
t.teardown(() => stop?.());
const PG = realpathSync(
  fileURLToPath(import.meta.resolve('../../../../service-kit/node_modules/pg/package.json')),
);
const Pool = createRequire(PG)('pg-pool');

interface Client {
  query(text: string, done: () => void): void;
  release(): void;
}
interface TestPool {
  connect(): Promise<Client>;
  connect(callback: (error: Error | undefined, client: Client) => void): void;
  query(text: string): Promise<unknown>;
}

const Connection = connectionOfPg(setImmediate);

/** How long a caller waits in vain, in milliseconds: more than a busy machine keeps a process still, as that is no wait. */
const IN_VAIN_MS = 400;
const poolOf = (max: number): TestPool =>
  new Pool({ max, connectionTimeoutMillis: IN_VAIN_MS, idleTimeoutMillis: 0 }, Connection);

/** A request, which ends after its work. */
async function request(name: string, work: () => unknown, attributes: Attributes = {}): Promise<void> {
  const span = tracer().startSpan(name, { kind: SpanKind.SERVER, attributes }, ROOT_CONTEXT);
  await context.with(trace.setSpan(ROOT_CONTEXT, span), work);
  span.end();
}

/** What the last wait says of who held the connections. */
function heldIn(): Attributes {
  const { attributes = {} } = telemetry.spans().findLast(({ name }) => name === 'connect') ?? {};
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => name.includes('.held')));
}

const lines = readFileSync(import.meta.filename, 'utf8').split('\n');
/** The line of this file with a mark. */
const marked = (mark: string) => `${FILE}:${lines.findIndex((line) => line.endsWith(`// ${mark}`)) + 1}`;

const byCallback = (pool: TestPool) =>
  new Promise<Client>((resolve, reject) => {
    pool.connect((error, client) => (error ? reject(error) : resolve(client))); // takes by callback
  });
const byPromise = async (pool: TestPool) => pool.connect(); // takes by promise
const query = async (pool: TestPool) => pool.query('SELECT 1');

for (const [taking, take] of Object.entries({ byCallback, byPromise }))
  for (const [waiting, wait] of Object.entries({ byCallback, byPromise, query }))
    t.test(`requests that never give a connection back: ${taking}, and waits ${waiting}`, async (t) => {
      const pool = poolOf(2);
      for (const id of [1, 2])
        await request(`POST /loans/:id`, () => withSpan('lend', {}, () => take(pool)), { id });
      await request('GET /books', () => Promise.resolve(wait(pool)).catch(() => {}));
      t.strictSame(heldIn(), {
        'tandem.call.held': 2,
        'tandem.call.held_by': 'POST /loans/:id',
        'tandem.code.held_at': marked(taking === 'byPromise' ? 'takes by promise' : 'takes by callback'),
        'tandem.call.held_after_end': true,
      });
    });

t.test('the line is that of the first caller that is no helper of the pool', async (t) => {
  const pool = poolOf(2);
  const getClient = async () => pool.connect();
  const database = { withTransaction: async () => getClient() };
  for (const id of [1, 2]) await request('POST /loans/:id', async () => database.withTransaction(), { id }); // lends by helpers
  await request('GET /books', () => byPromise(pool).catch(() => {}));
  t.match(heldIn(), { 'tandem.call.held': 2, 'tandem.code.held_at': marked('lends by helpers') });
});

t.test('of a server without routes the path without ids is said', async (t) => {
  const pool = poolOf(1);
  await request('POST', () => byPromise(pool), { 'url.path': '/v1/loans/17' });
  await request('GET', () => byPromise(pool).catch(() => {}), { 'url.path': '/books' });
  t.match(heldIn(), { 'tandem.call.held': 1, 'tandem.call.held_by': 'POST /v1/loans/:id' });
});

/** One request that has the only connection of a pool for a while, and another one that gets it then. */
async function handOn(first: string, second: string, takeSecond = byPromise): Promise<Attributes> {
  const pool: TestPool = new Pool({ max: 1, idleTimeoutMillis: 0 }, Connection);
  const { promise, resolve: gotIt } = Promise.withResolvers<void>();
  const one = request(first, async () => {
    const client = await byPromise(pool);
    gotIt();
    await sleep(IN_VAIN_MS);
    client.release();
    await sleep(5);
  });
  await promise;
  await request(second, async () => (await takeSecond(pool)).release());
  await one;
  return heldIn();
}

t.test('a request of another route that has the pool for a while is said', async (t) => {
  t.strictSame(await handOn('GET /report', 'GET /me'), {
    'tandem.call.held': 1,
    'tandem.call.held_by': 'GET /report',
    'tandem.code.held_at': marked('takes by promise'),
  });
});

t.test(
  'nothing is said where requests of one line wait for each other, or the request is unknown',
  async (t) => {
    t.same(await handOn('GET /me', 'GET /me'), {}, 'a queue of equals');
    t.same(await handOn('GET', 'GET /me'), {}, 'a request without a name that still runs');
    const pool = poolOf(1);
    await context.with(ROOT_CONTEXT, () => byPromise(pool));
    await request('GET /me', () => byPromise(pool).catch(() => {}));
    t.same(heldIn(), {}, 'taken outside of all requests');
    const again = poolOf(1);
    await request('GET /report', async () => (await byPromise(again)).release());
    await context.with(ROOT_CONTEXT, () => byPromise(again));
    await request('GET /me', () => byPromise(again).catch(() => {}));
    t.same(heldIn(), {}, 'given back, and taken outside of all requests');
    const job = poolOf(1);
    await context.with(ROOT_CONTEXT, () => withSpan('job', {}, () => byPromise(job)));
    await request('GET /me', () => byPromise(job).catch(() => {}));
    t.same(heldIn(), {}, 'held by a job');
  },
);

t.test('a refused connect that nobody awaits stays unhandled once', async (t) => {
  const pool = poolOf(1);
  await request('GET /a', () => byPromise(pool));
  const seen: unknown[] = [];
  const note = (error: unknown) => seen.push(error);
  process.on('unhandledRejection', note);
  t.teardown(() => process.off('unhandledRejection', note));
  for (const inTrace of [true, false]) {
    seen.length = 0;
    if (inTrace) await request('GET /b', () => void byPromise(pool));
    else context.with(ROOT_CONTEXT, () => void byPromise(pool));
    await sleep(IN_VAIN_MS * 4);
    t.equal(seen.length, 1, String(inTrace));
  }
});
