import t from 'tap';
import { temporaryExplorer } from '../../explorer.ts';
import { storeLogs, storeSpans } from '../../spans.ts';

const POST = { method: 'POST', url: '/api/demo-data' } as const;

t.test('an empty store is filled once, also by two requests at the same time', async (t) => {
  const { app, get } = await temporaryExplorer(t);
  const answers = await Promise.all([app.inject(POST), app.inject(POST)]);
  t.same(answers.map(({ statusCode }) => statusCode).sort(), [200, 409]);
  const [filled] = answers.filter(({ statusCode }) => statusCode === 200).map((answer) => answer.json());
  t.match(filled, { spans: 144, logs: 0, known: 0, rejected: 0 });
  t.equal(filled.trace_ids.length, 24);
  const again = await app.inject(POST);
  t.equal(again.statusCode, 409);
  t.match(again.json(), { code: 'STORE_NOT_EMPTY', detail: /^The store has data/ });
  t.equal((await get('/api/status')).body.spans, 144);
  t.same(
    (await get('/api/verify?time_range=7200')).body.services.map(
      ({ service }: { service: string }) => service,
    ),
    ['activities-api', 'user-lookup'],
  );
});

t.test('the demo has an error with its cause, and slow requests', async (t) => {
  const { app, get, trace } = await temporaryExplorer(t);
  const [traceId] = (await app.inject(POST)).json().trace_ids;
  t.match((await trace(traceId)).services, [{ name: 'activities-api' }, { name: 'user-lookup' }]);
  const { causes } = (await get('/api/causes?time_range=3600')).body;
  t.match(causes, [
    { rule: 'error', service: 'user-lookup', name: 'SELECT users', traces: 3, of: 24, failed: 3 },
    { service: 'activities-api', name: 'SELECT activities', traces: 4 },
  ]);
});

t.test('a store with a span or a log line of somebody is left as it is', async (t) => {
  const { app, store, get } = await temporaryExplorer(t);
  await storeLogs(store, [{ body: 'a line' }]);
  t.equal((await app.inject(POST)).statusCode, 409);
  await storeSpans(store, [{ name: 'a span' }]);
  t.equal((await app.inject(POST)).statusCode, 409);
  t.match((await get('/api/status')).body, { spans: 1, logs: 1 });
  const deleted = await app.inject({ method: 'DELETE', url: '/api/traces?all=true' });
  t.equal(deleted.statusCode, 200);
  t.equal((await app.inject(POST)).statusCode, 200, 'after all is deleted, the store is empty');
});
