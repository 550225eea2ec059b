import { context, propagation, trace } from '@opentelemetry/api';
import { AlwaysOffSampler, AlwaysOnSampler } from '@opentelemetry/sdk-trace-base';
import type { FastifyInstance } from 'fastify';
import t from 'tap';
import { formatTraceparent } from '../../../src/road/http/traceparent.ts';
import type { RequestTelemetry } from '../../../src/service/fastify/request-telemetry.ts';
import { samplerNamed } from '../../engines.ts';
import { start } from './harness.ts';

t.test('public edge', async (t) => {
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

  t.test('at the public edge the process decides about sampling, not the caller', async (t) => {
    const answerFlags = (app: FastifyInstance) =>
      void app.get('/', async () => ({ flags: trace.getActiveSpan()?.spanContext().traceFlags }));
    for (const [sampler, flag, flags] of [
      [new AlwaysOffSampler(), '01', 0],
      [new AlwaysOnSampler(), '00', 1],
      [samplerNamed('parentbased_always_off'), '01', 0],
      [samplerNamed('parentbased_always_on'), '00', 1],
      [samplerNamed('parentbased_consistent_probability', '0'), '01', 0],
    ] as const) {
      await t.test(`${sampler}, caller says ${flag}`, async (t) => {
        const options = { tracing: { publicEdge: true }, telemetry: { sampler } };
        const { url } = await start(t, answerFlags, options);
        const headers = { traceparent: `00-${traceId}-${spanId}-${flag}` };
        t.same(await (await fetch(url, { headers })).json(), { flags });
      });
    }
  });

  t.test("at the public edge the router's own answers are new traces too", async (t) => {
    const { url, serverSpan } = await start(t, () => {}, { tracing: { publicEdge: true } });
    await fetch(`${url}/%zz`, { headers: { traceparent: `00-${traceId}-${spanId}-01` } });
    const span = await serverSpan();
    t.not(span.spanContext().traceId, traceId);
    t.match(span.links, [{ context: { traceId } }]);
  });
});

t.test('request.opentelemetry()', async (t) => {
  const REMOTE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

  t.test('request.opentelemetry() has the span, a tracer for children, inject and extract', async (t) => {
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
  });

  t.test('an onRequest hook of the service can put attributes on the SERVER span', async (t) => {
    const { url, serverSpan } = await start(t, (app) => {
      app.addHook('onRequest', async (request) => {
        request.opentelemetry().span?.setAttribute('tenant', request.hostname);
      });
      app.get('/health', async () => 'ok');
      app.get('/things', async () => 'ok');
    });
    await fetch(`${url}/health`);
    await fetch(`${url}/things`);
    t.equal((await serverSpan()).attributes.tenant, '127.0.0.1');
  });
});

t.test('trace response', async (t) => {
  t.test('every response of /api/*, and a 404 without a route, has the ids of its trace', async (t) => {
    const { url, serverSpans } = await start(t, (app) => {
      for (const path of ['/api/ok', '/apis', '/health/live']) app.get(path, async () => 'ok');
      app.get('/api/fails', () => Promise.reject(new Error('no')));
      const params = { type: 'object', properties: { id: { type: 'integer' } } };
      app.get('/api/rejected/:id', { schema: { params } }, async () => 'ok');
    });
    const paths = ['/api/ok', '/api/fails', '/api/rejected/x', '/api/nowhere', '/nowhere'];
    const others = ['/apis', '/health/live'];
    const responses = await Promise.all([...paths, ...others].map((path) => fetch(url + path)));
    const spans = await serverSpans(6);
    for (const { url, headers } of responses) {
      const path = new URL(url).pathname;
      const span = spans.find(({ attributes }) => attributes['url.path'] === path);
      const traceparent = paths.includes(path) && span ? formatTraceparent(span.spanContext()) : null;
      const timing = traceparent && `traceparent;desc="${traceparent}", trace;desc=${traceparent}`;
      t.equal(headers.get('traceresponse'), traceparent, path);
      t.equal(headers.get('server-timing'), timing, path);
    }
  });

  t.test('the trace response stands beside other entries of Server-Timing', async (t) => {
    const { url, serverSpans } = await start(t, (app) => {
      app.get('/api/reply', async (_request, reply) => {
        reply.header('Server-Timing', 'db;dur=5');
        return 'ok';
      });
      app.get('/api/raw', async (_request, reply) => {
        reply.raw.setHeader('server-timing', ['db;dur=5', 'app;dur=6']);
        return 'ok';
      });
    });
    const reply = await fetch(`${url}/api/reply`);
    await reply.text();
    const raw = await fetch(`${url}/api/raw`);
    await raw.text();
    const [first, second] = (await serverSpans(2)).map((span) => formatTraceparent(span.spanContext()));
    t.equal(reply.headers.get('server-timing'), `db;dur=5, traceparent;desc="${first}", trace;desc=${first}`);
    t.equal(
      raw.headers.get('server-timing'),
      `db;dur=5,app;dur=6, traceparent;desc="${second}", trace;desc=${second}`,
    );
  });

  t.test('the response of an unsampled request has flags 00', async (t) => {
    const { url, telemetry } = await start(t, (app) => void app.get('/api/ok', async () => 'ok'), {
      telemetry: { sampler: new AlwaysOffSampler() },
    });
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const { headers } = await fetch(`${url}/api/ok`, {
      headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01` },
    });
    t.match(headers.get('traceresponse'), new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`));
    t.same(telemetry.spans(), []);
  });

  t.test('the option decides which responses carry the trace response', async (t) => {
    const { url, serverSpans } = await start(
      t,
      (app) => {
        app.get('/api/ok', async () => 'ok');
        app.get('/v1/ok', async () => 'ok');
      },
      { tracing: { traceResponse: ({ url }) => url?.startsWith('/v1/') === true } },
    );
    t.equal((await fetch(`${url}/api/ok`)).headers.get('traceresponse'), null);
    t.not((await fetch(`${url}/v1/ok`)).headers.get('traceresponse'), null);
    t.equal((await fetch(`${url}/nowhere`)).headers.get('traceresponse'), null);
    await serverSpans(3);
  });
});
