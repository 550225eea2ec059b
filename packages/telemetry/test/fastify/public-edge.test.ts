import { context, propagation, trace } from '@opentelemetry/api';
import { AlwaysOffSampler, AlwaysOnSampler } from '@opentelemetry/sdk-trace';
import t from 'tap';
import { createSampler } from '../../src/sdk/sampler.ts';
import { exchange, start } from './harness.ts';

const traceId = 'a'.repeat(32);
const spanId = 'b'.repeat(16);
const BAGGAGE = 'user.id=admin,tandem.scenario=x';

t.test(
  'at the public edge a stranger’s context is a link of a new trace, and its baggage is nothing',
  async (t) => {
    const seen: unknown[] = [];
    const { app, url, serverSpans } = await start(
      t,
      (app) => {
        app.get('/api/a', async (request) => {
          const carrier: Record<string, string> = {};
          request.opentelemetry().inject(carrier);
          seen.push(propagation.getBaggage(context.active()), carrier.baggage, carrier.tracestate);
          return 'ok';
        });
      },
      { tracing: { publicEdge: true } },
    );
    for (const flags of ['00', '01', '03']) {
      const headers = {
        traceparent: `00-${traceId}-${spanId}-${flags}`,
        tracestate: 'ot=th:0',
        baggage: BAGGAGE,
      };
      const answer = await fetch(`${url}/api/a`, { headers });
      t.notMatch(answer.headers.get('traceresponse'), traceId, 'the new trace is what can be looked up');
    }
    await fetch(`${url}/api/a`, { headers: { baggage: BAGGAGE } });
    await app.inject({ url: '/api/a', headers: { traceparent: 'nonsense' } });

    const spans = await serverSpans(5);
    for (const span of spans) {
      t.equal(span.parentSpanContext, undefined, 'a root');
      t.not(span.spanContext().traceId, traceId);
    }
    t.match(
      spans.map(({ links }) =>
        links.map(({ context }) => [context.traceId, context.spanId, context.traceFlags]),
      ),
      [[[traceId, spanId, 0]], [[traceId, spanId, 1]], [[traceId, spanId, 3]], [], []],
    );
    t.strictSame(seen, Array.from({ length: 5 }, () => [undefined, undefined, undefined]).flat());
  },
);

t.test('at the public edge the process decides what is sampled, not the stranger', async (t) => {
  for (const [root, flag, expected] of [
    [new AlwaysOffSampler(), '01', 0],
    [new AlwaysOnSampler(), '00', 1],
    [createSampler('parentbased_always_off'), '01', 0],
    [createSampler('parentbased_always_on'), '00', 1],
    [createSampler('parentbased_consistent_probability', '0'), '01', 0],
  ] as const) {
    await t.test(`${root}, caller says ${flag}`, async (t) => {
      let flags: number | undefined;
      const { port } = await start(
        t,
        (app) => {
          app.get('/a', async () => {
            flags = trace.getActiveSpan()?.spanContext().traceFlags;
            return 'ok';
          });
        },
        { tracing: { publicEdge: true }, telemetry: { sampler: root } },
      );
      await exchange(
        port,
        `GET /a HTTP/1.1\r\nhost: a\r\ntraceparent: 00-${traceId}-${spanId}-${flag}\r\nconnection: close\r\n\r\n`,
      );
      t.equal(flags, expected);
    });
  }
});

t.test('what the router answers itself is a new trace, too', async (t) => {
  const { port, serverSpan } = await start(t, () => {}, { tracing: { publicEdge: true } });
  await exchange(
    port,
    `GET /%zz HTTP/1.1\r\nhost: a\r\ntraceparent: 00-${traceId}-${spanId}-01\r\nconnection: close\r\n\r\n`,
  );
  const span = await serverSpan();
  t.not(span.spanContext().traceId, traceId);
  t.match(span.links, [{ context: { traceId } }]);
});
