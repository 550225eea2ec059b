import { once } from 'node:events';
import { connect } from 'node:http2';
import { emptyResource } from '@opentelemetry/resources';
import { InMemoryLogRecordExporter, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import type { FastifyInstance } from 'fastify';
import fastify from 'fastify';
import type { Test } from 'tap';
import t from 'tap';
import { until } from '../../../../test/helpers/until.ts';
import { logMixin, withSpan } from '../../src/index.ts';
import { startLogs } from '../../src/logs/start-logs.ts';
import { fastifyTracing } from '../../src/server/fastify-tracing.ts';
import type { FastifyTracingOptions } from '../../src/server/options.ts';
import { TraceClock } from '../../src/spans/clock.ts';
import type { TestTelemetryOptions } from '../../src/testing/index.ts';
import { createTestTelemetry } from '../../src/testing/index.ts';
import { samplerNamed } from '../engines.ts';

const CALLER = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

interface Line {
  readonly msg: string;
  readonly trace_id?: string;
  readonly span_id?: string;
  readonly trace_flags?: string;
  readonly tenant?: string;
}

interface Options {
  readonly tracing?: FastifyTracingOptions;
  readonly telemetry?: TestTelemetryOptions;
  readonly before?: (app: FastifyInstance) => void;
}

/** A service with Fastify's own request lines. `get` returns the lines of one request, and the record of each line. */
async function start(t: Test, { tracing = {}, telemetry: telemetryOptions = {}, before }: Options = {}) {
  const telemetry = createTestTelemetry(telemetryOptions);
  const lines: Line[] = [];
  const exporter = new InMemoryLogRecordExporter();
  const stopLogs = startLogs({
    resource: emptyResource(),
    clock: new TraceClock(),
    processors: [new SimpleLogRecordProcessor({ exporter })],
  });
  const stream = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const app = fastify({
    logger: { mixin: logMixin, stream },
    childLoggerFactory: (logger, bindings, options) =>
      logger.child({ ...bindings, tenant: 'mine' }, options ?? {}),
  });
  t.teardown(async () => {
    stopLogs();
    await app.close();
    await telemetry.shutdown();
  });
  before?.(app);
  await app.register(fastifyTracing, tracing);
  app.get('/things/:id', async (request) => withSpan('work', {}, () => request.log.info('work')));
  app.get('/health', async () => 'ok');
  // Like a service that starts in its own span.
  const origin = await withSpan('boot', {}, () => app.listen({ host: '127.0.0.1', port: 0 }));
  return {
    telemetry,
    app,
    lines,
    async get(path: string, headers: Record<string, string> = {}) {
      telemetry.reset();
      lines.length = 0;
      exporter.reset();
      await (await fetch(origin + path, { headers })).text();
      await until(() => lines.some(({ msg }) => msg === 'request completed'));
      return {
        lines: [...lines],
        records: exporter.getFinishedLogRecords().map(({ spanContext }) => spanContext),
      };
    },
    async serverSpan() {
      await until(() => telemetry.spans().some(({ kind }) => kind === 1));
      const [span, ...others] = telemetry.spans().filter(({ kind }) => kind === 1);
      if (span === undefined) throw new Error('there is no SERVER span');
      t.same(others, []);
      return span;
    },
  };
}

t.test("all of Fastify's lines of a request are in its trace, the first one too", async (t) => {
  const { get, serverSpan } = await start(t);
  const { lines, records } = await get('/things/1', { traceparent: CALLER });
  const span = await serverSpan();
  const { traceId, spanId } = span.spanContext();
  t.equal(traceId, CALLER.slice(3, 35));
  t.match(span, { name: 'GET /things/:id', attributes: { 'http.response.status_code': 200 } });
  t.match(
    lines.map(({ msg, trace_id, tenant }) => ({ msg, trace_id, tenant })),
    ['incoming request', 'work', 'request completed'].map((msg) => ({
      msg,
      trace_id: traceId,
      tenant: 'mine',
    })),
  );
  t.match(lines[0], { span_id: spanId, trace_flags: '01' });
  t.strictSame(
    records.map((record) => record?.traceId),
    [traceId, traceId, traceId],
  );
  t.equal(records[0]?.spanId, spanId);
});

t.test('the incoming line of a path without a route is in its trace', async (t) => {
  const { get, serverSpan } = await start(t);
  const { lines } = await get('/nothing');
  t.equal(lines[0]?.trace_id, (await serverSpan()).spanContext().traceId);
});

t.test("a stranger's trace id is not that of the incoming line at a public edge", async (t) => {
  const { get, serverSpan } = await start(t, { tracing: { publicEdge: true } });
  const { lines } = await get('/things/1', { traceparent: CALLER });
  const { traceId } = (await serverSpan()).spanContext();
  t.not(traceId, CALLER.slice(3, 35));
  t.equal(lines[0]?.trace_id, traceId);
});

t.test("the incoming line of an unsampled request has the caller's trace id, with flags 00", async (t) => {
  const { get, telemetry } = await start(t, { telemetry: { sampler: samplerNamed('always_off') } });
  const { lines } = await get('/things/1', { traceparent: CALLER });
  t.match(lines[0], { msg: 'incoming request', trace_id: CALLER.slice(3, 35), trace_flags: '00' });
  t.same(telemetry.spans(), []);
});

t.test('an untraced request has lines without a trace, and no span', async (t) => {
  const { get, telemetry } = await start(t);
  const { lines, records } = await get('/health');
  t.match(lines[0], { msg: 'incoming request' });
  t.equal(lines[0]?.trace_id, undefined);
  t.equal(records[0], undefined);
  t.same(telemetry.spans(), []);
});

t.test('a request that an earlier hook answers later has a span with its status', async (t) => {
  const { get, serverSpan } = await start(t, {
    before: (app) =>
      app.addHook('onRequest', async (_request, reply) => {
        await new Promise(setImmediate);
        return reply.code(401).send('no');
      }),
  });
  const { lines } = await get('/things/1');
  const span = await serverSpan();
  t.equal(span.attributes['http.response.status_code'], 401);
  t.equal(lines[0]?.trace_id, span.spanContext().traceId);
});

t.test('the incoming line of a request of inject() is in its trace', async (t) => {
  const { app, lines, serverSpan } = await start(t);
  await app.inject('/things/1');
  const incoming = lines.find(({ msg }) => msg === 'incoming request');
  t.equal(incoming?.trace_id, (await serverSpan()).spanContext().traceId);
});

t.test('a request of inject() that an earlier hook answers has a span that ends', async (t) => {
  const { app, serverSpan } = await start(t, {
    before: (app) => app.addHook('onRequest', async (_request, reply) => reply.code(401).send('no')),
  });
  await app.inject('/things/1');
  t.equal((await serverSpan()).attributes['http.response.status_code'], 401);
});

t.test('the incoming line of a request over HTTP/2 is in its trace, whose span has the answer', async (t) => {
  const telemetry = createTestTelemetry();
  const lines: Line[] = [];
  const stream = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const app = fastify({ http2: true, logger: { mixin: logMixin, stream } });
  t.teardown(async () => {
    await app.close();
    await telemetry.shutdown();
  });
  await app.register(fastifyTracing);
  app.get('/', async () => 'ok');
  const client = connect(await app.listen({ host: '127.0.0.1', port: 0 }));
  await once(client.request({ ':path': '/' }).resume(), 'close');
  client.close();
  await until(() => telemetry.spans().length > 0);
  const [span] = telemetry.spans();
  t.match(span, { name: 'GET /', attributes: { 'http.response.status_code': 200 } });
  const incoming = lines.find(({ msg }) => msg === 'incoming request');
  t.equal(incoming?.trace_id, span?.spanContext().traceId);
});
