import t from 'tap';
import { ids, temporaryExplorer } from '../explorer.ts';
import { storeSpans } from '../spans.ts';

t.test('the start page says where things are and shows the newest traces', async (t) => {
  const { store, get } = await temporaryExplorer(t, { otlpEndpoint: 'http://localhost:9999' });
  t.match((await get('/')).body, /http:\/\/localhost:9999[\s\S]*No spans have arrived/);
  const traceId = ids()('t', 16);
  await storeSpans(store, [{ traceId, service: 'api', name: 'GET /home', durationMs: 12.34, status: 2 }]);
  const { type, body } = await get('/');
  t.match(type, 'text/html');
  t.match(body, `<a href="/api/traces/${traceId}">api: GET /home</a>`);
  t.match(body, '<td>✗ 1</td><td>12.3 ms</td>');
  t.match((await get('/home.css')).type, 'text/css');
});

t.test('names that look like markup stay text', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const hostile = `</a><script>alert('x')</script>"&\u0000\u202e`;
  await storeSpans(store, [{ service: hostile, name: hostile }]);
  const { body } = await get('/');
  t.notMatch(body, '<script');
  t.match(body, '&lt;/a&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;\ufffd');
});
