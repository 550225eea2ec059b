import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import t from 'tap';
import { isLocal, tracePages } from '../../../src/guest/tests/pages.ts';
import { createTestTelemetry } from '../../../src/service/testing/test-telemetry.ts';

// Alone in its process: telemetry is registered.

t.test('addresses of this machine, and others that begin alike', async (t) => {
  const local = ['localhost', 'app.localhost:3000', '127.0.0.1:80', '127.9.8.7', '[::1]:4000'];
  for (const host of local) t.ok(isLocal(`http://${host}/a?b`), host);
  const others = ['127.0.0.1.example.com', 'localhost.example.com', 'mylocalhost', '10.0.0.1', '[::2]'];
  for (const host of others) t.notOk(isLocal(`https://${host}/localhost`), host);
  t.notOk(isLocal('about:blank'));
});

/** A browser that keeps what it was told. */
function browserOf(name: string) {
  const sent: [method: string, params: Record<string, unknown>][] = [];
  let pause: (paused: object) => void = () => {};
  const wrap = { _wrapApiCall: <R>(call: () => Promise<R>) => call() };
  const session = {
    ...wrap,
    on: (_event: string, listener: typeof pause) => (pause = listener),
    send: async (method: string, params: object) => void sent.push([method, { ...params }]),
  };
  const browser = {
    ...wrap,
    browserType: () => ({ name: () => name }),
    newBrowserCDPSession: async () => session,
  };
  return { browser, sent, pause: (request: object) => pause({ requestId: '1', request }) };
}

t.test('a request to this machine gets the headers of the attempt, unless it has its own', async (t) => {
  const telemetry = createTestTelemetry({ serviceName: 'unit' });
  t.teardown(() => telemetry.shutdown());
  const span = trace.getTracer('unit').startSpan('attempt');
  const others: string[] = [];
  let active: ReturnType<typeof trace.setSpan> | undefined = trace.setSpan(ROOT_CONTEXT, span);
  let listen: (context: object) => Promise<void> = async () => {};
  const addListener = (listener: { runAfterCreateBrowserContext: typeof listen }) => {
    listen = listener.runAfterCreateBrowserContext;
  };
  tracePages(
    { _instrumentation: { addListener } } as never,
    () => active,
    (name) => others.push(name),
  );
  const { browser, sent, pause } = browserOf('chromium');
  await listen({ browser: () => browser });
  await listen({ browser: () => browser });
  for (const name of ['firefox', 'webkit']) await listen({ browser: () => browserOf(name).browser });
  t.same(others, ['Firefox', 'WebKit']);
  t.same(
    sent.map(([method]) => method),
    ['Fetch.enable'],
    'once for each browser',
  );
  const headersOf = (url: string, headers: object) => {
    pause({ url, headers });
    return sent.at(-1)?.[1].headers as { name: string; value: string }[] | undefined;
  };
  const added = headersOf('http://127.0.0.1:80/', { cookie: 'a=1' });
  t.match(added, [{ name: 'cookie', value: 'a=1' }, { name: 'traceparent' }]);
  t.match(added?.[1]?.value, span.spanContext().traceId);
  t.equal(headersOf('http://localhost/', { Traceparent: 'own' }), undefined);
  t.equal(headersOf('http://localhost.example.com/', {}), undefined);
  active = undefined;
  t.equal(headersOf('http://localhost/', {}), undefined, 'between two attempts');
  span.end();
});

t.test('a library without its list of listeners is named', async (t) => {
  t.throws(() => tracePages({}, () => undefined, t.fail), /_instrumentation/);
});
