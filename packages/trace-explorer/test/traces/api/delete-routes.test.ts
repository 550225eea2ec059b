import t from 'tap';
import { temporaryExplorer } from '../../explorer.ts';
import { randomId, storeSpans } from '../../spans.ts';

t.test(
  'DELETE deletes one trace, those before a time, or everything, and what is cached follows',
  async (t) => {
    const { app, store, get } = await temporaryExplorer(t);
    const [one, old, last] = [randomId(16), randomId(16), randomId(16)];
    await storeSpans(store, [
      { traceId: one },
      { traceId: old, start: BigInt(Date.now() - 3_600_000) * 1_000_000n },
      { traceId: last, service: 'api', attributes: { 'of.api': 1 } },
    ]);
    const remove = async (url: string, headers: Record<string, string> = {}) => {
      const { statusCode, body } = await app.inject({ method: 'DELETE', url, headers });
      return { status: statusCode, body: JSON.parse(body) };
    };
    t.match(await get(`/api/traces/${one}`), { status: 200 }, 'its tree is cached');
    const query = { calculations: [{ op: 'COUNT' }], time_range: 7200 };
    const post = async (url: string, payload: object) =>
      (await app.inject({ method: 'POST', url, payload })).json();
    const { id } = await post('/1/queries/__all__', query);
    const result = await post('/1/query_results/__all__', { query_id: id });

    t.same(await remove(`/api/traces/${one}`), { status: 200, body: { traces: 1, spans: 1, logs: 0 } });
    t.match(await get(`/api/traces/${one}`), { status: 404 });
    t.match(await get(`/1/query_results/__all__/${result.id}`), { status: 404 }, 'no result remembers it');
    t.match(await remove(`/api/traces/${one}`), { status: 404, body: { title: 'No such trace' } });

    t.match(await remove('/api/traces'), {
      status: 400,
      body: { errors: [{ detail: /all=true, or before/ }] },
    });
    t.match(await remove('/api/traces?all=true&before=1'), { status: 400 }, 'not both');
    t.match(await remove('/api/traces?all=false'), { status: 400 });
    t.match(await remove('/api/traces?before=yesterday'), { status: 400 });
    t.match((await get('/api/traces')).body.traces.length, 2, 'none of these deleted anything');

    t.match(await remove('/api/traces?all=true', { origin: 'http://evil.example' }), { status: 403 });
    t.match(await remove('/api/traces?all=true', { host: 'evil.example' }), { status: 421 });
    t.match(await remove('/api/traces?all=true', { 'sec-fetch-site': 'cross-site' }), { status: 403 });

    const before = Date.now() / 1000 - 1800;
    t.same(await remove(`/api/traces?before=${before}`), {
      status: 200,
      body: { traces: 1, spans: 1, logs: 0 },
    });
    t.same(await remove('/api/traces?all=true'), { status: 200, body: { traces: 1, spans: 1, logs: 0 } });
    t.match((await get('/api/status')).body, { spans: 0, rows: 0, services: [] });
    t.notOk(
      (await get('/1/columns/__all__')).body.some((each: { key_name: string }) => each.key_name === 'of.api'),
    );
    const { paths } = (await get('/documentation/json')).body;
    t.match(paths, {
      '/api/traces': { delete: {} },
      '/api/traces/{traceId}': { delete: {} },
      '/api/fields': {},
    });
  },
);

t.test('the fields that most spans have are told, for the completion', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  await storeSpans(store, [{ attributes: { often: 1, once: 1 } }, { attributes: { often: 2 } }]);
  t.match((await get('/api/fields')).body, { rows: 2, fields: { name: 2, often: 2, once: 1 } });
});
