import { channel } from 'node:diagnostics_channel';
import { context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import type { SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import Fastify from 'fastify';
import type { Test } from 'tap';
import t from 'tap';
import { until } from '../../../test/helpers/until.ts';
import { leanEngine } from '../src/chosen/lean/engine.ts';
import { undiciChannels } from '../src/guest/node/undici.ts';
import type { Engine, Instrumentation } from '../src/index.ts';
import { activeTraceId, fastifyTracing, withSpan } from '../src/index.ts';
import { running } from '../src/process/running.ts';
import { createTestTelemetry } from '../src/service/testing/index.ts';
import { namesOf } from './readable-spans.ts';
import { startReceiver } from './receiver.ts';
import type { TestOptions } from './start-in.ts';
import { startIn } from './start-in.ts';

interface Line {
  readonly level: string;
  readonly fields: object;
  readonly message: string;
}

/** Starts telemetry with a log for the test. The end of the test shuts telemetry down. */
function start(t: Test, environment: Record<string, string>, options: TestOptions = {}) {
  const lines: Line[] = [];
  const write = (level: string) => (fields: object, message: string) =>
    void lines.push({ level, fields, message });
  const log = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  const telemetry = startIn(
    { DATA_DIR: t.testdir(), ...environment },
    { directory: import.meta.dirname, log, ...options },
  );
  t.teardown(() => telemetry.shutdown());
  return { telemetry, lines };
}

/** A processor of the host that sees each ended span. */
function processorOf(onEnd: SpanProcessor['onEnd']): SpanProcessor {
  return { onStart() {}, onEnd, async forceFlush() {}, async shutdown() {} };
}

// Alone in its process: a service starts telemetry once, and what it loaded keeps the tracers of that start.
const receiver = await startReceiver(t);
t.beforeEach(() => receiver.reset());
const toReceiver = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };

t.test('spans arrive with the resource that the environment gives', async (t) => {
  const { telemetry } = start(t, {
    ...toReceiver,
    OTEL_SERVICE_NAME: 'shop',
    OTEL_RESOURCE_ATTRIBUTES: 'service.name=loses,service.version=9.9,team=blue%20sky,host.name=mine',
    NODE_ENV: 'staging',
  });
  withSpan('work', { 'app.answer': 42 }, () => {});
  await telemetry.flush();
  const [span] = receiver.spans();
  t.match(span, { name: 'work', service: 'shop', attributes: { 'app.answer': 42 } });
  t.match(span?.resource, {
    'service.version': '9.9',
    'service.instance.id': /^[0-9a-f-]{36}$/,
    team: 'blue sky',
    'host.name': 'mine',
    'deployment.environment.name': 'staging',
    'process.pid': process.pid,
    'process.runtime.name': 'nodejs',
    'telemetry.sdk.language': 'nodejs',
  });
  t.notOk('process.command_args' in (span?.resource ?? {}), 'arguments may hold secrets');
});

t.test('TRACE_LEAN makes spans, also of outgoing requests, without the official packages', async (t) => {
  const scopes: string[] = [];
  const onEnd = processorOf(({ instrumentationScope }) => void scopes.push(instrumentationScope.name));
  const environment = { OTEL_TRACES_EXPORTER: 'none', TRACE_LEAN: 'true' };
  const isLean: boolean[] = [];
  const engine: Engine = {
    ...leanEngine,
    createProvider(options) {
      isLean.push(true);
      return leanEngine.createProvider(options);
    },
  };
  const instrumentations = [undiciChannels()];
  const { lines } = start(t, environment, { spanProcessors: [onEnd], engine, instrumentations });
  t.same(isLean, [true]);
  t.same(
    lines.filter(({ level }) => level === 'warn'),
    [],
  );
  await (await fetch(receiver.url, { method: 'POST' })).text();
  t.same(scopes, ['@tandem/telemetry']);
});

t.test('instrumentations are started in their order, after what they need, and stopped', async (t) => {
  const seen: string[] = [];
  const named =
    (name: string): Instrumentation =>
    ({ provider, loggerProvider, settings }) => {
      seen.push(
        `${name} of ${settings.service.name}: ${provider === undefined} ${loggerProvider === undefined}`,
      );
      return () => void seen.push(`${name} stops`);
    };
  const instrumentations = [named('first'), () => undefined, named('second')];
  for (const OTEL_SDK_DISABLED of ['false', 'true']) {
    const { telemetry } = start(
      t,
      { ...toReceiver, OTEL_SDK_DISABLED, OTEL_SERVICE_NAME: 'a' },
      { instrumentations },
    );
    await telemetry.shutdown();
    const isMissing = OTEL_SDK_DISABLED;
    t.same(seen.splice(0), [
      `first of a: ${isMissing} ${isMissing}`,
      `second of a: ${isMissing} ${isMissing}`,
      'first stops',
      'second stops',
    ]);
  }
});

t.test('an instrumentation that cannot be stopped is named, and the last spans are sent', async (t) => {
  const broken: Instrumentation = () => () => {
    throw new Error('cannot stop');
  };
  const { telemetry, lines } = start(t, toReceiver, { instrumentations: [broken] });
  withSpan('last', {}, () => {});
  await telemetry.shutdown();
  t.same(namesOf(receiver.spans()), ['last']);
  t.match(
    lines.filter(({ level }) => level === 'error'),
    [{ message: 'Telemetry did not stop cleanly', fields: { err: { message: 'cannot stop' } } }],
  );
});

t.test('an official instrumentation makes its spans until the shutdown', async (t) => {
  const requests = channel('undici:request:create');
  const { telemetry } = start(t, toReceiver, { instrumentations: [new UndiciInstrumentation()] });
  await withSpan('caller', {}, async () => (await fetch(receiver.url, { method: 'POST' })).text());
  await telemetry.shutdown();
  const spans = receiver.spans();
  t.same(namesOf(spans), ['POST', 'caller']);
  const [client, caller] = ['POST', 'caller'].map((name) => spans.find((span) => span.name === name));
  t.equal(client?.parentSpanId, caller?.spanId);
  t.notOk(requests.hasSubscribers, 'disabled by the shutdown');
  const notEnabled = new UndiciInstrumentation({ enabled: false });
  t.notOk(requests.hasSubscribers);
  start(t, toReceiver, { instrumentations: [notEnabled] });
  t.ok(requests.hasSubscribers, 'enabled by the start');
});

t.test('another start beside a running telemetry is left out, with a warning', async (t) => {
  const environment = { ...toReceiver, DATA_DIR: t.testdir() };
  const { telemetry, lines } = start(t, environment);
  lines.length = 0;
  const options = { directory: import.meta.dirname };
  t.equal(startIn(environment, options), telemetry, 'with equal settings and without a warning');
  t.same(lines, []);
  const others = { ...options, redactAttributes: ['user.id'], log: telemetry.log };
  t.equal(startIn(environment, others), telemetry);
  t.match(lines, [
    {
      level: 'warn',
      message: /^Telemetry runs already in this process, .* options: redactAttributes, log\. Start/,
    },
  ]);
});

t.test('variables that come after the start are named, without their values', async (t) => {
  const { telemetry, lines } = start(t, toReceiver);
  const late = { HONEYCOMB_API_KEY: 'hcaik_secret', OTEL_SERVICE_NAME: 'late' };
  const before = { ...process.env };
  t.teardown(() => {
    for (const name of Object.keys(late)) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  });
  Object.assign(process.env, late, { ANOTHER_NAME: 'x' });
  lines.length = 0;
  await telemetry.shutdown();
  const warnings = lines.filter(({ level }) => level === 'warn');
  t.equal(warnings.length, 1);
  t.match(
    warnings[0]?.message,
    /^Telemetry had started when OTEL_SERVICE_NAME, HONEYCOMB_API_KEY got a value/,
  );
  t.match(warnings[0]?.message, '--import dotenv/config --import @tandem/telemetry/register');
  t.notMatch(JSON.stringify(lines), 'secret');
});

t.test('after the end of telemetry another start can be', async (t) => {
  const { telemetry } = start(t, toReceiver);
  t.equal(running.value, telemetry);
  await Promise.all([telemetry.shutdown(), telemetry.shutdown()]);
  t.equal(running.value, undefined);
  t.notOk(withSpan('nobody looks', {}, (span) => span.isRecording()));

  const { telemetry: second, lines } = start(t, toReceiver);
  withSpan('seen', {}, () => {});
  await second.shutdown();
  t.match(lines, [{ message: /^Telemetry of telemetry: / }, { message: /^Telemetry ended\. .* 1 sent/ }]);
  t.strictSame(namesOf(receiver.spans()), ['seen']);
});

t.test('a shutdown takes every listener of the process back', async (t) => {
  const EVENTS = ['exit', 'uncaughtExceptionMonitor', 'SIGTERM', 'SIGINT'];
  const counts = () => EVENTS.map((event) => process.listenerCount(event));
  const before = counts();
  const { telemetry } = start(t, toReceiver);
  t.strictSame(
    counts(),
    before.map((count) => count + 1),
  );
  await telemetry.shutdown();
  t.strictSame(counts(), before);
});

t.test('OTEL_SDK_DISABLED: no spans, no headers, one line', async (t) => {
  const { telemetry, lines } = start(t, { ...toReceiver, OTEL_SDK_DISABLED: 'true' });
  t.notOk(withSpan('work', {}, (span) => span.isRecording()));
  const carrier = {};
  propagation.inject(ROOT_CONTEXT, carrier);
  t.strictSame(carrier, {});
  await telemetry.flush();
  await telemetry.shutdown();
  t.match(telemetry.counters(), { spans: { destinations: [] } });
  t.equal(running.value, undefined);
  t.strictSame(lines, [
    {
      level: 'info',
      fields: {},
      message: 'Tracing is off: OTEL_SDK_DISABLED=true. The context of callers goes on.',
    },
  ]);
  t.strictSame(receiver.spans(), []);
});

t.test(
  'OTEL_SDK_DISABLED: the context of a caller goes through the service and on, as it came',
  async (t) => {
    for (const lean of ['true', 'false']) {
      const environment = { ...toReceiver, OTEL_SDK_DISABLED: 'true', TRACE_LEAN: lean };
      const { telemetry } = start(t, environment);
      const app = Fastify();
      t.teardown(() => app.close());
      await app.register(fastifyTracing);
      app.get('/api/in', async (request) => {
        const answer = await fetch(`${request.protocol}://${request.host}/out`);
        return { sent: await answer.json(), traceId: activeTraceId() };
      });
      app.get('/out', { config: { otel: false } }, async ({ headers }) => headers);
      const address = await app.listen({ port: 0, host: '127.0.0.1' });
      const ask = async (headers: Record<string, string>) => {
        const answer = await app.inject({ url: '/api/in', headers: { host: address.slice(7), ...headers } });
        return { answer, ...answer.json<{ sent: Record<string, string>; traceId: string }>() };
      };

      const traceId = 'a'.repeat(32);
      for (const flags of ['00', '01', '03']) {
        const headers = {
          traceparent: `00-${traceId}-${'b'.repeat(16)}-${flags}`,
          tracestate: 'vendor=1',
          baggage: 'user.id=42',
        };
        const { answer, sent, traceId: seen } = await ask(headers);
        t.match(sent, headers, `flags ${flags}`);
        t.equal(seen, traceId, 'log lines and error answers name the trace of the caller');
        t.notOk(answer.headers.traceresponse, 'there is no span of this service to look for');
      }
      const { sent } = await ask({ baggage: 'user.id=42' });
      t.equal(sent.baggage, 'user.id=42');
      t.notOk(sent.traceparent, 'no trace is begun');
      await telemetry.shutdown();
      t.notMatch((await ask({ baggage: 'user.id=42' })).sent, { baggage: /./ }, 'after its end nothing is');
      await app.close();
    }
    t.strictSame(receiver.requests, []);
  },
);

t.test('each malformed OTEL_* value is a warning, and spans arrive', async (t) => {
  const { telemetry, lines } = start(t, {
    ...toReceiver,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_SDK_DISABLED: '1',
    OTEL_TRACES_SAMPLER: 'sometimes',
    OTEL_PROPAGATORS: 'pigeon',
    OTEL_TRACES_EXPORTER: 'zipkin',
    OTEL_BSP_MAX_QUEUE_SIZE: 'large',
  });
  withSpan('work', {}, () => {});
  await telemetry.flush();
  t.match(receiver.spans(), [{ name: 'work' }]);
  const warnings = lines.filter(({ level }) => level !== 'info').map(({ message }) => message);
  t.equal(warnings.length, 6, warnings.join('\n'));
  for (const warning of warnings)
    t.match(warning, /^(?:OpenTelemetry: )?OTEL_\w+ .*(?: is used instead|defaulting)/);
});

t.test('attributes that are listed leave the process without their values', async (t) => {
  const seen: unknown[] = [];
  const environment = {
    ...toReceiver,
    OTEL_TRACES_EXPORTER: 'otlp,console',
    OTEL_RESOURCE_ATTRIBUTES: 'team.secret=hunter2,team.name=blue',
    TRACE_REDACT_ATTRIBUTES: 'http.request.header.*, exception.message,team.secret,late',
    TRACE_BAGGAGE_ATTRIBUTES: 'user.id',
  };
  const onEnd = processorOf((span) => {
    seen.push({ ...span.attributes });
    span.attributes.late = 'hunter2';
  });
  const { telemetry, lines } = start(t, environment, {
    redactAttributes: ['user.id', 'app.list'],
    spanProcessors: [onEnd],
  });
  const baggage = propagation.createBaggage({ 'user.id': { value: 'hunter2' } });
  context.with(propagation.setBaggage(ROOT_CONTEXT, baggage), () =>
    withSpan('work', { 'http.request.header.authorization': ['hunter2'], 'app.kept': 'kept' }, (span) => {
      span.setAttribute('app.list', ['hunter2', 'hunter2']);
      span.recordException(new Error('hunter2'));
      span.addEvent('event', { 'user.id': 'hunter2', 'app.kept': 'kept' });
      span.addLink({ context: span.spanContext(), attributes: { 'user.id': 'hunter2' } });
    }),
  );
  await telemetry.flush();
  const [span] = receiver.spans();
  t.strictSame(span?.attributes, {
    'http.request.header.authorization': 'REDACTED',
    'app.kept': 'kept',
    'user.id': 'REDACTED',
    'app.list': 'REDACTED',
    late: 'REDACTED',
  });
  t.match(span?.events, [
    { name: 'exception', attributes: { 'exception.type': 'Error', 'exception.message': 'REDACTED' } },
    { name: 'event', attributes: { 'user.id': 'REDACTED', 'app.kept': 'kept' } },
  ]);
  t.match(span?.resource, { 'team.secret': 'REDACTED', 'team.name': 'blue' });
  const bytes = Buffer.concat(receiver.requests.map(({ body }) => body)).toString('latin1');
  t.equal(bytes.split('hunter2').length - 1, 1, 'in the stack of the exception alone, which is not listed');
  await telemetry.shutdown();
  t.notMatch(JSON.stringify(seen), 'hunter2', 'processors of the host see what is exported');
  t.notMatch(JSON.stringify(lines), 'hunter2');
});

t.test('credentials that a backend echoes are in no line and no counter', async (t) => {
  const password = 'pa55word-of-ingest';
  const path = 'ZaVnC4dhaV0_WcDyMhB9xyz';
  const basic = Buffer.from(`ingest:${password}`).toString('base64');
  const said = `${password} ${basic} token-0123456789 ${path}`;
  const headers = { 'content-type': 'application/json' };
  const echo = await startReceiver(t, { status: 401, headers, body: JSON.stringify({ error: said }) });
  const { telemetry, lines } = start(t, {
    OTEL_EXPORTER_OTLP_ENDPOINT: `${echo.url}/${path}`,
    OTEL_EXPORTER_OTLP_HEADERS: `authorization=Basic%20${basic},x-token=Bearer%20token-0123456789`,
  });
  withSpan('work', {}, () => {}); // the timer sends the span
  await until(() => lines.some(({ message }) => message.startsWith('Spans did not reach')));
  const counters = JSON.stringify(telemetry.counters());
  await telemetry.shutdown();
  const logged = JSON.stringify(lines) + counters;
  for (const secret of [password, basic, 'token-0123456789', path]) t.notMatch(logged, secret);
});

t.test('an older tracer provider is replaced', async (t) => {
  trace.setGlobalTracerProvider(new NodeTracerProvider());
  const { telemetry } = start(t, toReceiver);
  withSpan('ours', {}, () => {});
  await telemetry.shutdown();
  t.equal(receiver.spans().length, 1);
});

t.test('an SDK of the app, which starts later, is no error in the log', async (t) => {
  const { lines } = start(t, { OTEL_TRACES_EXPORTER: 'none', OTEL_LOG_LEVEL: 'info' });
  lines.length = 0;
  new NodeTracerProvider().register();
  t.same(lines, []);
});

t.test('a TRACEPARENT that is not sampled is named, unless the sampler passes over it', async (t) => {
  const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00';
  for (const [settings, count] of [
    [{}, 1],
    [{ OTEL_TRACES_SAMPLER: 'always_on' }, 0],
  ] as const) {
    const { lines, telemetry } = start(t, { OTEL_TRACES_EXPORTER: 'none', TRACEPARENT, ...settings });
    const warnings = lines.filter(({ message }) => message.startsWith('TRACEPARENT ends in -00'));
    t.equal(warnings.length, count);
    await telemetry.shutdown();
  }
});

t.test('running telemetry leaves the process to test telemetry, and sends what it has', async (t) => {
  const { telemetry } = start(t, toReceiver);
  withSpan('before', {}, () => {});
  const own = createTestTelemetry();
  withSpan('own', {}, () => {});
  t.same(
    own.spans().map(({ name }) => name),
    ['own'],
  );
  await telemetry.shutdown();
  withSpan('after', {}, () => {});
  t.same(
    own.spans().map(({ name }) => name),
    ['own', 'after'],
  );
  await own.shutdown();
  t.same(
    receiver.spans().map(({ name }) => name),
    ['before'],
  );
});
