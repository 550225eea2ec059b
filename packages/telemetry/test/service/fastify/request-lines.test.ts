import { once } from 'node:events';
import { connect } from 'node:http2';
import { emptyResource } from '@opentelemetry/resources';
import { InMemoryLogRecordExporter, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import type { FastifyInstance, FastifyServerOptions } from 'fastify';
import type { Test } from 'tap';
import t from 'tap';
import { until } from '../../../../../test/helpers/until.ts';
import { logMixin, pino, withSpan } from '../../../src/index.ts';
import { startLogs, stopLogs } from '../../../src/road/logs/start-logs.ts';
import { samplerNamed } from '../../engines.ts';
import { instrumentationParts } from '../../instrumentation-parts.ts';
import type { Harness, HarnessOptions } from './harness.ts';
import { start } from './harness.ts';

const CALLER = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

interface Line {
  readonly msg: string;
  readonly trace_id?: string;
  readonly span_id?: string;
  readonly trace_flags?: string;
  readonly tenant?: string;
}

/** A service with Fastify's own request lines. */
async function startLogged(t: Test, options: HarnessOptions = {}) {
  const lines: Line[] = [];
  const exporter = new InMemoryLogRecordExporter();
  const processors = [new SimpleLogRecordProcessor({ exporter })];
  const loggerProvider = startLogs(emptyResource(), processors);
  const stopLines = pino()(instrumentationParts({ loggerProvider }));
  t.teardown(() => {
    stopLines?.();
    stopLogs();
  });
  const server: FastifyServerOptions = {
    logger: { mixin: logMixin, stream: { write: (line) => void lines.push(JSON.parse(line)) } },
    childLoggerFactory: (logger, bindings, options) =>
      logger.child({ ...bindings, tenant: 'mine' }, options ?? {}),
    ...options.server,
  };
  const addRoutes = (app: FastifyInstance) => {
    app.get('/things/:id', async (request) => withSpan('work', {}, () => request.log.info('work')));
    app.get('/health', async () => 'ok');
  };
  const harness = await start(t, addRoutes, { ...options, server });
  lines.length = 0; // without the line of the start
  exporter.reset();
  return {
    ...harness,
    get: (path: string, headers = {}) => get(harness, path, headers),
    /** The lines of the request, and the span contexts of their log records. */
    async logged() {
      await until(() => lines.some(({ msg }) => msg === 'request completed'));
      return { lines, records: exporter.getFinishedLogRecords().map(({ spanContext }) => spanContext) };
    },
  };
}

async function get({ url }: Pick<Harness, 'url'>, path: string, headers = {}): Promise<void> {
  await (await fetch(url + path, { headers })).text();
}

t.test("all of Fastify's lines of a request are in its trace, the first one too", async (t) => {
  const { get, logged, serverSpan } = await startLogged(t);
  await get('/things/1', { traceparent: CALLER });
  const { traceId, spanId } = (await serverSpan()).spanContext();
  t.equal(traceId, CALLER.slice(3, 35));
  const { lines, records } = await logged();
  t.match(
    lines,
    ['incoming request', 'work', 'request completed'].map((msg) => ({
      msg,
      trace_id: traceId,
      tenant: 'mine',
    })),
  );
  t.match(lines[0], { span_id: spanId, trace_flags: '01' });
  t.match(records, [{ traceId, spanId }, { traceId }, { traceId }]);
});

interface Case extends HarnessOptions {
  readonly ask: (harness: Harness) => Promise<unknown>;
  readonly status: number;
}

const CASES: Readonly<Record<string, Case>> = {
  'a path without a route': { ask: (server) => get(server, '/nothing'), status: 404 },
  "a stranger's request at a public edge": {
    ask: (server) => get(server, '/things/1', { traceparent: CALLER }),
    tracing: { publicEdge: true },
    status: 200,
  },
  'a request that an earlier hook answers later': {
    ask: (server) => get(server, '/things/1'),
    before: (app) =>
      app.addHook('onRequest', async (_request, reply) => {
        await new Promise(setImmediate);
        return reply.code(401).send('no');
      }),
    status: 401,
  },
  'a request of inject()': { ask: ({ app }) => app.inject('/things/1'), status: 200 },
  'a request of inject() that an earlier hook answers': {
    ask: ({ app }) => app.inject('/things/1'),
    before: (app) => app.addHook('onRequest', async (_request, reply) => reply.code(401).send('no')),
    status: 401,
  },
  'a request over HTTP/2': {
    async ask({ url }) {
      const client = connect(url);
      await once(client.request({ ':path': '/things/1' }).resume(), 'close');
      client.close();
    },
    server: { http2: true } as FastifyServerOptions,
    status: 200,
  },
};

for (const [what, { ask, status, ...options }] of Object.entries(CASES))
  t.test(`the incoming line of ${what} is in its trace, whose span has the answer`, async (t) => {
    const { logged, serverSpan, ...harness } = await startLogged(t, options);
    await ask({ ...harness, serverSpan });
    const span = await serverSpan();
    t.equal(span.attributes['http.response.status_code'], status);
    const { traceId } = span.spanContext();
    t.not(traceId, CALLER.slice(3, 35));
    t.match((await logged()).lines[0], { msg: 'incoming request', trace_id: traceId });
  });

t.test("the incoming line of an unsampled request has the caller's trace id, with flags 00", async (t) => {
  const sampler = samplerNamed('always_off');
  const { get, logged, telemetry } = await startLogged(t, { telemetry: { sampler } });
  await get('/things/1', { traceparent: CALLER });
  const { lines } = await logged();
  t.match(lines[0], { msg: 'incoming request', trace_id: CALLER.slice(3, 35), trace_flags: '00' });
  t.same(telemetry.spans(), []);
});

t.test('an untraced request has lines without a trace, and no span', async (t) => {
  const { get, logged, telemetry } = await startLogged(t);
  await get('/health');
  const { lines, records } = await logged();
  t.match(lines[0], { msg: 'incoming request', trace_id: undefined });
  t.equal(records[0], undefined);
  t.same(telemetry.spans(), []);
});
