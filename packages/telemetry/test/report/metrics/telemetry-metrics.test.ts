import fastify from 'fastify';
import t from 'tap';
import { until } from '../../../../../test/helpers/until.ts';
import { fastifyTracing, telemetryMetrics } from '../../../src/index.ts';
import { createTestTelemetry } from '../../../src/testing/index.ts';

t.test('GET /metrics answers with the counters of telemetry and of the process, untraced', async (t) => {
  const telemetry = createTestTelemetry();
  const app = fastify();
  t.teardown(async () => {
    await app.close();
    await telemetry.shutdown();
  });
  await app.register(fastifyTracing);
  await app.register(telemetryMetrics, { telemetry: { metrics: () => 'spans_total 7\n' } });
  app.get('/other', async () => 'traced');
  const url = await app.listen({ host: '127.0.0.1', port: 0 });

  const response = await fetch(`${url}/metrics`, {
    headers: { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` },
  });
  const text = await response.text();
  t.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  t.match(text, /^spans_total 7\n/);
  t.match(text, /^process_cpu_seconds_total \d/m);
  await (await fetch(`${url}/other`)).text();
  await until(() => telemetry.spans().length > 0);
  t.strictSame(
    telemetry.spans().map((span) => span.name),
    ['GET /other'],
  );
});

t.test('metrics of the service itself come last', async (t) => {
  const app = fastify();
  t.teardown(() => app.close());
  let ways = 1;
  await app.register(telemetryMetrics, {
    service: () => [{ name: 'ways', type: 'gauge', help: 'Ways.', samples: [[{ to: 'a "b"' }, ways]] }],
  });
  t.match(
    (await app.inject('/metrics')).body,
    /\n# HELP ways Ways\.\n# TYPE ways gauge\nways\{to="a \\"b\\""\} 1\n$/,
  );
  ways = 2;
  t.match((await app.inject('/metrics')).body, / 2\n$/);
});

t.test(
  'without telemetry in this process there is still the process, and the given config is kept',
  async (t) => {
    const app = fastify();
    t.teardown(() => app.close());
    const config = { otel: true, kept: 1 };
    let used: object | undefined;
    app.addHook('onRoute', (route) => {
      if (route.method === 'GET') used = route.config;
    });
    await app.register(telemetryMetrics, { config });
    const response = await app.inject('/metrics');
    t.match(response.body, /^# HELP process_cpu_seconds_total/);
    t.match(used, { kept: 1, otel: false });
  },
);
