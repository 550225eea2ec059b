import { Writable } from 'node:stream';
import { Pool as Pool6, RetryAgent as RetryAgent6 } from 'undici-6';
import type { Dispatcher } from 'undici-7';
import { Pool } from 'undici-7';
import { withResendCount, withSpan } from '../../../src/index.ts';
import { testUndici } from '../http/client-harness.ts';

// Alone in its process: telemetry is registered for all tests.

const CALLERS = ['a', 'b', 'c'];
const CALLS = 4;
const FEW = { connections: 2 };

type Call = (path: string) => Promise<unknown>;

/** Ways to call whose handlers know their context. In undici 7, the handler of a retry hides the caller's. */
const KINDS: Readonly<Record<string, (origin: string) => readonly [{ destroy(): unknown }, Call]>> = {
  request(origin) {
    const pool = new Pool(origin, FEW);
    return [pool, async (path) => (await pool.request({ path, method: 'GET' })).body.text()];
  },
  stream(origin) {
    const pool = new Pool(origin, FEW);
    const sink = () => new Writable({ write: (_chunk, _encoding, done) => done() });
    return [pool, (path) => pool.stream({ path, method: 'GET' }, sink)];
  },
  pipeline(origin) {
    const pool = new Pool(origin, FEW);
    const read = (path: string) => pool.pipeline({ path, method: 'GET' }, ({ body }) => body);
    return [pool, async (path) => read(path).end().toArray()];
  },
  'RetryAgent of undici 6'(origin) {
    const agent = new RetryAgent6(new Pool6(origin, FEW));
    return [agent, async (path) => (await agent.request({ origin, path, method: 'GET' })).body.text()];
  },
};

// As in a bundle, and in a service with `registerTelemetry`: undici's `dispatch` is its own.
for (const [kind, open] of Object.entries(KINDS))
  testUndici(`a queued call by ${kind} is in the trace of its caller`, async (t, start) => {
    const { url, received, spans } = await start(t);
    const [dispatcher, call] = open(url);
    t.teardown(() => dispatcher.destroy());
    const all = CALLERS.map((of) =>
      withSpan(of, {}, () => Promise.all(Array.from({ length: CALLS }, () => call(`/${of}`)))),
    );
    await Promise.all(all);
    const ended = await spans(CALLERS.length * (1 + CALLS));
    const clients = ended.filter(({ name }) => name === 'GET');
    for (const { parentSpanContext: of, attributes } of clients) {
      const parent = ended.find((span) => span.spanContext().spanId === of?.spanId);
      t.equal(`/${parent?.name}`, attributes['url.path']);
    }
    for (const { url, headers } of received) {
      const sender = clients.find((span) => headers.traceparent?.includes(span.spanContext().spanId));
      t.equal(sender?.attributes['url.path'], url, 'traceparent names its own span');
    }
  });

testUndici('an interceptor’s context within the caller’s is kept', async (t, start) => {
  const { url, spans } = await start(t);
  const pool = new Pool(url, FEW);
  t.teardown(() => pool.destroy());
  const counting =
    (dispatch: Dispatcher['dispatch']): Dispatcher['dispatch'] =>
    (...args) =>
      withResendCount(1, () => dispatch(...args));
  const composed = pool.compose(counting);
  await withSpan('caller', {}, async () =>
    (await composed.request({ path: '/', method: 'GET' })).body.text(),
  );
  const [call] = await spans(2);
  t.equal(call?.attributes['http.request.resend_count'], 1);
});
