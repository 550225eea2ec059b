import { once } from 'node:events';
import { connect } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import fastify from 'fastify';
import t from 'tap';
import { until } from '../../../../test/helpers/until.ts';
import { ClientGoneError, clientGone } from '../../src/http/client-gone.ts';

const REQUESTS = {
  GET: 'GET / HTTP/1.1\r\nhost: a\r\n\r\n',
  POST: 'POST / HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}',
};

for (const [method, request] of Object.entries(REQUESTS))
  t.test(`the work of every ${method} of a pipeline ends when its client leaves, not before`, async (t) => {
    const signals: AbortSignal[] = [];
    const app = fastify();
    t.teardown(() => app.close());
    app.route({
      method,
      url: '/',
      handler: async (_request, reply) => {
        const signal = clientGone(reply);
        signals.push(signal);
        await once(signal, 'abort');
      },
    });
    const port = Number(new URL(await app.listen({ port: 0, host: '127.0.0.1' })).port);
    const socket = connect(port, '127.0.0.1');
    socket.write(request.repeat(3));
    await until(() => signals.length === 3);
    await turn();
    t.notOk(signals.some(({ aborted }) => aborted));
    socket.destroy();
    await until(() => signals.every(({ aborted }) => aborted));
    t.ok(signals.every(({ reason }) => reason instanceof ClientGoneError));
  });
