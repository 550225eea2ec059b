import { request } from 'node:http';
import { context, propagation, SpanKind, trace as traceApi } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { AlwaysOffSampler } from '@opentelemetry/sdk-trace-base';
import t from 'tap';
import { assertConventions } from '../../../../../test/helpers/conventions/assert-conventions.ts';
import { traceHttpClients } from '../../../src/guest/node/http-client.ts';
import { withSpan } from '../../../src/index.ts';
import { withUrlTemplate } from '../../../src/road/http/client-request.ts';
import { formatTraceparent } from '../../../src/road/http/traceparent.ts';
import type { Start, TraceClient } from './client-harness.ts';
import { answerOf, CALLER, startWith, UNDICI_CLIENTS } from './client-harness.ts';

interface Init {
  readonly method?: string;
  readonly headers?: Record<string, string>;
}

/** Sends a request, and reads the answer. */
type Send = (url: string, init?: Init) => Promise<string>;

const sendByFetch: Send = async (url, init = {}) => (await fetch(url, init)).text();

const CLIENTS: readonly (readonly [name: string, trace: TraceClient, send: Send])[] = [
  ['http.request', traceHttpClients, (url, init = {}) => answerOf(request(url, init))],
  ...Object.entries(UNDICI_CLIENTS).map(([name, trace]) => [`fetch (${name})`, trace, sendByFetch] as const),
];

const withUser = propagation.createBaggage({ 'user.id': { value: '7' } });

for (const [client, trace, send] of CLIENTS) {
  const start: Start = (t, handler, options) => startWith([trace], t, handler, options);

  t.test(`a request of ${client} is a CLIENT span, whose context the server gets`, async (t) => {
    const { url, port, received, spans } = await start(t);
    const headers = { 'user-agent': 'tester/1' };
    await withSpan('outer', {}, () =>
      withUrlTemplate('/users/:id', () =>
        send(`${url}/users/7?sig=secret&page=2`, { method: 'POST', headers }),
      ),
    );
    const [outer, span] = (await spans(2)).toReversed();
    t.match(span, { name: 'POST /users/:id', kind: SpanKind.CLIENT, status: { code: 0 } });
    t.strictSame(span?.attributes, {
      'http.request.method': 'POST',
      'url.full': `${url}/users/7?sig=REDACTED&page=2`,
      'url.path': '/users/7',
      'url.query': 'sig=REDACTED&page=2',
      'url.scheme': 'http',
      'url.template': '/users/:id',
      'server.address': '127.0.0.1',
      'server.port': port,
      'http.response.status_code': 200,
      'network.peer.address': '127.0.0.1',
      'network.peer.port': port,
      'network.protocol.version': '1.1',
      ...(trace === UNDICI_CLIENTS.UndiciInstrumentation && { 'user_agent.original': 'tester/1' }),
    });
    t.equal(span?.parentSpanContext?.spanId, outer?.spanContext().spanId);
    t.equal(received[0]?.headers.traceparent, span && formatTraceparent(span.spanContext()));
    t.equal(received[0]?.url, '/users/7?sig=secret&page=2', 'what is sent is not redacted');
    assertConventions([span].flatMap((each) => each ?? []));
  });

  t.test(`for ${client} an answer of 4xx or 5xx is an error`, async (t) => {
    const { url, spans } = await start(t, (request, response) => {
      response.writeHead(Number(request.url?.slice(1))).end();
    });
    for (const status of [404, 503, 304]) await send(`${url}/${status}`);
    t.same(
      (await spans(3)).map(({ status, attributes }) => [status.code, attributes['error.type']]),
      [
        [2, '404'],
        [2, '503'],
        [0, undefined],
      ],
    );
  });

  t.test(`of a context that a caller forwards with ${client}, only the baggage stays`, async (t) => {
    const { url, received, spans } = await start(t);
    const forwarded = { TraceParent: CALLER, tracestate: 'old=1', 'x-own': 'kept' };
    await context.with(propagation.setBaggage(context.active(), withUser), async () => {
      await withSpan('outer', {}, async () => {
        await send(url, { headers: { ...forwarded, baggage: 'mine=1' } });
        await send(url, { headers: { ...forwarded, baggage: 'user.id=7' } });
      });
    });
    await spans(3);
    for (const { headers, rawHeaders } of received) {
      t.notMatch(headers.traceparent, CALLER);
      t.equal(rawHeaders.filter((name) => name.toLowerCase() === 'traceparent').length, 1);
      t.match(headers, { 'x-own': 'kept', tracestate: undefined });
    }
    t.same(
      received.map(({ headers }) => headers.baggage),
      ['mine=1, user.id=7', 'user.id=7'],
    );
  });

  t.test(`outside of all spans, a request of ${client} continues the trace of its own headers`, async (t) => {
    const { url, received, spans } = await start(t);
    const own = { TraceParent: CALLER, tracestate: 'old=1', baggage: 'mine=1' };
    await send(url, { headers: own });
    await context.with(propagation.setBaggage(context.active(), withUser), () => send(url, { headers: own }));
    await send(url, { headers: { traceparent: '00-not-a-trace', tracestate: 'old=1' } });
    const made = await spans(3);
    for (const { headers, rawHeaders } of received.slice(0, 2)) {
      t.match(headers, { traceparent: CALLER, tracestate: 'old=1', baggage: /^mine=1/ });
      t.equal(rawHeaders.filter((name) => name.toLowerCase() === 'traceparent').length, 1);
    }
    const above = made.map(({ parentSpanContext }) => parentSpanContext?.spanId);
    t.same(above, [CALLER.slice(36, 52), CALLER.slice(36, 52), undefined]);
    const [{ headers } = { headers: {} }] = received.slice(2);
    t.match(headers, { traceparent: /^00-[0-9a-f]{32}-[0-9a-f]{16}-0[13]$/, tracestate: undefined });
  });

  t.test(`while tracing is suppressed, ${client} sends headers as they are`, async (t) => {
    const { url, received, spans } = await start(t);
    await context.with(suppressTracing(context.active()), async () => {
      await send(url);
      await send(url, { headers: { traceparent: CALLER } });
    });
    await spans(0);
    t.same(
      received.map(({ headers }) => headers.traceparent),
      [undefined, CALLER],
    );
  });

  t.test(
    `a request of ${client} that is not sampled tells the server so, with an id of its own`,
    async (t) => {
      const { url, received, spans } = await start(t, undefined, { sampler: new AlwaysOffSampler() });
      const headers = { traceparent: CALLER };
      const { traceId, spanId } = await withSpan('outer', {}, async (span) => {
        for (let request = 0; request < 2; request++) await send(url, { headers });
        return span.spanContext();
      });
      await send(url);
      const sent = received.map(({ headers }) => String(headers.traceparent).split('-'));
      const [, , root] = sent;
      t.match(root?.join('-'), /^00-[0-9a-f]{32}-[0-9a-f]{16}-0[02]$/);
      t.notOk([traceId, CALLER.slice(3, 35)].includes(root?.[1] ?? ''), 'a trace of its own');
      for (const [, id, , flags] of sent.slice(0, 2)) t.same([id, flags], [traceId, '02']);
      t.equal(new Set([spanId, ...sent.map(([, , id]) => id)]).size, 4, 'every request has an id of its own');
      await spans(0);
    },
  );

  t.test(`within a CLIENT span of the host, ${client} makes no second one`, async (t) => {
    const { url, received, spans } = await start(t);
    for (const attributes of [{ 'http.method': 'GET' }, { 'http.request.method': 'GET' }]) {
      const options = { kind: SpanKind.CLIENT, attributes };
      await traceApi.getTracer('next.js').startActiveSpan('fetch', options, async (span) => {
        await send(url);
        span.end();
      });
    }
    t.same(
      received.map(({ headers }) => headers.traceparent?.toString().split('-')[2]),
      (await spans(2)).map((span) => span.spanContext().spanId),
    );
  });
}
