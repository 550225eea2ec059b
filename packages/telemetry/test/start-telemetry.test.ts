import { propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { Test } from 'tap';
import t from 'tap';
import { startOtlpReceiver } from '../../../test/helpers/otlp-receiver.ts';
import { withSpan } from '../src/index.ts';
import { runningTelemetry, startTelemetry } from '../src/start-telemetry.ts';

interface Line {
  readonly level: string;
  readonly fields: object;
  readonly message: string;
}

/** Starts telemetry with a log that can be looked at; it is shut down with the test at the latest. */
function start(t: Test, environment: Record<string, string>) {
  const lines: Line[] = [];
  const write = (level: string) => (fields: object, message: string) =>
    void lines.push({ level, fields, message });
  const log = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  const telemetry = startTelemetry({
    environment: { DATA_DIR: t.testdir(), ...environment },
    directory: import.meta.dirname,
    log,
  });
  t.teardown(() => telemetry.shutdown());
  return { telemetry, lines };
}

const receiver = await startOtlpReceiver();
t.teardown(() => receiver.close());
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

t.test('TRACE_STOCK_EXPORTER sends the same spans with the exporter of OpenTelemetry', async (t) => {
  const { telemetry } = start(t, { ...toReceiver, OTEL_SERVICE_NAME: 'shop', TRACE_STOCK_EXPORTER: 'true' });
  withSpan('work', { 'app.answer': 42 }, () => {});
  await telemetry.flush();
  t.match(receiver.spans(), [{ name: 'work', service: 'shop', attributes: { 'app.answer': 42 } }]);
  t.match(receiver.requests[0]?.headers['user-agent'], /^OTel-OTLP-Exporter-JavaScript/);
});

t.test(
  'TRACE_LEAN_HTTP_CLIENT makes the spans of outgoing requests without the instrumentation',
  async (t) => {
    const scopes: string[] = [];
    const telemetry = startTelemetry({
      environment: { DATA_DIR: t.testdir(), OTEL_TRACES_EXPORTER: 'none', TRACE_LEAN_HTTP_CLIENT: 'true' },
      directory: import.meta.dirname,
      log: { debug() {}, info() {}, warn() {}, error() {} },
      spanProcessors: [
        {
          onStart() {},
          onEnd: ({ instrumentationScope }) => void scopes.push(instrumentationScope.name),
          async forceFlush() {},
          async shutdown() {},
        },
      ],
    });
    t.teardown(() => telemetry.shutdown());
    await (await fetch(receiver.url, { method: 'POST' })).text();
    t.same(scopes, ['@tandem/telemetry']);
  },
);

t.test('a second start is refused while the first one runs; after its end another one can', async (t) => {
  const { telemetry } = start(t, toReceiver);
  t.equal(runningTelemetry(), telemetry);
  t.throws(() => start(t, toReceiver), { message: /runs already in this process: start it once/ });
  await Promise.all([telemetry.shutdown(), telemetry.shutdown()]);
  t.equal(runningTelemetry(), undefined);
  t.notOk(withSpan('nobody looks', {}, (span) => span.isRecording()));

  const { telemetry: second } = start(t, toReceiver);
  withSpan('seen', {}, () => {});
  await second.shutdown();
  t.strictSame(
    receiver.spans().map(({ name }) => name),
    ['seen'],
  );
});

t.test('OTEL_SDK_DISABLED: no spans, no headers, one line', async (t) => {
  const { telemetry, lines } = start(t, { ...toReceiver, OTEL_SDK_DISABLED: 'true' });
  t.notOk(withSpan('work', {}, (span) => span.isRecording()));
  const carrier = {};
  propagation.inject(ROOT_CONTEXT, carrier);
  t.strictSame(carrier, {});
  await telemetry.flush();
  await telemetry.shutdown();
  t.equal(telemetry.spillSync(), 0);
  t.equal(telemetry.metrics(), '');
  t.equal(runningTelemetry(), undefined);
  t.strictSame(lines, [{ level: 'info', fields: {}, message: 'Tracing is off: OTEL_SDK_DISABLED=true' }]);
  t.strictSame(receiver.spans(), []);
});

t.test('what it cannot start with is said before anything is registered', async (t) => {
  t.throws(() => start(t, { OTEL_TRACES_SAMPLER: 'sometimes' }), { name: 'SettingsError' });
  t.throws(() => start(t, { OTEL_PROPAGATORS: 'pigeon' }), { name: 'SettingsError' });
  t.equal(runningTelemetry(), undefined);
  t.notOk(withSpan('work', {}, (span) => span.isRecording()));
});

t.test('a line at its start and one at its end, with what became of the spans', async (t) => {
  const { telemetry, lines } = start(t, toReceiver);
  withSpan('work', {}, () => {});
  await telemetry.shutdown();
  t.match(lines, [
    {
      level: 'info',
      fields: { event: 'telemetry.self' },
      message: /^Telemetry of telemetry: spans go to .* Not default: .* Honeycomb: no key\./,
    },
    {
      level: 'info',
      fields: { event: 'telemetry.end', telemetry: { destinations: [{ ended: 1, exported: 1 }] } },
      message: 'Telemetry ended. Spans for otlp: 1 sent, 0 kept on disk for the next start, 0 lost.',
    },
  ]);
  t.equal(lines.length, 2);
});

t.test('a process without spans has no line at its end', async (t) => {
  const { telemetry, lines } = start(t, toReceiver);
  await telemetry.shutdown();
  t.equal(lines.length, 1);
});

t.test('spans that no backend took are kept, and losses are a warning', async (t) => {
  const nowhere = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' };
  const { telemetry, lines } = start(t, nowhere);
  withSpan('kept', {}, () => {});
  await telemetry.shutdown();
  t.match(lines.at(-1), { level: 'info', message: '0 sent, 1 kept on disk for the next start, 0 lost' });

  const { telemetry: second, lines: secondLines } = start(t, toReceiver);
  withSpan('lost baggage', {}, () => {
    propagation.extract(ROOT_CONTEXT, { baggage: 'malformed' });
  });
  await second.shutdown();
  t.match(secondLines.at(-1), { level: 'warn', message: 'Baggage members not carried: 1 (malformed 1).' });
});

t.test('the metrics count what became of the spans, and say why exports fail', async (t) => {
  const { telemetry } = start(t, toReceiver);
  withSpan('work', {}, () => {});
  await telemetry.flush();
  propagation.extract(ROOT_CONTEXT, { baggage: 'malformed' });
  t.match(telemetry.metrics(), /^otel_sdk_exporter_span_exported_total\{destination="otlp"\} 1$/m);
  t.match(telemetry.metrics(), /^tandem_baggage_members_dropped_total\{reason="malformed"\} 1$/m);
  t.notMatch(telemetry.metrics(), 'last_error');
  await telemetry.shutdown();

  const { telemetry: failing } = start(t, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' });
  withSpan('work', {}, () => {});
  await failing.flush();
  t.match(
    failing.metrics(),
    /^otel_sdk_exporter_last_error_timestamp_seconds\{destination="otlp",message=".*nothing listens on 127\.0\.0\.1:1.*"\} \d/m,
  );
});

t.test('a tracer provider that somebody registered before is replaced, and said to be there', async (t) => {
  trace.setGlobalTracerProvider(new NodeTracerProvider());
  const { telemetry, lines } = start(t, toReceiver);
  t.match(lines[1], {
    level: 'warn',
    message: /^Another tracer provider was registered before .* Start one of the two/,
  });
  withSpan('ours', {}, () => {});
  await telemetry.shutdown();
  t.equal(receiver.spans().length, 1);
});

t.test('a propagator that nobody sends is said once', async (t) => {
  const { lines } = start(t, { ...toReceiver, OTEL_PROPAGATORS: 'b3' });
  const headers = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` };
  for (let count = 0; count < 250; count++) propagation.extract(ROOT_CONTEXT, headers);
  const warnings = lines.filter(({ level }) => level === 'warn');
  t.match(warnings, [{ message: /OTEL_PROPAGATORS=b3 reads: .* Set OTEL_PROPAGATORS=tracecontext,b3/ }]);
  t.equal(warnings.length, 1);
});

t.test('undici that was loaded before makes spans all the same', async (t) => {
  const { request } = await import('undici');
  const { telemetry } = start(t, toReceiver);
  receiver.reset();
  await (await request(`${receiver.url}/v1/other`, { method: 'POST', body: '' })).body.dump();
  await telemetry.flush();
  t.match(receiver.spans(), [{ name: 'POST', kind: 'CLIENT' }]);
});
