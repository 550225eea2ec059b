import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createServer, get } from 'node:http';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { SpanKind, trace } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { Redis } from 'ioredis';
import { createPool } from 'mysql2';
import t from 'tap';
import { request } from 'undici';
import { startRedisServer } from '../../../../../test/helpers/redis-server.ts';
import { codeLines } from '../../../src/common/code-lines.ts';
import { withSpan } from '../../../src/common/with-span.ts';
import { codeLineProcessor } from '../../../src/features/lines/line-processor.ts';
import { traceHttpClients } from '../../../src/guest/node/http-client.ts';
import { undiciChannels } from '../../../src/guest/node/undici.ts';
import { traceDrivers } from '../../../src/guest/published/trace-drivers.ts';
import { calls } from '../../../src/road/http/call.ts';
import { createTestTelemetry } from '../../../src/service/testing/test-telemetry.ts';
import { ENGINE } from '../../engines.ts';
import { startMysqlServer } from '../../guest/published/mysql-server.ts';
import { serve } from '../../serve.ts';

// Alone in its process: telemetry is registered for all tests.
const FILE = basename(import.meta.filename);
const telemetry = createTestTelemetry({
  engine: ENGINE,
  spanProcessors: [codeLineProcessor(dirname(import.meta.filename))],
});
const stops = [traceHttpClients(), undiciChannels()(), traceDrivers()];
const url = `http://127.0.0.1:${await serve(
  t,
  createServer((_, response) => void response.end('ok')),
)}`;
const redis = await startRedisServer();
const mysql = { host: '127.0.0.1', port: await startMysqlServer(t), user: 'shop', database: 'shop' };
t.teardown(async () => {
  for (const stop of stops) stop();
  redis.close();
  await telemetry.shutdown();
});

const lines = readFileSync(import.meta.filename, 'utf8').split('\n');
/** The line of this file with a mark. */
const marked = (mark: string) => lines.findIndex((line) => line.endsWith(`// ${mark}`)) + 1;

/** The calls below a span, in the order of their start. */
async function callsOf(work: () => unknown): Promise<ReadableSpan[]> {
  telemetry.reset();
  await withSpan('request', {}, work);
  const calls = telemetry.spans().filter(({ kind }) => kind === SpanKind.CLIENT);
  return calls.toSorted((a, b) => a.startTime[0] - b.startTime[0] || a.startTime[1] - b.startTime[1]);
}
const read = async (path = '/') => (await fetch(url + path)).text(); // in read
const tick = () => new Promise((resolve) => setTimeout(resolve, 1));

const CALLS: Readonly<Record<string, () => unknown>> = {
  'a fetch': () => fetch(url).then((answer) => answer.text()), // a fetch
  'a fetch after await': async () => {
    await tick();
    await (await fetch(url)).text(); // a fetch after await
  },
  'a fetch that another function awaits': async () => {
    const call = async () => {
      await tick();
      return fetch(url); // a fetch that another function awaits
    };
    await (await call()).text();
  },
  'fetches at once': () =>
    Promise.all(
      [1, 2].map(async () => {
        const answer = await fetch(url); // fetches at once
        return answer.text();
      }),
    ),
  'a bare fetch in then': async () => {
    const answer = await Promise.resolve(url).then(fetch); // a bare fetch in then
    await answer.text();
  },
  'a fetch in a timer': () =>
    new Promise<void>((resolve) => {
      setTimeout(async () => {
        await (await fetch(url)).text(); // a fetch in a timer
        resolve();
      }, 1);
    }),
  'a request of undici': async () => {
    const { body } = await request(url); // a request of undici
    await body.dump();
  },
  'a request of node:http': async () => {
    await new Promise((resolve) => {
      get(url, (answer: IncomingMessage) => answer.resume().on('close', resolve)); // a request of node:http
    });
  },
};

for (const [mark, work] of Object.entries(CALLS))
  t.test(`${mark} has the line that made it`, async (t) => {
    const calls = await callsOf(work);
    t.ok(calls.length > 0);
    for (const { attributes } of calls)
      t.match(attributes, { 'code.file.path': FILE, 'code.line.number': marked(mark) });
  });

t.test('a call names its function, and a call without a parent has a line, too', async (t) => {
  telemetry.reset();
  await read();
  t.match(telemetry.spans(), [
    {
      attributes: {
        'code.file.path': FILE,
        'code.line.number': marked('in read'),
        'code.function.name': 'read',
        'code.column.number': undefined,
      },
    },
  ]);
});

t.test('commands of ioredis have the line that sent them', async (t) => {
  const client = new Redis(redis.port, '127.0.0.1');
  t.teardown(() => client.disconnect());
  await client.ping();
  const calls = await callsOf(async () => {
    await client.get('a'); // ioredis
  });
  t.match(calls, [{ attributes: { 'code.line.number': marked('ioredis') } }]);
});

t.test('a statement that starts in the callback of a pool has the line that asked the pool', async (t) => {
  const pool = createPool({ ...mysql, connectionLimit: 1 });
  t.teardown(() => pool.end());
  const promised = pool.promise();
  const asks = {
    first: () => promised.query('SELECT 1'), // asked first
    second: () => promised.query('SELECT 2'), // asked second
    called: () => new Promise((resolve) => pool.query('SELECT 3', resolve)), // asked called
    direct: async () => {
      const connection = await promised.getConnection();
      await connection.query('SELECT 4'); // asked direct
      connection.release();
    },
    'in its callback': () =>
      new Promise<void>((resolve) => {
        pool.getConnection((_, connection) => {
          connection.query('SELECT 5', () => resolve()); // asked in its callback
          connection.release();
        });
      }),
  };
  // All at once: each waits for the connection that another gives back.
  const calls = await callsOf(() => Promise.all(Object.values(asks).map((ask) => ask())));
  const found = calls.map(({ attributes }) => attributes['code.line.number']);
  t.same(
    found.toSorted(),
    Object.keys(asks)
      .map((ask) => marked(`asked ${ask}`))
      .toSorted(),
  );
});

t.test('where an awaited builder hides its caller there is no other line', async (t) => {
  const builder = `exports.select = (url) => ({
    then: (done, fail) => fetch(url).then((answer) => answer.text()).then(done, fail),
  });`;
  const folder = t.testdir({ node_modules: { builder: { 'index.cjs': builder } } });
  const { select } = createRequire(import.meta.url)(join(folder, 'node_modules/builder/index.cjs'));
  const [call] = await callsOf(async () => {
    await select(url);
  });
  // Node 26 sees through the builder.
  t.match(call?.attributes['code.file.path'] ?? 'call-lines.test.ts', /call-lines\.test\.ts$/);
});

t.test('equal calls of one request have one line, also after the line is no longer looked for', async (t) => {
  const calls = await callsOf(async () => {
    for (let id = 0; id < 12; id++) await (await fetch(`${url}/users/${id}`)).text(); // in a loop
    await (await fetch(`${url}/prices`)).text(); // after the loop
  });
  const found = calls.map(({ attributes }) => attributes['code.line.number']);
  t.same(found, [...Array<number>(12).fill(marked('in a loop')), marked('after the loop')]);
});

t.test('equal calls from changing lines have each their own', async (t) => {
  const calls = await callsOf(async () => {
    for (let id = 0; id < 4; id++) {
      await (await fetch(`${url}/users/${id}`)).text(); // one
      await (await fetch(`${url}/users/${id}`)).text(); // other
    }
  });
  const found = calls.map(({ attributes }) => attributes['code.line.number']);
  t.same(found, Array.from({ length: 4 }, () => [marked('one'), marked('other')]).flat());
});

const IDS = [1, 2, 3, 4, 5, 6];
const user = (id: number) => read(`/users/${id}`);
const ask = (id: number, then: () => void) =>
  get(`${url}/users/${id}`, (answer) => answer.resume().on('close', then));
const settle = (id: number) => new Promise<void>((resolve) => ask(id, resolve));

const LOOPS: Readonly<Record<string, () => unknown>> = {
  'a loop over fetch': async () => {
    for (const id of IDS) await read(`/users/${id}`); // a loop over fetch
  },
  'a loop through two helpers': async () => {
    for (const id of IDS) await user(id); // a loop through two helpers
  },
  'a loop over calls to other paths': async () => {
    for (const path of ['/users', '/prices', '/stock']) await read(path); // a loop over calls to other paths
  },
  'a loop over http.get': async () => {
    for (const id of IDS) await settle(id); // a loop over http.get
  },
  'a function that calls itself when the call has ended': () =>
    new Promise<void>((resolve) => {
      const next = ([id, ...rest]: readonly number[]) => {
        if (id === undefined) resolve();
        else ask(id, () => next(rest)); // a function that calls itself when the call has ended
      };
      next(IDS);
    }),
  'map, all at once': () => Promise.all(IDS.map((id) => user(id))), // map, all at once
  'map of the helper itself': () => Promise.all(IDS.map(user)), // map of the helper itself
  'forEach of a set': async () => {
    const all: Promise<string>[] = [];
    new Set(IDS).forEach((id) => void all.push(user(id))); // forEach of a set
    await Promise.all(all);
  },
  'statements of a pool': async () => {
    const pool = createPool({ ...mysql, connectionLimit: 1 }).promise();
    const select = (id: number) => pool.query(`SELECT ${id}`);
    for (const id of IDS) await select(id); // statements of a pool
    await pool.end();
  },
};

for (const [mark, work] of Object.entries(LOOPS))
  t.test(`calls through a helper, by ${mark}, have the line of the loop, too`, async (t) => {
    const [first, ...others] = (await callsOf(work)).filter(({ name }) => !/connect/i.test(name));
    t.ok(others.length >= 2);
    t.equal(first?.attributes['tandem.loop'], undefined, 'of one call nobody knows');
    for (const { attributes } of others) {
      t.match(attributes, { 'code.file.path': FILE, 'tandem.loop': `${FILE}:${marked(mark)}` });
      t.not(attributes['code.line.number'], marked(mark), 'the helper made the call');
    }
  });

const NO_LOOPS: Readonly<Record<string, () => unknown>> = {
  'the loop makes the calls itself': async () => {
    for (const id of IDS) await (await fetch(`${url}/users/${id}`)).text();
  },
  'the helper waits before it calls': async () => {
    const late = async (id: number) => {
      await tick();
      return read(`/users/${id}`); // waits before it calls
    };
    for (const id of IDS) await late(id);
  },
  'a loop does not wait': async () => {
    const all: Promise<string>[] = [];
    for (const id of IDS) all.push(user(id));
    await Promise.all(all);
  },
};

for (const [what, work] of Object.entries(NO_LOOPS))
  t.test(`calls have no line of a loop that the stack does not tell, where ${what}`, async (t) => {
    const calls = await callsOf(work);
    t.equal(calls.length, IDS.length);
    const own = new Set(calls.flatMap(({ attributes }) => attributes['tandem.loop'] ?? []));
    own.delete(`${FILE}:${marked('waits before it calls')}`); // the helper's own
    t.same([...own], []);
  });

t.test('the Error of the app stays as it is, and nothing of it is called', async (t) => {
  const { stackTraceLimit } = Error;
  const own = () => t.fail('the app formats no stack') as never;
  Error.prepareStackTrace = own;
  Error.stackTraceLimit = 3;
  const calls = await callsOf(() => read());
  t.equal(Error.stackTraceLimit, 3);
  t.equal(Error.prepareStackTrace, own);
  Reflect.deleteProperty(Error, 'prepareStackTrace');
  Error.stackTraceLimit = stackTraceLimit;
  t.match(calls, [{ attributes: { 'code.line.number': marked('in read') } }]);
});

t.test('an Error whose members cannot be written hides no line', async (t) => {
  const members = { stackTraceLimit: 3, prepareStackTrace: () => t.fail('the app formats no stack') };
  const before = Object.getOwnPropertyDescriptors(Error);
  for (const [name, value] of Object.entries(members))
    Object.defineProperty(Error, name, { value, writable: false, configurable: true });
  const calls = await callsOf(() => read());
  for (const name of ['stackTraceLimit', 'prepareStackTrace'] as const) {
    Reflect.deleteProperty(Error, name);
    if (name in before) Object.defineProperty(Error, name, before[name] as PropertyDescriptor);
  }
  t.match(calls, [{ attributes: { 'code.line.number': marked('in read') } }]);
});

t.test('the replaced fetch is as the one before, which is back after the end', async (t) => {
  const [before, running, asking] = [fetch, codeLines.value, calls.asking];
  const { shutdown } = codeLineProcessor('/');
  t.not(fetch, before);
  t.same([fetch.name, fetch.length], [before.name, before.length]);
  await t.rejects(fetch('no address'), TypeError);
  await shutdown();
  t.equal(fetch, before);
  codeLines.value = running;
  calls.asking = asking;
});

t.test("a call's own line stays", async (t) => {
  telemetry.reset();
  const attributes = { 'code.file.path': 'theirs.js', 'code.line.number': 7 };
  trace.getTracer('theirs').startSpan('call', { kind: SpanKind.PRODUCER, attributes }).end();
  trace.getTracer('theirs').startSpan('call', { kind: SpanKind.PRODUCER }).end(); // producer
  t.match(
    telemetry.spans().map((span) => span.attributes['code.line.number']),
    [7, marked('producer')],
  );
});

t.test('a failed span has the line where its error began', async (t) => {
  telemetry.reset();
  const work = () => {
    throw new Error('planned'); // thrown
  };
  await t.rejects(withSpan('request', {}, async () => work()));
  t.match(telemetry.spans(), [
    {
      attributes: {
        'code.file.path': FILE,
        'code.line.number': marked('thrown'),
        'code.function.name': 'work',
      },
    },
  ]);
});
