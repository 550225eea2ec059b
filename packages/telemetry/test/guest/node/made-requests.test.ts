import { subscribe, tracingChannel, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import type { Test } from 'tap';
import t from 'tap';
import { tracer } from '../../../src/common/tracer.ts';
import { withSpan } from '../../../src/common/with-span.ts';
import { traceHttpServers } from '../../../src/guest/node/http-server.ts';
import { endpointsOf, traceRequest } from '../../../src/road/http/server-span.ts';
import { createTestTelemetry } from '../../../src/service/testing/test-telemetry.ts';
import { ENGINE } from '../../engines.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';

/** A request and a response as adapters for functions make them: of the method alone, with a connection that is none. */
function made(url: string, socket: object) {
  const request = Object.assign(new IncomingMessage(socket as never), {
    method: 'GET',
    url,
    headers: { host: 'x', traceparent: `00-${TRACE_ID}-b7ad6b7169203331-01` },
    httpVersion: '1.1',
  });
  const response = new ServerResponse({ method: 'GET' } as never);
  const sink = Object.assign(new PassThrough(), { destroySoon() {} }).resume();
  response.assignSocket(sink as never);
  return { request, response };
}

const SOCKETS: Readonly<Record<string, () => object>> = {
  'serverless-http': () => Object.assign(new PassThrough(), { encrypted: true, remoteAddress: '1.2.3.4' }),
  '@vendia/serverless-express': () => ({ encrypted: true, remoteAddress: '1.2.3.4', destroy() {} }),
};

function start(t: Test) {
  const telemetry = createTestTelemetry({ engine: ENGINE });
  const stop = traceHttpServers();
  t.teardown(async () => {
    stop();
    await telemetry.shutdown();
  });
  return telemetry;
}

/** Both say who answers what, as Express does before its first handler. */
function introduce(request: IncomingMessage, response: ServerResponse): void {
  Object.assign(request, { res: response });
  Object.assign(response, { req: request });
}

for (const [adapter, makeSocket] of Object.entries(SOCKETS)) {
  t.test(`${adapter}: a request that Express 5 gets has a SERVER span of its caller`, async (t) => {
    const telemetry = start(t);
    const router = tracingChannel('express.router.request');
    const handle = async (url: string, status: number) => {
      const { request: req, response } = made(url, makeSocket());
      const finished = once(response, 'finish');
      const layer = { method: 'get', match: () => false };
      introduce(req, response);
      router.traceSync(
        () => {
          withSpan('work', {}, () => {});
          response.writeHead(status).end('ok');
        },
        { req, route: '/orders/:id', layer } as never,
      );
      await finished;
    };
    await handle('/orders/1', 200);
    await handle('/health', 200);
    t.match(telemetry.spans(), [
      { name: 'work' },
      {
        name: 'GET /orders/:id',
        attributes: {
          'http.route': '/orders/:id',
          'http.response.status_code': 200,
          'url.scheme': 'https',
          'client.address': '1.2.3.4',
        },
      },
    ]);
    for (const span of telemetry.spans()) t.equal(span.spanContext().traceId, TRACE_ID);
    t.equal(telemetry.spans()[1]?.parentSpanContext?.spanId, 'b7ad6b7169203331');
  });

  t.test(
    `${adapter}: a request that Express 4 gets has a SERVER span, and its response is the app's`,
    async (t) => {
      const telemetry = start(t);
      const { request, response } = made('/orders/1', makeSocket());
      const before = Object.keys(response);
      introduce(request, response);
      t.same(Object.keys(response), before);
      t.same(Object.getOwnPropertyDescriptor(response, 'req'), {
        value: request,
        writable: true,
        enumerable: true,
        configurable: true,
      });
      withSpan('work', {}, () => {});
      response.end('ok');
      await once(response, 'finish');
      t.match(
        telemetry.spans().map(({ name }) => name),
        ['work', 'GET'],
      );
      for (const span of telemetry.spans()) t.equal(span.spanContext().traceId, TRACE_ID);
    },
  );
}

t.test(
  'a request that no framework shows is told of, and one of a server or with a trace is not',
  async (t) => {
    start(t);
    let unseen = 0;
    const count = () => void unseen++;
    subscribe('@tandem/telemetry:unseen-request', count);
    t.teardown(() => unsubscribe('@tandem/telemetry:unseen-request', count));
    const server = createServer((_request, response) => response.end()).listen(0, '127.0.0.1');
    t.teardown(() => server.close());
    await once(server, 'listening');
    await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const seen = made('/', {});
    introduce(seen.request, seen.response);
    seen.response.end();
    await once(seen.response, 'finish');
    const { response: injected } = made('/', {});
    const { request } = made('/', {});
    traceRequest(request, endpointsOf(request), undefined, 0, tracer()).endWith(injected);
    injected.end();
    await once(injected, 'finish');
    t.equal(unseen, 0);
    const { response } = made('/', {});
    response.end();
    await once(response, 'finish');
    t.equal(unseen, 1);
  },
);
