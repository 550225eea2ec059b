import { get } from 'node:http';
import Fastify from 'fastify';
import t from 'tap';
import type { FastifyTracingOptions } from '../../src/fastify/options.ts';
import { arrivals } from '../../src/fastify/server-span.ts';
import { fastifyTracing } from '../../src/fastify/tracing.ts';
import { findDoubleTracing, noticeUnsampled } from '../../src/report/notices.ts';
import { createSampler } from '../../src/sdk/sampler.ts';
import { createTestTelemetry } from '../../src/testing/test-telemetry.ts';

const find = (...directories: string[]) =>
  findDoubleTracing(directories.map((directory) => `${directory}/index.js`));

t.test('nothing to say of what is loaded once', async (t) => {
  t.strictSame(find('/a/node_modules/@opentelemetry/api', '/a/node_modules/@opentelemetry/core'), []);
  t.strictSame(findDoubleTracing(), [], 'nor of this process');
});

t.test('two copies of the api are named with their places and the way out', async (t) => {
  const name = '@opentelemetry/api';
  const [warning, ...others] = find(`/a/node_modules/${name}`, `/a/node_modules/x/node_modules/${name}`);
  t.strictSame(others, []);
  t.match(
    warning,
    `2 copies of ${name} are loaded, and a newer one sees nothing of what an older one registers`,
  );
  t.match(warning, `pnpm why -r ${name}`);
  t.match(warning, `/a/node_modules/${name} and /a/node_modules/x/node_modules/${name}.`);
});

t.test('a copy is known by the last node_modules in its path, on Windows too', async (t) => {
  const name = '@opentelemetry/api';
  const [warning] = find(
    `/app/node_modules/.pnpm/${name}@1.9.1/node_modules/${name}`,
    `C:\\app\\node_modules\\${name.replace('/', '\\')}`,
  );
  t.match(warning, /Loaded from \/app\/node_modules\/\.pnpm\/\S+ and C:\\app\\node_modules/);
});

t.test('copies of the core share their keys: nothing to say', async (t) => {
  const name = '@opentelemetry/core';
  t.strictSame(find(`/a/node_modules/${name}`, `/a/node_modules/x/node_modules/${name}`), []);
});

t.test('a second copy of an instrumentation makes each span a second time', async (t) => {
  const name = '@opentelemetry/instrumentation-undici';
  t.match(find(`/a/node_modules/${name}`, `/b/node_modules/${name}`), [
    /^2 copies of .*instrumentation-undici are loaded, and each makes a span of the same thing: install one/,
  ]);
  t.strictSame(find(`/a/node_modules/${name}`), []);
});

t.test('tracers of the same requests are named, each in one line', async (t) => {
  for (const name of ['@opentelemetry/instrumentation-http', '@fastify/otel', 'dd-trace', 'newrelic']) {
    const warnings = find(`/a/node_modules/${name}`, '/a/node_modules/fastify');
    t.equal(warnings.length, 1);
    t.match(warnings[0], new RegExp(`^${name} is loaded too, so requests .*: leave it out, or leave`));
    t.notMatch(warnings[0], '\n');
  }
  t.strictSame(
    find('/a/node_modules/@opentelemetry/instrumentation-http'),
    [],
    'with Express it is the only one',
  );
  const auto = ['auto-instrumentations-node', 'instrumentation-http'].map(
    (name) => `/a/node_modules/@opentelemetry/${name}`,
  );
  t.match(find(...auto), [/^@opentelemetry\/auto-instrumentations-node is loaded too/]);
});

const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331';

/** What is said, and how many spans there are, after so many requests of each kind, in this order. */
async function send(
  requests: readonly [times: number, traceparent: string | undefined][],
  options: FastifyTracingOptions = {},
  sampler = createSampler(),
) {
  const telemetry = createTestTelemetry({ sampler });
  const warnings: string[] = [];
  noticeUnsampled((message) => warnings.push(message));
  const app = Fastify();
  await app.register(fastifyTracing, options);
  app.get('/', async () => 'ok');
  const origin = await app.listen({ port: 0, host: '127.0.0.1' });
  for (const [times, traceparent] of requests)
    for (let count = 0; count < times; count++) await request(origin, traceparent);
  await app.close();
  const spans = telemetry.spans().length;
  await telemetry.shutdown();
  return { warnings, spans, arrivals: { ...arrivals() } };
}

/** Not by fetch, which is traced. */
function request(origin: string, traceparent: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    get(origin, { headers: traceparent === undefined ? {} : { traceparent } }, (response) => {
      response.resume().on('end', resolve);
    }).on('error', reject);
  });
}

t.test(
  'requests that their callers do not sample are named once, with their share and what to do',
  async (t) => {
    const result = await send([
      [2, undefined],
      [3, `${TRACE}-01`],
      [30, `${TRACE}-00`],
    ]);
    t.match(result.warnings, [
      /^10 of 15 requests \(67 %\) came with a traceparent that is not sampled .*OTEL_TRACES_SAMPLER=always_on.*publicEdge/,
    ]);
    t.equal(result.warnings.length, 1);
    t.strictSame(result.arrivals, { none: 2, sampled: 3, unsampled: 30 });
    t.equal(result.spans, 5);
  },
);

t.test('a few of many are none to speak of', async (t) => {
  const { warnings } = await send([
    [200, `${TRACE}-01`],
    [10, `${TRACE}-00`],
  ]);
  t.strictSame(warnings, []);
});

t.test(
  'nobody is told what was meant: a sampler that records all, an edge whose traces are its own',
  async (t) => {
    const unsampled = [[20, `${TRACE}-00`]] as [number, string][];
    const recorded = await send(unsampled, {}, createSampler('always_on'));
    t.strictSame(recorded.warnings, []);
    t.strictSame(recorded.arrivals, { none: 0, sampled: 20, unsampled: 0 });
    t.equal(recorded.spans, 20);
    const edge = await send(unsampled, { publicEdge: true });
    t.strictSame(edge.warnings, []);
    t.equal(edge.spans, 20);
  },
);
