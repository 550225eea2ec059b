import { once } from 'node:events';
import { request, ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import t from 'tap';
import { withSpan } from '../../../src/common/with-span.ts';
import type { HarnessOptions } from './harness.ts';
import { start } from './harness.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const PARENT = `00-${TRACE_ID}-b7ad6b7169203331-01`;

const SPANS = ['authenticate', 'validate', 'welcome'];

/** Sends upgrades through hooks and a handler with spans, as @fastify/websocket does. */
function takeUpgrades(app: FastifyInstance): void {
  app.server.on('upgrade', (raw, socket) => {
    const response = new ServerResponse(raw);
    response.assignSocket(socket as never);
    app.routing(raw, response);
  });
  app.addHook('onRequest', async () => withSpan('authenticate', {}, async () => {}));
  app.addHook('preValidation', async () => withSpan('validate', {}, async () => {}));
  app.get('/chat', (_request, reply) => {
    reply.hijack();
    withSpan('welcome', {}, () => {});
    reply.raw.socket?.end(
      'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
    );
  });
}

/** The options of a server, and what its hooks and handler see of the caller. */
const SERVERS: Readonly<
  Record<string, readonly [options: HarnessOptions, names: readonly string[], isOfCaller: boolean]>
> = {
  'of a server with the plugin': [{}, SPANS, true],
  'of any other server': [{ tracing: 'every server' }, SPANS, true],
  'that strangers ask for': [{ tracing: { publicEdge: true } }, SPANS, false],
  'that is left out': [{ tracing: { untraced: () => true } }, [], false],
};

for (const [which, [options, names, isOfCaller]] of Object.entries(SERVERS))
  t.test(`an upgrade ${which}: the spans of its hooks and handler`, async (t) => {
    const { port, telemetry } = await start(t, takeUpgrades, options);
    const headers = { connection: 'upgrade', upgrade: 'websocket', traceparent: PARENT };
    const [, socket] = await once(request({ port, path: '/chat', headers }).end(), 'upgrade');
    socket.destroy();
    const spans = telemetry.spans();
    t.same(
      spans.map(({ name }) => name),
      names,
    );
    for (const span of spans) t.equal(span.spanContext().traceId === TRACE_ID, isOfCaller, span.name);
  });
