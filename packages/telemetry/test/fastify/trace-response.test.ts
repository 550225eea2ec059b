import { AlwaysOffSampler } from '@opentelemetry/sdk-trace';
import t from 'tap';
import { formatTraceparent } from '../../src/context/traceparent.ts';
import { start } from './harness.ts';

t.test('every response of /api/* says where its waterfall is', async (t) => {
  const { url, serverSpans } = await start(t, (app) => {
    app.get('/api/ok', async () => 'ok');
    app.get('/api/fails', async () => {
      throw new Error('no');
    });
    app.get(
      '/api/rejected/:id',
      { schema: { params: { type: 'object', properties: { id: { type: 'integer' } } } } },
      async () => 'ok',
    );
  });
  const paths = ['/api/ok', '/api/fails', '/api/rejected/x', '/api/nowhere'];
  const responses = await Promise.all(paths.map((path) => fetch(url + path)));
  const spans = await serverSpans(4);
  responses.forEach(({ headers }, i) => {
    const span = spans.find(({ attributes }) => attributes['url.path'] === paths[i]);
    const traceparent = span && formatTraceparent(span.spanContext());
    t.equal(headers.get('traceresponse'), traceparent);
    t.equal(headers.get('server-timing'), `traceparent;desc="${traceparent}", trace;desc=${traceparent}`);
  });
});

t.test('it stands beside the entries of Server-Timing that are there', async (t) => {
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

t.test('the 404 of a path without a route says it, wherever the path is', async (t) => {
  const { url, serverSpan } = await start(t, () => {});
  const { status, headers } = await fetch(`${url}/nowhere`);
  t.equal(status, 404);
  t.equal(headers.get('traceresponse'), formatTraceparent((await serverSpan()).spanContext()));
});

t.test('other responses say nothing', async (t) => {
  const { url, serverSpans } = await start(t, (app) => {
    app.get('/apis', async () => 'ok');
    app.get('/health/live', async () => 'ok');
  });
  for (const path of ['/apis', '/health/live']) {
    const { headers } = await fetch(url + path);
    t.equal(headers.get('traceresponse'), null);
    t.equal(headers.get('server-timing'), null);
  }
  await serverSpans(1);
});

t.test('a request that is not sampled says so in its flags', async (t) => {
  const { url, telemetry } = await start(
    t,
    (app) => {
      app.get('/api/ok', async () => 'ok');
    },
    { telemetry: { sampler: new AlwaysOffSampler() } },
  );
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const { headers } = await fetch(`${url}/api/ok`, {
    headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01` },
  });
  t.match(headers.get('traceresponse'), new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`));
  t.same(telemetry.spans(), []);
});

t.test('the option decides which responses say it', async (t) => {
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
