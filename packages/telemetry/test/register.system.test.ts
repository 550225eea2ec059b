import t from 'tap';
import { startNode } from '../../../test/helpers/processes.ts';
import { logLines, runTraced, startTraced } from './child-process.ts';
import { startReceiver } from './receiver.ts';

t.jobs = 3;

const receiver = await startReceiver(t);
const toReceiver = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
const warningsOf = (child: Parameters<typeof logLines>[0]) =>
  logLines(child)
    .filter(({ level }) => level === 'warn')
    .map(({ msg }) => msg);

t.test('--import starts telemetry once, also when the service imports it again', async (t) => {
  const script = `
    const { telemetry } = await import('@tandem/telemetry/register');
    withSpan('registered', {}, () => {});
    await telemetry.shutdown();
  `;
  const child = await runTraced(t, script, toReceiver);
  t.equal(receiver.spans().filter(({ name }) => name === 'registered').length, 1);
  t.match(logLines(child), [
    { event: 'telemetry.self', msg: /^Telemetry of child: / },
    { event: 'telemetry.end', msg: /1 sent/ },
  ]);
  t.equal(logLines(child).length, 2, 'a line at the start and one at the end');
});

t.test('a consistent sampler by OTEL_TRACES_SAMPLER is used, without a warning', async (t) => {
  const child = await runTraced(t, `withSpan('sampled by rate', {}, () => {});`, {
    ...toReceiver,
    OTEL_TRACES_SAMPLER: 'parentbased_consistent_probability',
    OTEL_TRACES_SAMPLER_ARG: '1;GET /health=0',
    OTEL_LOG_LEVEL: 'debug',
  });
  t.same(warningsOf(child), []);
  t.notMatch(child.output(), /OTEL_TRACES_SAMPLER value|defaulting/);
  t.equal(receiver.spans().filter(({ name }) => name === 'sampled by rate').length, 1);
});

t.test('OTEL_TRACES_EXPORTER=console prints spans, and sends nothing', async (t) => {
  const script = `withSpan('outer', {}, () => withSpan('inner', {}, () => {}));`;
  const child = await runTraced(t, script, {
    ...toReceiver,
    OTEL_TRACES_EXPORTER: 'console',
  });
  t.match(child.output(), /name: 'inner'[\s\S]*name: 'outer'/);
  t.match(child.output(), 'spans go to the console');
  t.equal(receiver.spans().filter(({ name }) => name === 'outer').length, 0);
});

t.test('fastify that was loaded before has no lifecycle spans, and a warning', async (t) => {
  const script = `await import('fastify'); await import('@tandem/telemetry/register');`;
  const child = startNode('packages/telemetry', ['--input-type=module', '--eval', script], {
    ...toReceiver,
    OTEL_SERVICE_NAME: 'child',
    TRACE_FASTIFY_LIFECYCLE: 'true',
    DATA_DIR: t.testdir(),
  });
  t.equal(await child.exited, 0, child.output());
  t.match(warningsOf(child), [
    /^TRACE_FASTIFY_LIFECYCLE comes too late: .* Start the process with `node --import/,
  ]);
});

t.test(
  'each Fastify server has one SERVER span per request, with the plugin registered by hand and without',
  async (t) => {
    const app = (registration: string) => `
      const { fastifyTracing } = await import('@tandem/telemetry');
      const app = (await import('fastify')).default();
      ${registration}
      app.get('/', async () => 'ok');
      await (await fetch(await app.listen({ host: '127.0.0.1', port: 0 }))).text();
      await app.close();
    `;
    for (const [service, registration] of [
      ['by-itself', ''],
      ['by-hand', 'await app.register(fastifyTracing);'],
    ] as const) {
      const env = { ...toReceiver, OTEL_SERVICE_NAME: service, DATA_DIR: t.testdir() };
      await runTraced(t, app(registration), env);
      const spans = receiver.spans().filter((span) => span.service === service);
      t.same(spans.map(({ name }) => name).toSorted(), ['GET', 'GET /'], service);
    }
  },
);

t.test('no function of the host is replaced, and nothing loads hooks of modules', async (t) => {
  const script = `
    import Module, { createRequire } from 'node:module';
    const { cache } = createRequire(import.meta.url);
    const hooks = Object.keys(cache).filter((path) => /(?:import|require)-in-the-middle/.test(path));
    process.stdout.write(JSON.stringify({ hooks, require: String(Module.prototype.require) }));
    process.exit(0);
  `;
  const untraced = await startNode('.', ['--input-type=module', '--eval', script], {});
  await untraced.exited;
  const { require } = JSON.parse(untraced.output());
  const child = startTraced(script, { ...toReceiver, DATA_DIR: t.testdir() });
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
      await runTraced(t, script, { ...env, OTEL_SERVICE_NAME: name, TRACEPARENT: traceparent });
      const spans = receiver.spans().filter(({ service }) => service === name);
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
    const malformed = await runTraced(t, '', { ...env, TRACEPARENT: 'nonsense' });
    t.same(warningsOf(malformed), ['TRACEPARENT is malformed, so this process starts traces of its own.']);
  },
);
