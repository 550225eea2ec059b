import t from 'tap';
import { temporaryExplorer } from '../explorer.ts';
import { storeSpans } from '../spans.ts';

t.test('BubbleUp is asked by parameters or by a body, and is documented', async (t) => {
  const { app, store, get } = await temporaryExplorer(t);
  await storeSpans(
    store,
    Array.from({ length: 40 }, (_, i) => ({
      name: i % 2 ? 'fast' : 'slow',
      durationMs: i % 2 ? 1 : 900,
      service: i < 20 ? 'a' : 'b',
      attributes: { region: i % 2 ? 'us' : 'eu' },
    })),
  );
  const query = { time_range: 3600 };
  const selection = { column: 'duration_ms', min: 500 };
  const url = `/api/bubbleup?query=${encodeURIComponent(JSON.stringify(query))}&selection=${encodeURIComponent(JSON.stringify(selection))}`;
  const byParameters = await get(url);
  t.match(byParameters, {
    status: 200,
    body: { selection: { events: 20 }, baseline: { events: 20 }, skipped: 0 },
  });
  const names = byParameters.body.fields.filter((field: { difference: number }) => field.difference === 1);
  t.same(
    names.map((field: { name: string }) => field.name),
    ['duration_ms', 'name', 'region'],
  );

  const post = (payload: object) => app.inject({ method: 'POST', url: '/api/bubbleup', payload });
  t.same((await post({ query, selection })).json(), byParameters.body);
  t.match((await post({ query, selection, dataset: 'a' })).json(), { selection: { events: 10 } });

  t.match(await get(`/api/bubbleup?selection=x`), {
    status: 400,
    body: { errors: [{ field: 'selection', detail: 'must be JSON' }] },
  });
  t.match(await get(`/api/bubbleup?box=1&selection={}`), {
    status: 400,
    body: { errors: [{ field: 'box' }, { field: 'selection' }] },
  });
  t.match((await post({ selection: { column: 'nope', min: 0 } })).json(), {
    status: 400,
    errors: [{ in: 'body', field: 'selection.column' }],
  });
  t.match((await post({ selection, dataset: 'nope' })).json(), {
    errors: [{ field: 'dataset', detail: 'Dataset not found' }],
  });

  const { paths } = (await get('/documentation/json')).body;
  t.match(paths, {
    '/api/bubbleup': { get: {}, post: {} },
    '/1/auth': { get: {} },
    '/1/datasets': { get: {} },
    '/1/columns/{dataset}': { get: {} },
    '/1/queries/{dataset}': { post: {} },
    '/1/queries/{dataset}/{id}': { get: {} },
    '/1/query_results/{dataset}': { post: {} },
    '/1/query_results/{dataset}/{id}': { get: {} },
  });
});
