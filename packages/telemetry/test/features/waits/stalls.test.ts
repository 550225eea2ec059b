import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { SpanKind } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import type { Test } from 'tap';
import t from 'tap';
import { tracer } from '../../../src/common/tracer.ts';
import { withSpan } from '../../../src/common/with-span.ts';
import { Stalls } from '../../../src/features/waits/stalls.ts';
import { traceHttpServers } from '../../../src/guest/node/http-server.ts';
import { openSpans } from '../../../src/road/spans/open-spans.ts';
import { sdkEngine } from '../../../src/road/spans/provider.ts';
import { processorOf } from '../../../src/road/spans/span-steps.ts';
import { createTestTelemetry } from '../../../src/service/testing/index.ts';
import { ENGINES } from '../../engines.ts';
import { serve } from '../../serve.ts';

// Alone in its process: each test stops the event loop.

// Durations have lower bounds only: a busy machine makes stalls longer, and makes more of them.
const LOOP_MS = 100;
/** After this time, a process looks at what was before its requests. */
const STARTED_MS = 1_100;
const RAN = ['ran', 'waited_for_processor'];

function standStill(ms = LOOP_MS): void {
  for (const end = performance.now() + ms; performance.now() < end; );
}

/** Telemetry with stalls on its spans, for one test. */
function traced(t: Test, engine = ENGINES.sdk) {
  const telemetry = createTestTelemetry({ waits: true, ...(engine && { engine }) });
  t.teardown(() => telemetry.shutdown());
  return {
    span: (name: string) => telemetry.spans().find((span) => span.name === name) as ReadableSpan,
  };
}

const eventsOf = (span: ReadableSpan) =>
  span.events
    .filter(({ name }) => name === 'stall')
    .map(({ attributes = {} }) => ({
      kind: String(attributes['tandem.stall.kind']),
      ms: Number(attributes['tandem.stall.duration_ms']),
      ranMs: Number(attributes['tandem.stall.ran_ms']),
      waitedMs: Number(attributes['tandem.stall.waited_ms'] ?? 0),
      gcMs: Number(attributes['tandem.stall.gc_ms'] ?? 0),
      beside: attributes['tandem.stall.beside'],
    }));
const longestOf = (span: ReadableSpan) => eventsOf(span).toSorted((a, b) => b.ms - a.ms)[0];
const stalledMs = (span: ReadableSpan) => Number(span.attributes['tandem.stalled_ms'] ?? 0);

for (const [name, engine] of Object.entries(ENGINES)) {
  t.test(
    `${name}: each span that is open during a loop tells it, also one that ends with the loop`,
    async (t) => {
      const { span } = traced(t, engine);
      await sleep(1); // the loop turns
      await withSpan('waits', {}, async () => {
        await sleep(30);
        await withSpan('loops', {}, async () => standStill());
        await sleep(30);
      });
      for (const each of [span('waits'), span('loops')]) {
        const found = longestOf(each);
        t.ok(found && RAN.includes(found.kind) && found.ms >= LOOP_MS - 10, JSON.stringify(eventsOf(each)));
        t.ok(stalledMs(each) >= LOOP_MS - 10, String(stalledMs(each)));
        const isPart = found && found.ranMs > 0 && found.ranMs + found.waitedMs <= found.ms + 0.2;
        t.ok(isPart, `ran and waited are parts of the stall: ${JSON.stringify(found)}`);
        const beside = each.name === 'loops' ? undefined : 'loops';
        // A starved process may have stood still before the span began.
        t.ok(found?.kind !== 'ran' || found.beside === beside, `beside: ${JSON.stringify(found)}`);
      }
    },
  );
}

t.test('a stall of many spans names none of them', async (t) => {
  const { span } = traced(t);
  await sleep(1);
  const spans = ['one', 'two'].map((name) => tracer().startSpan(name));
  standStill();
  await sleep(1);
  for (const each of spans) each.end();
  t.equal(longestOf(span('one'))?.beside, undefined);
});

t.test('others name the request whose code ran in a stall, where it began and ended in it', async (t) => {
  const telemetry = createTestTelemetry({ waits: true });
  t.teardown(() => telemetry.shutdown());
  t.teardown(traceHttpServers());
  const server = createServer(({ url }, response) => {
    if (url !== '/wait') {
      if (url === '/login/7') standStill();
      response.end('ok');
    } else setTimeout(() => response.end('ok'), 2 * LOOP_MS);
  });
  const origin = `http://127.0.0.1:${await serve(t, server)}`;
  // Of a client in this process, the loop would not stand still for the request alone.
  const client = `
    const ask = (path) => fetch('${origin}' + path).then((answer) => answer.text());
    (async () => {
      for (let count = 0; count < 5; count++) {
        const waits = ask('/wait');
        await new Promise((done) => setTimeout(done, 20));
        await ask('/login/7');
        await waits;
      }
    })();`;
  await once(spawn(process.execPath, ['-e', client], { stdio: 'ignore' }), 'exit');
  await sleep(1);
  const of = (path: string) => telemetry.spans().filter(({ attributes }) => attributes['url.path'] === path);
  const named = (spans: readonly ReadableSpan[]) =>
    spans.flatMap(({ events }) =>
      events.flatMap(({ attributes = {} }) =>
        attributes['tandem.stall.request'] === undefined
          ? []
          : `${attributes['tandem.stall.request']} ${attributes['tandem.stall.request_path']}`,
      ),
    );
  t.equal(of('/wait').length, 5);
  t.ok(named(of('/wait')).length > 0, JSON.stringify(of('/wait').map(({ events }) => events)));
  t.same([...new Set(named(of('/wait')))], ['GET /login/:id']);
  t.same(named(of('/login/7')), [], 'not on itself');
});

t.test('a synchronous call that waits is no running code', async (t) => {
  const { span } = traced(t);
  await withSpan('waits', {}, async () => {
    await sleep(30);
    execFileSync(process.execPath, [
      '-e',
      'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)',
    ]);
    await sleep(1);
  });
  const found = longestOf(span('waits'));
  t.ok(found && found.kind !== 'ran' && found.ms >= 190, JSON.stringify(found));
});

t.test('an awaited child process is no stall', async (t) => {
  const { span } = traced(t);
  await withSpan('waits', {}, () => once(spawn('sleep', ['0.5'], { stdio: 'ignore' }), 'exit'));
  const blocked = eventsOf(span('waits')).filter(({ kind, ms }) => kind === 'blocked' && ms >= 400);
  t.strictSame(blocked, []);
});

t.test('garbage collection has its share, once Node tells of it', async (t) => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const { span } = traced(t);
  await withSpan('waits', {}, async () => {
    await sleep(30);
    const kept = Array.from({ length: 300_000 }, (_, index) => ({ index }));
    await withSpan('collects', {}, async () => {
      for (let count = 0; count < 5; count++) collect();
      return kept.length;
    });
  });
  for (let count = 0; count < 4; count++) await turn();
  for (const name of ['waits', 'collects'])
    t.ok((longestOf(span(name))?.gcMs ?? 0) > 0, `${name} ${JSON.stringify(eventsOf(span(name)))}`);
});

t.test('a span has at most eight events, and the sum of all stalls', async (t) => {
  const { span } = traced(t);
  await withSpan('stutters', {}, async () => {
    for (let count = 0; count < 10; count++) {
      await sleep(25);
      standStill(35);
    }
    await sleep(1);
  });
  const events = eventsOf(span('stutters'));
  t.equal(events.length, 8);
  t.ok(stalledMs(span('stutters')) > events.reduce((sum, { ms }) => sum + ms, 0));
});

t.test('a SERVER span tells for what its request had waited, without an open span before', async (t) => {
  const { span } = traced(t);
  const stop = traceHttpServers();
  t.teardown(stop);
  const server = createServer((_, response) => response.end('ok'));
  const port = await serve(t, server);
  await sleep(STARTED_MS);
  const sent = request({ port, host: '127.0.0.1', path: '/' }).end();
  const [socket] = await once(sent, 'socket');
  await once(socket, 'connect');
  setImmediate(standStill, LOOP_MS);
  const [response] = await once(sent, 'response');
  await once(response.resume(), 'close');
  const before = () => span('GET')?.attributes ?? {};
  await sleep(1);
  t.ok(Number(before()['tandem.stalled_before_ms']) >= LOOP_MS - 10, JSON.stringify(before()));
  t.ok(RAN.includes(String(before()['tandem.stalled_before.kind'])));
});

t.test(
  'a request over a kept connection waited for a stall that began after the answer before',
  async (t) => {
    const telemetry = createTestTelemetry({ waits: true });
    t.teardown(() => telemetry.shutdown());
    t.teardown(traceHttpServers());
    const server = createServer((_, response) => response.end('ok'));
    const port = await serve(t, server);
    await sleep(STARTED_MS);
    const agent = new Agent({ keepAlive: true });
    t.teardown(() => agent.destroy());
    const ask = () => request({ port, host: '127.0.0.1', path: '/', agent }).end();
    const answered = async (sent: ReturnType<typeof ask>) => {
      const [response] = await once(sent, 'response');
      await once(response.resume(), 'close');
    };
    await answered(ask());
    await sleep(30);
    const again = ask();
    await once(again, 'finish');
    t.ok(again.reusedSocket);
    standStill();
    await answered(again);
    await sleep(1);
    const [, second] = telemetry.spans().filter(({ kind }) => kind === SpanKind.SERVER);
    t.ok(Number(second?.attributes['tandem.stalled_before_ms']) >= LOOP_MS - 10);
  },
);

t.test(
  'a request that follows an answer over its connection has not waited for the stall before it',
  async (t) => {
    const telemetry = createTestTelemetry({ waits: true });
    t.teardown(() => telemetry.shutdown());
    t.teardown(traceHttpServers());
    const server = createServer((_, response) => {
      standStill();
      response.end('ok');
    });
    const port = await serve(t, server);
    const client = `
    const { Agent, get } = require('node:http');
    const agent = new Agent({ keepAlive: true });
    const ask = () => new Promise((done) =>
      get({ port: ${port}, host: '127.0.0.1', agent }, (response) => response.resume().on('end', done)));
    (async () => {
      for (let count = 0; count < 8; count++) await ask();
      agent.destroy();
    })();`;
    await once(spawn(process.execPath, ['-e', client], { stdio: 'ignore' }), 'exit');
    await sleep(1);
    const [first, ...others] = telemetry.spans().filter(({ kind }) => kind === SpanKind.SERVER);
    t.ok(first);
    t.equal(others.length, 7);
    // Of another stall, which a busy machine makes between two requests, it may tell.
    for (const { attributes } of others)
      t.notOk(Number(attributes['tandem.stalled_before_ms']) >= LOOP_MS - 10, JSON.stringify(attributes));
  },
);

t.test(
  'a stall that began beside the end of an earlier one is told, though the earlier one is told later',
  async (t) => {
    const { span } = traced(t);
    const stop = traceHttpServers();
    t.teardown(stop);
    const server = createServer((_, response) => {
      standStill(15);
      const late = tracer().startSpan('late');
      standStill();
      tracer().startSpan('looks').end(); // sees the stall before `setImmediate` tells the one before the request
      setTimeout(() => {
        late.end();
        response.end('ok');
      }, 30);
    });
    const port = await serve(t, server);
    await sleep(STARTED_MS);
    const sent = request({ port, host: '127.0.0.1', path: '/' }).end();
    const [socket] = await once(sent, 'socket');
    await once(socket, 'connect');
    setImmediate(standStill, LOOP_MS);
    const [response] = await once(sent, 'response');
    await once(response.resume(), 'close');
    await sleep(1);
    t.ok(Number(span('GET').attributes['tandem.stalled_before_ms']) >= LOOP_MS - 10);
    t.ok(stalledMs(span('late')) >= LOOP_MS - 10, JSON.stringify(eventsOf(span('late'))));
  },
);

t.test('a request that had not to wait tells nothing', async (t) => {
  const { span } = traced(t);
  const stop = traceHttpServers();
  t.teardown(stop);
  const server = createServer((_, response) => response.end('ok'));
  const port = await serve(t, server);
  await sleep(STARTED_MS);
  standStill();
  await sleep(200);
  // Of a client in this process, the request would wait for the turn that sends it.
  const client = `fetch('http://127.0.0.1:${port}/').then((response) => response.text())`;
  await once(spawn(process.execPath, ['-e', client], { stdio: 'ignore' }), 'exit');
  await sleep(1);
  const { 'tandem.stalled_before_ms': ms, 'tandem.stalled_before.kind': kind } = span('GET').attributes;
  t.notOk(kind === 'ran' && Number(ms) >= LOOP_MS - 10, `${kind} ${ms}`);
});

t.test('a request that comes while the loop rests after a stall has not waited for the stall', async (t) => {
  const telemetry = createTestTelemetry({ waits: true });
  t.teardown(() => telemetry.shutdown());
  t.teardown(traceHttpServers());
  let idle = 0;
  const rests: number[] = [];
  const server = createServer(({ url }, response) => {
    if (url === '/loop') {
      standStill();
      setTimeout(standStill, 5, 10); // the next request waits for this alone, which is no stall
      idle = performance.nodeTiming.idleTime;
    } else rests.push(performance.nodeTiming.idleTime - idle);
    response.end('ok');
  });
  const origin = `http://127.0.0.1:${await serve(t, server)}`;
  await sleep(STARTED_MS);
  // Each on a connection of its own, as those of curl.
  const client = `
    const { get } = require('node:http');
    const ask = (path) => new Promise((done) =>
      get('${origin}' + path, { agent: false }, (response) => response.resume().on('end', done)));
    (async () => {
      for (let count = 0; count < 10; count++) {
        await ask('/loop');
        await new Promise((done) => setTimeout(done, 7));
        await ask('/next');
      }
    })();`;
  await once(spawn(process.execPath, ['-e', client], { stdio: 'ignore' }), 'exit');
  await sleep(1);
  const next = telemetry.spans().filter(({ attributes }) => attributes['url.path'] === '/next');
  const told = next.map(({ attributes }) => Number(attributes['tandem.stalled_before_ms'] ?? 0));
  t.equal(told.length, rests.length);
  // On a busy machine, the loop comes to no rest.
  const after = told.filter((_, index) => (rests[index] ?? 0) >= 2);
  t.notOk(
    after.some((ms) => ms >= LOOP_MS - 10),
    `${after} of ${told}`,
  );
});

t.test('spans after the end of telemetry tell nothing, and do no harm', async () => {
  const stalls = new Stalls();
  const provider = sdkEngine.createProvider({
    resource: resourceFromAttributes({}),
    spanProcessors: [processorOf([openSpans, stalls])],
  });
  await provider.shutdown();
  await stalls.shutdown();
  const span = provider.getTracer('late').startSpan('late', { kind: SpanKind.SERVER });
  standStill(40);
  await sleep(30);
  span.end();
});

t.test('a span that is ended in the future is no stall', async (t) => {
  const { span } = traced(t);
  await sleep(1);
  tracer()
    .startSpan('future')
    .end(new Date(Date.now() + 60_000));
  t.notOk((longestOf(span('future'))?.ms ?? 0) >= 1_000);
});
