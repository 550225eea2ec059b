import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import fastify from 'fastify';
import t from 'tap';
import { until } from '../../../../test/helpers/until.ts';
import { closeAfterAnswers } from '../../src/http/close-after-answers.ts';
import { settlesWithin } from '../../src/lib/node/settles-within.ts';

/** Milliseconds in which an app closes that has answered. Without an end of its connections it takes a minute. */
const CLOSED_MS = 20_000;

t.test('an app that closes ends a kept connection with the answer that was under way', async (t) => {
  const app = fastify({ forceCloseConnections: 'idle', keepAliveTimeout: 10 * CLOSED_MS });
  closeAfterAnswers(app);
  const { promise: answer, resolve: reply } = Promise.withResolvers<string>();
  let asked = 0;
  app.get('/', () => {
    asked += 1;
    return answer;
  });
  const agent = new Agent({ keepAlive: true });
  t.teardown(() => agent.destroy());
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  const ask = () =>
    new Promise<{ connection: string | undefined; body: string }>((resolve, reject) => {
      request(url, { agent }, async (response) =>
        resolve({ connection: response.headers.connection, body: await text(response) }),
      )
        .on('error', reject)
        .end();
    });
  const asking = ask();
  await until(() => asked === 1);
  const closing = app.close();
  await until(() => !app.server.listening);
  reply('done');
  t.same(await asking, { connection: 'close', body: 'done' });
  const hasClosed = await settlesWithin(closing, CLOSED_MS);
  app.server.closeAllConnections();
  t.ok(hasClosed, 'and closes');
});

t.test('before, connections are kept', async (t) => {
  const app = fastify();
  closeAfterAnswers(app);
  t.teardown(() => app.close());
  app.get('/', () => 'done');
  const { headers } = await app.inject('/');
  t.not(headers.connection, 'close');
});
