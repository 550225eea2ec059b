import t from 'tap';
import { startNode } from '../../../../../test/helpers/processes.ts';
import { distinct, sendLeftovers, startTraced } from '../../child-process.ts';
import { startReceiver } from '../../receiver.ts';

const REGISTER = '@tandem/telemetry/register';

const receiver = await startReceiver(t);
const toReceiver = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };

t.test('no function of the host is replaced, and nothing loads hooks of modules', async (t) => {
  const script = `
    import Module, { createRequire } from 'node:module';
    const { cache } = createRequire(import.meta.url);
    const hooks = Object.keys(cache).filter((path) => /(?:import|require)-in-the-middle/.test(path));
    process.stdout.write(JSON.stringify({ hooks, require: String(Module.prototype.require) }));
    process.exit(0);
  `;
  const run = ['--input-type=module', '--eval', script];
  const untraced = startNode('.', run, {});
  await untraced.exited;
  const { require } = JSON.parse(untraced.output());
  const env = { ...toReceiver, DATA_DIR: t.testdir() };
  const child = startNode('packages/telemetry', ['--import', REGISTER, ...run], env);
  await child.exited;
  const line = child
    .output()
    .split('\n')
    .find((each) => each.startsWith('{"hooks"'));
  t.same(JSON.parse(String(line)), { hooks: [], require });
});

t.test(
  'a plain server and its requests are one trace, also where the host traces fetch itself',
  async (t) => {
    const script = `
      import { createServer, get } from 'node:http';
      import { once } from 'node:events';
      import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
      new UndiciInstrumentation();
      const server = createServer(async ({ url }, response) => {
        const at = 'http://127.0.0.1:' + server.address().port;
        if (url === '/first') await (await fetch(at + '/second')).text();
        response.end('ok');
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const [response] = await once(get({ port: server.address().port, path: '/first' }), 'response');
      response.resume();
      await once(response, 'end');
      server.close();
      server.closeAllConnections();
    `;
    const env = { ...toReceiver, DATA_DIR: t.testdir() };
    const parent = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };
    for (const [name, traceparent] of [
      ['alone', ''],
      ['below', `00-${parent.traceId}-${parent.spanId}-01`],
    ] as const) {
      const own = { ...env, OTEL_SERVICE_NAME: name };
      const child = startTraced(script, { ...own, TRACEPARENT: traceparent }, [], REGISTER);
      t.equal(await child.exited, 0, child.output());
      await sendLeftovers(own);
      const spans = distinct(receiver.spans()).filter(({ service }) => service === name);
      const chain = ['/first CLIENT', '/first SERVER', '/second CLIENT', '/second SERVER'];
      const found = chain.map((each) =>
        spans.find(({ attributes, kind }) => each === `${attributes['url.path']} ${kind}`),
      );
      t.equal(spans.length, chain.length);
      t.same(
        found.map((span) => span?.parentSpanId),
        [traceparent && parent.spanId, ...found.slice(0, -1).map((span) => span?.spanId)],
      );
      t.equal(found[3]?.traceId, found[0]?.traceId);
    }
  },
);

t.test(
  'OTEL_SDK_DISABLED: the context of a caller goes through every server and client, as it came',
  async (t) => {
    const script = `
    import { once } from 'node:events';
    import { createServer, request } from 'node:http';
    import { connect, createServer as createHttp2Server } from 'node:http2';
    import Fastify from 'fastify';
    const port = async (server) => {
      await once(server.listen(0, '127.0.0.1'), 'listening');
      return server.address().port;
    };
    const names = ['traceparent', 'tracestate', 'baggage'];
    const callee = await port(createServer((asked, response) => {
      response.end(JSON.stringify(names.map((name) => asked.headers[name])));
    }));
    const read = async (stream) => Buffer.concat(await stream.toArray()).toString();
    const clients = {
      '/fetch': async () => (await fetch('http://127.0.0.1:' + callee)).text(),
      '/request': async () => read((await once(request({ port: callee }).end(), 'response'))[0]),
    };
    const call = async ({ url }, response) => response.end(await clients[url]());
    const fastify = Fastify();
    for (const [url, client] of Object.entries(clients)) fastify.get(url, client);
    const http = { 'node:http': await port(createServer(call)), Fastify: Number(new URL(await fastify.listen()).port) };
    const session = connect('http://127.0.0.1:' + (await port(createHttp2Server(call))));
    const headers = { traceparent: process.env.CALLER, tracestate: 'vendor=1', baggage: 'user.id=42' };
    const got = {};
    for (const path of Object.keys(clients)) {
      for (const [server, port] of Object.entries(http))
        got[server + path] = await read((await once(request({ port, path, headers }).end(), 'response'))[0]);
      got['node:http2' + path] = await read(session.request({ ':path': path, ...headers }));
    }
    console.log(JSON.stringify({ got }));
    process.exit();
  `;
    const caller = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const env = { ...toReceiver, OTEL_SDK_DISABLED: 'true', CALLER: caller, DATA_DIR: t.testdir() };
    const child = startTraced(script, env, [], REGISTER);
    t.equal(await child.exited, 0, child.output());
    const line = child
      .output()
      .split('\n')
      .find((each) => each.startsWith('{"got"'));
    const { got } = JSON.parse(String(line));
    t.equal(Object.keys(got).length, 6);
    for (const [way, headers] of Object.entries(got))
      t.same(JSON.parse(String(headers)), [caller, 'vendor=1', 'user.id=42'], way);
  },
);
