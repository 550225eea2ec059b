import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import type { FastifyInstance } from 'fastify';
import t from 'tap';
import { until } from '../../../../../test/helpers/until.ts';
import type { ExplorerOptions } from '../../../src/app.ts';
import { at, ids, temporaryExplorer } from '../../explorer.ts';
import { storeSpans } from '../../spans.ts';
import { EventStream } from './event-stream.ts';

const id = ids();

async function live(t: Parameters<typeof temporaryExplorer>[0], options: ExplorerOptions['live'] = {}) {
  const { app, store } = await temporaryExplorer(t, { live: { intervalMs: 20, ...options } });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const write = (...names: string[]) =>
    storeSpans(
      store,
      names.map((name) => ({ traceId: id(name, 16), spanId: id(name), name, start: at(0) })),
    );
  const open = async (lastEventId?: string, query = '') => {
    const stream = await EventStream.open(`http://127.0.0.1:${port}/api/live${query}`, lastEventId);
    t.teardown(() => stream.close());
    return stream;
  };
  return { app, store, port, write, open };
}

t.test('new traces and changes of known ones are sent as they arrive', async (t) => {
  const { write, open } = await live(t);
  const stream = await open();
  t.match(stream.response.headers['content-type'], 'text/event-stream');
  t.match(stream.response.headers['content-security-policy'], "default-src 'none'");
  await stream.next('hello');
  await write('a');
  const first = await stream.next('traces');
  t.match(first.data, { traces: [{ trace_id: id('a', 16), root: { name: 'a' }, spans: 1 }], more: 0 });
  await write('a', 'b');
  const second = await stream.next('traces');
  t.match(
    second.data.traces.map((trace: { trace_id: string }) => trace.trace_id).sort(),
    [id('a', 16), id('b', 16)].sort(),
  );
});

t.test('changes that come close together are one event, and a flood names only the newest', async (t) => {
  // Two writes are stored within it, also on a busy machine.
  const { write, open } = await live(t, { intervalMs: 1_500 });
  const stream = await open();
  await stream.next('hello');
  const names = Array.from({ length: 130 }, (_, n) => `flood ${n}`);
  await Promise.all([write(...names.slice(0, 60)), write(...names.slice(60))]);
  const { data } = await stream.next('traces');
  t.equal(data.traces.length, 100);
  t.equal(data.more, 30);
});

t.test('a client that comes back gets the missed events', async (t) => {
  const { write, open } = await live(t);
  const before = await open();
  await before.next('hello');
  await write('m1');
  const { id: lastId } = await before.next('traces');
  before.close();
  const other = await open();
  await write('m2');
  await other.next('traces');
  await write('m3');
  await other.next('traces');
  const back = await open(lastId);
  t.match((await back.next('traces')).data.traces, [{ root: { name: 'm3' } }, { root: { name: 'm2' } }]);
  await write('m4');
  t.match((await back.next('traces')).data.traces, [{ root: { name: 'm4' } }], 'and goes on live');
});

t.test('new and changed traces are sent if they fit the list’s filter', async (t) => {
  const { store, open, port } = await live(t);
  const trace = (name: string, more: object) => ({ traceId: id(name, 16), spanId: id(name), name, ...more });
  const ada = { attributes: { 'user.id': 'ada' } };
  await storeSpans(store, [trace('f0', ada)]);
  const [users, slow, good] = [
    await open(undefined, '?field=user.id%3Dada&service=shop'),
    await open(undefined, '?min_duration_ms=100'),
    await open(undefined, '?errors=false'),
  ];
  for (const stream of [users, slow, good]) await stream.next('hello');
  await storeSpans(store, [
    trace('f1', { ...ada, service: 'other' }),
    trace('f2', { ...ada, service: 'shop', durationMs: 200, status: 2 }),
    trace('f3', { service: 'shop', durationMs: 20 }),
  ]);
  const names = async (stream: EventStream) =>
    (await stream.next('traces')).data.traces.map((found: { root: { name: string } }) => found.root.name);
  t.same(await names(users), ['f2']);
  t.same(await names(slow), ['f2']);
  t.same((await names(good)).sort(), ['f1', 'f3']);

  const refused = await fetch(`http://127.0.0.1:${port}/api/live?field=no.such.field%3D1`, {
    headers: { accept: 'text/event-stream' },
  });
  t.equal(refused.status, 400);
  t.match(await refused.json(), { code: 'UNKNOWN_FIELD' });
});

t.test('a page gets everything that came since its HTML was made', async (t) => {
  const { app, write, open } = await live(t);
  const { body } = await app.inject({ url: '/traces', headers: { host: 'localhost' } });
  const from = /liveFrom&quot;:&quot;([0-9a-f]+-\d+)/u.exec(body)?.[1] ?? '';
  const nothingNew = await open(undefined, `?after=${from}`);
  await nothingNew.next('hello');

  const unheard = await live(t);
  const { body: html } = await unheard.app.inject({ url: '/traces', headers: { host: 'localhost' } });
  await unheard.write('p1');
  const since = /liveFrom&quot;:&quot;([0-9a-f]+-\d+)/u.exec(html)?.[1] ?? '';
  const late = await unheard.open(undefined, `?after=${since}`);
  t.match((await late.next('traces')).data.traces, [{ root: { name: 'p1' } }]);
  await write('p2');
  t.match((await nothingNew.next('traces')).data.traces, [{ root: { name: 'p2' } }]);
});

t.test('a client whose id is of another run, from before a deletion, or nonsense starts anew', async (t) => {
  const { store, write, open } = await live(t);
  const watcher = await open();
  const { id: before } = await watcher.next('hello');
  await write('o1');
  const { id: told } = await watcher.next('traces');
  await store.delete({ all: true });
  const { id: newest } = await watcher.next('reset');
  t.not(newest.split('-')[0], told.split('-')[0]);
  for (const bad of [before, told, 'otherrun-1', 'nonsense', newest.replace(/\d+$/, '999999')]) {
    const stream = await open(bad);
    t.equal((await stream.next('reset')).id, newest, bad);
    stream.close();
  }
});

t.test('an idle connection is kept alive, and ended when the explorer stops', async (t) => {
  const { app, open } = await live(t, { heartbeatMs: 20 });
  const stream = await open();
  await stream.next('hello');
  await until(() => stream.heartbeats >= 2, { what: 'two heartbeats' });
  const ended = once(stream.response, 'end');
  await app.close();
  await ended;
  t.ok(stream.response.complete);
});

t.test('a client that takes nothing is cut off while others go on', async (t) => {
  const { app, port, open, store } = await live(t, { stalledMs: 3_000 });
  const stalled = connect(port, '127.0.0.1')
    .pause()
    .on('error', () => {});
  t.teardown(() => stalled.destroy());
  stalled.write('GET /api/live HTTP/1.1\r\nhost: localhost\r\n\r\n');
  const healthy = await open();
  await healthy.next('hello');
  // As much of a name as the store keeps, and as many traces as an event names: 0.4 MB.
  const long = 'x'.repeat(4_000);
  let connections = 2;
  // What the two sockets buffer between them is megabytes; then the server waits, and gives up.
  const end = performance.now() + 90_000;
  for (let round = 0; connections > 1 && performance.now() < end; round++) {
    const names = Array.from({ length: 100 }, (_, n) => `${round} ${n}`);
    await storeSpans(
      store,
      names.map((name) => ({ traceId: id(name, 16), name: `${name}${long}`, start: at(0) })),
    );
    await healthy.next('traces');
    connections = await countConnections(app);
  }
  t.equal(connections, 1, 'only the healthy client is left');
});

function countConnections(app: FastifyInstance): Promise<number> {
  return new Promise((resolve, reject) => {
    app.server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
  });
}

t.test('a client that wants no events is told so', async (t) => {
  const { port } = await live(t);
  const response = await fetch(`http://127.0.0.1:${port}/api/live`, {
    headers: { accept: 'application/json' },
  });
  t.equal(response.status, 406);
  await response.arrayBuffer();
  const head = await fetch(`http://127.0.0.1:${port}/api/live`, { method: 'HEAD' });
  t.ok(head.status >= 400, 'HEAD is no stream without end');
});
