import { once } from 'node:events';
import { get } from 'node:http';
import { trace } from '@opentelemetry/api';
import type { FastifyInstance } from 'fastify';
import type { Test } from 'tap';
import t from 'tap';
import { leanEngine } from '../../../src/chosen/lean/engine.ts';
import { start as startServer } from './harness.ts';

/** A server prepared by the lean engine, and the names of the active spans in the server's hooks, in order. */
async function start(t: Test, build: (app: FastifyInstance, note: (hook: string) => void) => void) {
  const noted: (readonly [hook: string, span: unknown])[] = [];
  const note = (hook: string) => noted.push([hook, trace.getActiveSpan()?.spanContext().spanId]);
  const { app, url, serverSpans } = await startServer(t, (app) => build(app, note), {
    tracing: 'every server',
    telemetry: { engine: leanEngine },
  });
  /** Waits until so many spans have ended. Returns the hooks with the names of their spans. */
  async function hooks(count: number) {
    const spans = await serverSpans(count);
    const names = new Map<unknown, string>(spans.map((span) => [span.spanContext().spanId, span.name]));
    return noted.map(([hook, id]) => `${hook} in ${names.get(id)}`);
  }
  return { url, hooks, server: app.server };
}

/** Closes the connection as soon as the server has the request. */
async function abort(server: FastifyInstance['server'], url: string): Promise<void> {
  const request = get(url);
  request.on('error', () => {});
  await once(server, 'request');
  setTimeout(() => request.destroy(), 50);
}

t.test(
  'hooks of a server, a plugin and a route run in the request’s context, also of an abort',
  async (t) => {
    const { url, hooks, server } = await start(t, (app, note) => {
      app.addHook('onResponse', async () => note('server'));
      app.addHook('onResponse', async () => note('server again'));
      app.get('/server', async () => 'ok');
      app.register(async (plugin) => {
        plugin.addHook('onResponse', async () => note('plugin'));
        plugin.addHook('onRequestAbort', async (_request) => note('abort'));
        plugin.get('/plugin', { onResponse: async () => note('route') }, async () => 'ok');
        plugin.get('/never', () => new Promise(() => {}));
      });
    });
    await (await fetch(`${url}/server`)).text();
    t.same(await hooks(1), ['server in GET /server', 'server again in GET /server']);
    await (await fetch(`${url}/plugin`)).text();
    t.same((await hooks(2)).slice(2), [
      'server in GET /plugin',
      'server again in GET /plugin',
      'plugin in GET /plugin',
      'route in GET /plugin',
    ]);
    await abort(server, `${url}/never`);
    t.match((await hooks(3)).slice(6), ['abort in GET /never']);
  },
);

t.test('the hook of a route alone runs in the request’s context', async (t) => {
  const { url, hooks, server } = await start(t, (app, note) => {
    app.get(
      '/route',
      { onResponse: [async () => note('first'), async () => note('second')] },
      async () => 'ok',
    );
    app.get('/abort', { onRequestAbort: async (_request) => note('abort') }, () => new Promise(() => {}));
  });
  await (await fetch(`${url}/route`)).text();
  t.same(await hooks(1), ['first in GET /route', 'second in GET /route']);
  await abort(server, `${url}/abort`);
  t.same((await hooks(2)).slice(2), ['abort in GET /abort']);
});

t.test('without other hooks, Fastify does not listen to requests and responses', async (t) => {
  const route = (app: FastifyInstance) =>
    app.get('/', async ({ raw }, reply) => [raw.listenerCount('close'), reply.raw.listenerCount('finish')]);
  const { url } = await start(t, route);
  const traced = await (await fetch(url)).json();
  t.same(traced, [0, 1], 'Node’s own listener');
});
