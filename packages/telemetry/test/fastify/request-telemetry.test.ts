import { diag, trace } from '@opentelemetry/api';
import t from 'tap';
import type { RequestTelemetry } from '../../src/fastify/request-telemetry.ts';
import { start } from './harness.ts';

const REMOTE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

t.test(
  'request.opentelemetry() has the span, a tracer for children, and what continues the trace',
  async (t) => {
    let handle: RequestTelemetry | undefined;
    const sent: Record<string, string> = {};
    const { url, serverSpan, telemetry } = await start(t, (app) => {
      app.get('/', async (request) => {
        handle = request.opentelemetry();
        handle.tracer.startSpan('child', {}, handle.context).end();
        handle.inject(sent);
        return 'ok';
      });
    });
    await fetch(url);
    const server = await serverSpan();
    const { traceId, spanId } = server.spanContext();
    t.equal(handle?.enabled, true);
    t.equal(handle?.span?.spanContext().spanId, spanId);
    t.equal(handle && trace.getSpan(handle.context), handle?.span);
    const child = telemetry.spans().find(({ name }) => name === 'child');
    t.equal(child?.parentSpanContext?.spanId, spanId);
    t.match(sent.traceparent, new RegExp(`^00-${traceId}-${spanId}-0`));
    const extracted = handle?.extract({ traceparent: REMOTE });
    t.match(extracted && trace.getSpanContext(extracted), { spanId: 'b7ad6b7169203331', isRemote: true });
  },
);

t.test('a request that is left out has no span, and sends nothing on', async (t) => {
  const handles: RequestTelemetry[] = [];
  const sent: Record<string, string> = {};
  const { url, telemetry } = await start(t, (app) => {
    app.get('/left-out', { config: { otel: false } }, async (request) => {
      const handle = request.opentelemetry();
      handles.push(handle);
      handle.inject(sent);
      handle.tracer.startSpan('child', {}, handle.context).end();
      return 'ok';
    });
  });
  await fetch(`${url}/left-out`);
  t.match(handles, [{ enabled: false, span: null }]);
  t.same(sent, {});
  t.same(telemetry.spans(), []);
});

t.test('requestHook puts attributes on the SERVER span of every traced request', async (t) => {
  const { url, serverSpan } = await start(
    t,
    (app) => {
      app.get('/things/:id', async () => 'ok');
      app.get('/health', async () => 'ok');
    },
    {
      tracing: {
        requestHook: (span, request) => span.setAttribute('thing.id', (request.params as { id: string }).id),
      },
    },
  );
  await fetch(`${url}/health`);
  await fetch(`${url}/things/7`);
  t.equal((await serverSpan()).attributes['thing.id'], '7');
});

t.test('a requestHook that throws is logged, and the request goes on', async (t) => {
  const errors: string[] = [];
  diag.setLogger({
    error: (message) => errors.push(message),
    warn() {},
    info() {},
    debug() {},
    verbose() {},
  });
  t.teardown(() => diag.disable());
  const { url, serverSpan } = await start(t, (app) => void app.get('/', async () => 'ok'), {
    tracing: {
      requestHook() {
        throw new Error('no tenant');
      },
    },
  });
  t.equal((await fetch(url)).status, 200);
  t.equal((await serverSpan()).attributes['http.response.status_code'], 200);
  t.match(errors, [/^The requestHook of fastifyTracing failed: Error: no tenant/]);
});
