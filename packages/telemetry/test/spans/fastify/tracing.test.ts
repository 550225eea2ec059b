import t from 'tap';
import { start } from './harness.ts';

t.test('a request is a SERVER span with the attributes of the semantic conventions', async (t) => {
  const { url, port, serverSpan } = await start(t, (app) => {
    app.get('/items/:id', async () => ({ ok: true }));
  });
  const response = await fetch(`${url}/items/7?limit=2&sig=abc`, { headers: { 'user-agent': 'tester/1' } });
  t.equal(response.status, 200);
  const span = await serverSpan();
  t.equal(span.name, 'GET /items/:id');
  t.same(span.status, { code: 0 });
  t.match(span.attributes['network.peer.port'], Number);
  t.same(
    { ...span.attributes, 'network.peer.port': 0 },
    {
      'http.request.method': 'GET',
      'url.scheme': 'http',
      'url.path': '/items/7',
      'url.query': 'limit=2&sig=REDACTED',
      'http.route': '/items/:id',
      'server.address': '127.0.0.1',
      'server.port': port,
      'client.address': '127.0.0.1',
      'user_agent.original': 'tester/1',
      'network.peer.address': '127.0.0.1',
      'network.peer.port': 0,
      'network.protocol.version': '1.1',
      'http.response.status_code': 200,
    },
  );
});
