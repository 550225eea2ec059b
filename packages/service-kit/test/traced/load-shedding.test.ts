import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import { connect, Socket } from 'node:net';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { createTestTelemetry } from '@tandem/telemetry/testing';
import type { FastifyInstance } from 'fastify';
import Fastify from 'fastify';
import pino from 'pino';
import t from 'tap';
import { until } from '../../../../test/helpers/until.ts';
import { AcceptQueue, countIn } from '../../src/server/accept-queue.ts';
import { limitOpenRequests } from '../../src/server/admission.ts';
import { Arrivals } from '../../src/server/arrivals.ts';
import { readDeadlines, withinDeadline } from '../../src/server/deadline.ts';
import { EventLoopWait } from '../../src/server/event-loop-wait.ts';
import { LoadShedding } from '../../src/server/load-shedding.ts';
import { RequestTurns } from '../../src/server/request-turns.ts';
import type { ServerOptions } from '../../src/traced/create-server.ts';
import { createServer } from '../../src/traced/create-server.ts';

const telemetry = createTestTelemetry();
t.teardown(() => telemetry.shutdown());
t.beforeEach(() => telemetry.reset());

/** A server whose /api/slow answers when it is told to, and whose /api/block keeps the event loop for 300 ms. */
async function start(options: Partial<ServerOptions> = {}) {
  const waiting: (() => void)[] = [];
  const begun: string[] = [];
  const app: FastifyInstance = await createServer({
    title: 'test',
    description: 'A test.',
    version: '1.2.3',
    rateLimitMax: 100_000,
    readiness: { checkDatabase: async () => {}, isStopping: () => false },
    api(api) {
      api.get('/slow', async () => {
        await new Promise<void>((resolve) => waiting.push(resolve));
        return { ok: true };
      });
      api.post('/write', () => ({ ok: true }));
      api.get('/quick', (request) =>
        withinDeadline(request, async () => ({ left: request.work.millisecondsLeft })),
      );
      api.get('/block', () => {
        begun.push('block');
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
        return { ok: true };
      });
    },
    ...options,
  });
  t.teardown(() => app.close());
  const port = Number(new URL(await app.listen({ port: 0, host: '127.0.0.1' })).port);
  return { app, port, waiting, begun, url: `http://127.0.0.1:${port}` };
}

t.test('past the limit of open requests others get 503, until one of them is answered', async (t) => {
  const lines: string[] = [];
  const logger = pino({}, { write: (line) => void lines.push(line) });
  const { url, waiting } = await start({ maxOpenRequests: 2, logger });
  const open = [fetch(`${url}/api/slow`), fetch(`${url}/api/slow`)];
  await until(() => waiting.length === 2);

  for (let count = 0; count < 3; count++) {
    const refused = await fetch(`${url}/api/quick`);
    t.equal(refused.status, 503);
    t.equal(refused.headers.get('retry-after'), '1');
    t.equal(refused.headers.get('content-type'), 'application/problem+json');
    t.match(await refused.json(), {
      code: 'UNDER_PRESSURE',
      detail: /2, are under way/,
      trace_id: /^\w{32}$/,
    });
  }
  t.equal((await fetch(`${url}/health/ready`)).status, 200);
  t.equal((await fetch(`${url}/health/live`)).status, 200);
  const metrics = await (await fetch(`${url}/metrics`)).text();
  t.match(metrics, /^tandem_http_server_open_requests 2$/m);
  t.match(metrics, /^tandem_http_server_shed_requests_total\{reason="open_requests"\} 3$/m);

  await telemetry.flush();
  const shed = telemetry.spans().filter(({ attributes }) => attributes['http.response.status_code'] === 503);
  t.equal(shed.length, 3, 'a SERVER span each');
  t.match(shed[0]?.attributes, { 'error.type': 'UNDER_PRESSURE', 'app.shed_reason': 'open_requests' });
  t.notMatch(shed[0]?.events[0]?.attributes?.['exception.stacktrace'], /\n +at /, 'no stack');
  t.equal(lines.filter((line) => line.includes('load is shed')).length, 1, 'one line for all of them');
  t.notOk(lines.some((line) => line.includes('"status":503')));

  waiting.shift()?.();
  t.equal((await Promise.race(open)).status, 200);
  t.equal(
    await until(async () => ((await fetch(`${url}/api/quick`)).status === 200 ? 'let in' : false)),
    'let in',
  );
  waiting.shift()?.();
  await Promise.all(open);
});

t.test('a request whose body does not come takes nobody’s place', async (t) => {
  const { url, port } = await start({ maxOpenRequests: 1 });
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

t.test(
  'the deadline counts from when the request came, not from when the event loop came to it',
  async (t) => {
    const { port, begun } = await start();
    const send = (socket: Socket, path: string) =>
      socket.write(`GET ${path} HTTP/1.1\r\nhost: a\r\nx-request-timeout-ms: 200\r\n\r\n`);
    // On a busy machine the first one's time may be over, too.
    const answer = await until(async () => {
      const [blocking, late] = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
      await Promise.all([once(blocking, 'connect'), once(late, 'connect')]);
      // Both are there when the loop looks; the first keeps it for longer than the second can wait.
      send(blocking, '/api/block');
      send(late, '/api/quick');
      const [data] = (await once(late, 'data')) as [Buffer];
      blocking.destroy();
      late.destroy();
      return begun.length > 0 && data;
    });
    t.same(begun, ['block']);
    t.match(answer.toString(), /^HTTP\/1.1 503 /);
    t.match(answer.toString(), /of its time was over before it could begin/);
    await telemetry.flush();
    const span = telemetry.spans().find(({ attributes }) => attributes['http.response.status_code'] === 503);
    t.equal(span?.attributes['app.shed_reason'], 'deadline');
  },
);

t.test('what was found after the deadline is no success any more', async (t) => {
  const { url, begun } = await start();
  const headers = { 'x-request-timeout-ms': '200' };
  // On a busy machine its time may be over before it begins.
  const answer = await until(async () => {
    const each = await fetch(`${url}/api/block`, { headers });
    return each.status === 503 ? undefined : each;
  });
  t.same(begun, ['block']);
  t.equal(answer.status, 504);
  t.match(await answer.json(), { code: 'DEADLINE_EXCEEDED' });
  await telemetry.flush();
  const span = telemetry.spans().find(({ attributes }) => attributes['http.response.status_code'] === 504);
  t.equal(span?.attributes['error.type'], 'DEADLINE_EXCEEDED', 'its span says so');
  t.equal((await fetch(`${url}/api/block`)).status, 200, 'where there is time for it');
});

t.test('how long a request may have waited: since the loop looked in the turn before', (t) => {
  const wait = new EventLoopWait(0);
  const turn = (now: number) => {
    wait.beforeLook(now);
    wait.afterLook();
  };
  turn(1000);
  t.equal(wait.longest(1019), 0, 'the loop keeps up');
  wait.beforeLook(1800);
  t.equal(wait.longest(1800), 780, 'it came while the loop was away');
  t.equal(wait.longest(2300), 1280, 'and others of the same turn were first');
  wait.afterLook();
  t.equal(wait.longest(2400), 580, 'it came during the last turn at the earliest');
  turn(2500);
  t.equal(wait.longest(2510), 0);
  t.end();
});

t.test('connections that wait to be taken count, until they are, and are known by when they came', (t) => {
  let waiting = 300;
  let asked = 0;
  let emptied = 0;
  const queue = new AcceptQueue(() => {
    asked++;
    return waiting;
  }, 800);
  queue.onEmpty(() => {
    emptied++;
  });
  queue.update(900);
  t.equal(asked, 0, 'nothing has come: nobody waits');
  queue.noteRequest();
  queue.update(1000);
  t.equal(queue.length, 300);
  t.equal(queue.take(1050), 900, 'came since they were counted before, at the earliest');
  t.equal(queue.length, 299);
  waiting = 309;
  queue.update(1900);
  t.equal(queue.length, 309);
  emptied = 0;
  for (let count = 0; count < 299; count++)
    t.equal(queue.take(2000), 900, 'there when the first were counted');
  for (let count = 0; count < 10; count++)
    t.equal(queue.take(3000), 1000, 'there when they were counted again, however late that was');
  t.equal(queue.length, 0);
  t.equal(emptied, 1);
  t.equal(queue.take(3010), 3010, 'came since');
  waiting = 0;
  queue.update(3100);
  t.equal(queue.length, 0);
  queue.update(3200);
  asked = 0;
  waiting = 7;
  queue.update(3300);
  t.equal(asked, 0);
  queue.update(3600);
  t.equal(queue.length, 7, 'where the event loop stood, nothing could be seen to come');
  t.end();
});

t.test('how long a request may have waited: in its connection, when it came with it', (t) => {
  const queue = new AcceptQueue(() => 2, 1000);
  queue.noteRequest();
  queue.update(1100);
  const loop = new EventLoopWait(4000);
  const arrivals = new Arrivals(queue, loop);
  const [socket, later] = [new Socket(), new Socket()];
  for (const each of [socket, later]) arrivals.take(each, 4000);
  t.equal(arrivals.waitOf({ socket }, 4005), 3005);
  t.equal(arrivals.waitOf({ socket }, 4010), 0, 'that was its first request only');
  loop.beforeLook(8990);
  loop.afterLook();
  t.equal(arrivals.waitOf({ socket: later }, 9000), 0, 'sent long after its connection was taken');
  t.end();
});

t.test(
  'while connections wait, a turn of the event loop begins one request, in the order in which they came',
  async (t) => {
    let waitingConnections = 0;
    const acceptQueue = new AcceptQueue(() => waitingConnections);
    const turns = new RequestTurns(acceptQueue, 100);
    const where = new AsyncLocalStorage<string>();
    const begun: [string | undefined, boolean][] = [];
    const enter = (name: string) =>
      where.run(name, () =>
        turns.enter((hasWaited) => {
          begun.push([where.getStore(), hasWaited]);
          return name !== 'late';
        }),
      );
    for (const name of ['before', 'before', 'before']) enter(name);
    t.same(begun.splice(0), Array(3).fill(['before', false]), 'no connection waits: all of them at once');
    waitingConnections = 1;
    acceptQueue.noteRequest();
    acceptQueue.update();
    enter('first');
    t.same(begun, [['first', false]], 'at once, as nobody else does');
    enter('second');
    const gone = enter('gone');
    for (const name of ['late', 'third', 'fourth']) enter(name);
    gone();
    t.equal(begun.length, 1);
    for (let count = 2; count <= 5; count++) {
      const before = begun.length;
      await nextTurn();
      t.ok(begun.length <= before + (count === 3 ? 2 : 1), 'one in a turn, and those that do not begin');
    }
    await until(() => begun.length === 5);
    const waited = ['second', 'late', 'third', 'fourth'].map((name) => [name, true]);
    t.same(begun.slice(1), waited, 'in its own context, not in that of the one before');
    await nextTurn();
    enter('fifth');
    t.same(begun.at(-1), ['fifth', false]);
  },
);

t.test(
  'while connections wait to be taken, few requests are under way and others have to wait',
  async (t) => {
    let waitingConnections = 1;
    const acceptQueue = new AcceptQueue(() => waitingConnections);
    const count = () => {
      acceptQueue.noteRequest();
      acceptQueue.update();
    };
    const turns = new RequestTurns(acceptQueue, 2);
    const begun: string[] = [];
    const enter = (name: string) => turns.enter(() => begun.push(name) > 0);
    const calm = async () => {
      for (let turn = 0; turn < 10; turn++) await nextTurn();
      return begun;
    };
    const free = enter('free');
    count();
    const [second, third] = [enter('second'), enter('third')];
    t.same(await calm(), ['free', 'second']);
    free();
    t.same(await calm(), ['free', 'second', 'third']);
    enter('fourth');
    enter('fifth');
    second();
    t.same((await calm()).slice(3), ['fourth']);
    enter('sixth');
    waitingConnections = 0;
    count();
    await until(() => begun.length === 6);
    t.same(begun.slice(4), ['fifth', 'sixth']);
    third();
  },
);

t.test('the more connections wait, the more turns of the event loop are for them alone', async (t) => {
  let waitingConnections = 128;
  const acceptQueue = new AcceptQueue(() => waitingConnections);
  const turns = new RequestTurns(acceptQueue, 100);
  let begun = 0;
  acceptQueue.noteRequest();
  acceptQueue.update();
  for (let request = 0; request < 40; request++) turns.enter(() => ++begun > 0);
  const begunIn = async (howMany: number) => {
    const before = begun;
    for (let turn = 0; turn < howMany; turn++) await nextTurn();
    return begun - before;
  };
  await begunIn(3);
  t.equal(await begunIn(9), 3, 'one in three turns');
  for (let refused = 0; refused < 16; refused++) turns.noteRefused();
  t.equal(await begunIn(3), 3, 'and more where many are refused');
  waitingConnections = 4000;
  acceptQueue.update();
  await begunIn(5);
  t.equal(await begunIn(10), 2, 'one in five turns at least');
  waitingConnections = 0;
  acceptQueue.update();
  t.ok((await begunIn(10)) >= 9);
});

t.test('a request of whose time hardly any is left when its turn comes is refused then', async (t) => {
  const acceptQueue = new AcceptQueue(() => 1_000_000);
  const app = Fastify();
  t.teardown(() => app.close());
  const shedding = new LoadShedding(() => {});
  const waiting: (() => void)[] = [];
  limitOpenRequests(app, { shedding, acceptQueue, maxOpenRequests: 10_000_000 });
  readDeadlines(app, {
    shedding,
    arrivals: new Arrivals(acceptQueue, new EventLoopWait()),
    timeoutMs: 60_000,
  });
  let begun = 0;
  app.get('/', () => {
    begun++;
    return new Promise((resolve) => waiting.push(() => resolve('ok')));
  });
  await app.ready();
  acceptQueue.noteRequest();
  acceptQueue.update();
  const first = Array.from({ length: 16 }, () => app.inject('/'));
  await until(() => begun === 16);
  const late = app.inject({ url: '/', headers: { 'x-request-timeout-ms': '500' } });
  const patient = app.inject({ url: '/', headers: { 'x-request-timeout-ms': '60000' } });
  await sleep(450);
  t.equal(begun, 16);
  for (const answer of waiting) answer();
  t.same(new Set((await Promise.all(first)).map(({ statusCode }) => statusCode)), new Set([200]));
  t.equal((await late).statusCode, 503);
  await until(() => begun === 17);
  waiting.at(-1)?.();
  t.equal((await patient).statusCode, 200);
  t.equal(shedding.counts.get('deadline'), 1);
});

t.test('half as many are let in while the first of those that wait has done so for long', async (t) => {
  const acceptQueue = new AcceptQueue(() => 1);
  const count = () => {
    acceptQueue.noteRequest();
    acceptQueue.update();
  };
  count();
  const app = Fastify();
  t.teardown(() => app.close());
  const waiting: (() => void)[] = [];
  const shedding = new LoadShedding(() => {});
  const open = limitOpenRequests(app, { shedding, acceptQueue, maxOpenRequests: 40 });
  readDeadlines(app, {
    shedding,
    arrivals: new Arrivals(acceptQueue, new EventLoopWait()),
    timeoutMs: 60_000,
  });
  app.get('/', () => new Promise((resolve) => waiting.push(() => resolve('ok'))));
  await app.ready();
  const under = Array.from({ length: 20 }, () => app.inject('/'));
  await until(() => waiting.length === 16 && open.count === 20);
  await sleep(600);
  t.equal((await app.inject('/')).statusCode, 503);
  t.equal(open.count, 20);
  for (let answered = 0; answered < 20; ) {
    await until(() => waiting.length > 0);
    for (const answer of waiting.splice(0)) {
      answered++;
      answer();
    }
  }
  t.same(new Set((await Promise.all(under)).map(({ statusCode }) => statusCode)), new Set([200]));
});

t.test('a long queue in the kernel refuses nobody until there is enough to do', async (t) => {
  const acceptQueue = new AcceptQueue(() => 1_000_000);
  acceptQueue.noteRequest();
  acceptQueue.update();
  const app = Fastify();
  t.teardown(() => app.close());
  const waiting: (() => void)[] = [];
  const shedding = new LoadShedding(() => {});
  const open = limitOpenRequests(app, { shedding, acceptQueue });
  readDeadlines(app, { shedding, arrivals: new Arrivals(acceptQueue, new EventLoopWait()), timeoutMs: 5000 });
  app.get('/', () => new Promise((resolve) => waiting.push(() => resolve('ok'))));
  await app.ready();
  const under = Array.from({ length: 16 }, () => app.inject('/'));
  await until(() => waiting.length === 16);
  t.equal(open.count, 16);
  t.equal((await app.inject('/')).statusCode, 503);
  for (const answer of waiting) answer();
  t.same(new Set((await Promise.all(under)).map(({ statusCode }) => statusCode)), new Set([200]));
});

t.test('the kernel’s table: only sockets that listen on this port', (t) => {
  const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:10DE 00000000:0000 0A 00000000:0000012C 00:00000000 00000000     0        0 290395 1 0 100 0 0 10 0
   1: 00000000:07E8 00000000:0000 0A 00000000:00000007 00:00000000 00000000     0        0 624 1 0 100 0 0 10 0
   2: 0100007F:10DE 0100007F:9C40 01 00000000:00000063 00:00000000 00000000     0        0 1 1 0 20 4 30 10 -1
`;
  const count = (text: string, port: number, size: number) => {
    let at = 0;
    return countIn(() => {
      at += size;
      return text.slice(at - size, at);
    }, port);
  };
  for (const size of [7, 150, 4096]) {
    t.equal(count(table, 0x10de, size), 300);
    t.equal(count(table, 0x07e8, size), 7);
    t.equal(count(table, 80, size), 0);
  }
  t.equal(count('', 80, 150), 0);
  t.end();
});

t.test('the kernel’s table: no more is read than it takes, as the rest is long', (t) => {
  const pieces = [
    '  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when\n',
    '   0: 00000000000000000000000001000000:11D7 00000000000000000000000000000000:0000 0A 00000000:00000003 00:0000',
    '0000 00000000     0        0 290395 1 0 100 0 0 10 0\n',
  ];
  t.equal(
    countIn(() => pieces.shift() ?? '', 0x11d7),
    3,
  );
  t.equal(pieces.length, 1);
  t.end();
});
