import fastify from 'fastify';
import t from 'tap';
import { clientGone } from '../../../src/http/client-gone.ts';
import { askingApp } from '../../../src/parts/mcp/server/http-handler.ts';

t.test('work for an agent ends when the agent leaves', async (t) => {
  const app = fastify();
  t.teardown(() => app.close());
  const asker = new AbortController();
  app.post('/work', async (_request, reply) => {
    const gone = clientGone(reply);
    asker.abort();
    return { gone: gone.aborted };
  });
  const ask = askingApp(app, {});
  t.same(await ask('/work', { method: 'POST', body: {}, signal: asker.signal }), { gone: true });
});
