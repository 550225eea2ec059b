import t from 'tap';
import { startNode } from '../../../test/helpers/processes.ts';
import { distinct, logLines, runTraced, sendLeftovers, startTraced } from './child-process.ts';
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
    const { telemetry } = await import('./test/fixtures/register.ts');
    withSpan('registered', {}, () => {});
    await telemetry.shutdown();
  `;
  const child = await runTraced(t, script, toReceiver);
  t.equal(distinct(receiver.spans()).filter(({ name }) => name === 'registered').length, 1);
  t.match(logLines(child), [
    { event: 'telemetry.self', msg: /^Telemetry of child: / },
    { event: 'telemetry.end', msg: /1 sent/ },
  ]);
  t.equal(logLines(child).length, 2, 'a line at the start and one at the end');
});

t.test('standard output is the app’s: lines of telemetry go to standard error', async (t) => {
  const env = { ...toReceiver, DATA_DIR: t.testdir(), OTEL_LOG_LEVEL: 'all', LOG_LEVEL: 'trace' };
  const child = startTraced(`withSpan('beside a protocol', {}, () => {}); console.log('{"id":1}');`, env);
  let stdout = '';
  child.child.stdout?.on('data', (chunk) => (stdout += chunk));
  t.equal(await child.exited, 0, child.output());
  t.equal(stdout, '{"id":1}\n');
  t.match(child.output(), 'telemetry.self');
});

t.test('a worker with an environment of its own has the settings of its process', async (t) => {
  const environment = {
    OTEL_LOG_LEVEL: 'none',
    OTEL_SERVICE_NAME: 'of-the-process',
    OTEL_TRACES_SAMPLER_ARG: '0',
  };
  const thread = `
    const { createServer } = await import('node:http');
    const server = createServer((_, response) => response.end()).listen(0, '127.0.0.1', async () => {
      await (await fetch('http://127.0.0.1:' + server.address().port)).text();
      server.close();
      console.log(JSON.stringify(process.env));
    });
  `;
  const work = (env: object) => `
    const { Worker } = await import('node:worker_threads');
    new Worker(${JSON.stringify(thread)}, { eval: true, env: ${JSON.stringify(env)} });
  `;
  const register = import.meta.resolve('../src/register.ts');
  const own = { X: '1' };
  const recorded = { ...environment, ...toReceiver, DATA_DIR: t.testdir() };
  const child = startTraced(work(own), recorded, [], register);
  t.equal(await child.exited, 0, child.output());
  await sendLeftovers(recorded);
  t.equal(
    child.output(),
    `${JSON.stringify(own)}\n`,
    'its environment stays its own, and nothing else is said',
  );
  const spans = distinct(receiver.spans()).filter(({ service }) => service === 'of-the-process');
  t.same(spans.map(({ name }) => name).toSorted(), ['GET', 'GET']);
  const sampled = {
    ...environment,
    OTEL_TRACES_SAMPLER: 'traceidratio',
    ...toReceiver,
    DATA_DIR: t.testdir(),
  };
  await startTraced(work({ ...own, OTEL_SERVICE_NAME: 'of-the-worker' }), sampled, [], register).exited;
  await sendLeftovers(sampled);
  t.same(
    receiver.spans().filter(({ service }) => service === 'of-the-worker'),
    [],
  );
});

t.test('a Node that is too old runs its app untraced, and one line says so', async (t) => {
  const versions = "{ value: { ...process.versions, node: '20.19.6' } }";
  const old = `data:text/javascript,Object.defineProperty(process, 'versions', ${versions})`;
  const script = `
    delete Promise.withResolvers;
    withSpan('on an old Node', {}, () => {});
    const { telemetry } = await import('./test/fixtures/register.ts');
    await telemetry.flush();
    setTimeout(() => { throw new Error('boom'); }, 10);
  `;
  const env = { ...toReceiver, DATA_DIR: t.testdir() };
  const child = startTraced(script, env, ['--import', old]);
  t.equal(await child.exited, 1);
  const [first, ...others] = logLines(child);
  t.match(first, { level: 'error', msg: /Node 20\.19\.6 is older than 22\.15/ });
  t.same(others, []);
  t.match(child.output(), 'Error: boom');
  t.notOk(receiver.spans().some(({ name }) => name === 'on an old Node'));
});

t.test('a consistent sampler by OTEL_TRACES_SAMPLER is used, without a warning', async (t) => {
  const child = await runTraced(t, `withSpan('sampled by rate', {}, () => {});`, {
    ...toReceiver,
    OTEL_TRACES_SAMPLER: 'parentbased_consistent_probability',
    OTEL_TRACES_SAMPLER_ARG: '1',
    OTEL_LOG_LEVEL: 'debug',
  });
  t.same(warningsOf(child), []);
  t.notMatch(child.output(), /OTEL_TRACES_SAMPLER value|defaulting/);
  t.equal(distinct(receiver.spans()).filter(({ name }) => name === 'sampled by rate').length, 1);
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
  const script = `await import('fastify'); await import('./test/fixtures/register.ts');`;
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
      const spans = distinct(receiver.spans()).filter((span) => span.service === service);
      t.same(spans.map(({ name }) => name).toSorted(), ['GET', 'GET /'], service);
    }
  },
);

t.test('a malformed TRACEPARENT has a warning', async (t) => {
  const malformed = await runTraced(t, '', { ...toReceiver, DATA_DIR: t.testdir(), TRACEPARENT: 'nonsense' });
  t.same(warningsOf(malformed), ['TRACEPARENT is malformed, so this process starts traces of its own.']);
});
