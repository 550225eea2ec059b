import { readFileSync } from 'node:fs';
import t from 'tap';
import { FAILED } from '../../../../src/core/query/build/failed-spans.ts';
import { readyMadeQueries } from '../../../../src/core/query/build/ready-made.ts';
import { parseQuery } from '../../../../src/core/query/parse/parse-query.ts';
import { runQuery } from '../../../../src/core/query/run/run-query.ts';
import { requestsPlace, routePlace } from '../../../../src/parts/overview/page/overview-places.ts';
import type { Overview } from '../../../../src/parts/overview/server/schemas.ts';
import { temporaryExplorer } from '../../../explorer.ts';
import type { PlainAttributes } from '../../../spans.ts';
import { randomId, storeSpans } from '../../../spans.ts';

const errors = (...values: PlainAttributes[string][]) => values.map((error) => ({ error }));

const STORES: Readonly<Record<string, { values: readonly PlainAttributes[]; status?: 2; failed: number }>> = {
  'true and false': { values: errors(true, false), failed: 1 },
  'texts, as Python sends them': { values: errors('db down', 'False', 'false', '', '0', 'true'), failed: 2 },
  'numbers, of classic datasets': { values: errors(1, 0, 2, 0.5), failed: 3 },
  'the span’s status, unless an attribute says otherwise, as in Honeycomb': {
    values: [{}, { error: 'False' }],
    status: 2,
    failed: 1,
  },
  'all of these': { values: errors('db down', true, 1, 0, false, ''), failed: 3 },
};

for (const [name, { values, status, failed }] of Object.entries(STORES)) {
  t.test(`the links of the overview find the errors that it counts: ${name}`, async (t) => {
    const { store, get } = await temporaryExplorer(t);
    const of = { service: 'shop', name: 'GET /', kind: 2 };
    await storeSpans(store, [
      { ...of },
      ...values.map((attributes) => ({ ...of, attributes, ...(status && { status }) })),
    ]);
    const overview = (await get('/api/overview?time_range=600')).body as Overview;
    const [route] = overview.routes;
    t.equal(overview.requests.errors, failed);
    t.equal(route?.errors, failed);
    const queries = (route ? [routePlace(route, 600, true)] : []).map(
      ({ params }) => JSON.parse(params.query ?? '{}') as object,
    );
    queries.push(
      ...readyMadeQueries.filter(({ key }) => key === 'errors-by-service').map((each) => each.query),
    );
    const committed = (file: string) =>
      JSON.parse(readFileSync(new URL(`../../../../../../honeycomb/${file}`, import.meta.url), 'utf8'));
    queries.push(committed('queries/errors-by-service.json'));
    t.equal(queries.length, 3);
    for (const query of queries) {
      const calculations = [{ op: 'COUNT' }];
      const { results } = await runQuery(store, '__all__', parseQuery({ ...query, calculations }));
      t.match(results, [{ data: { COUNT: failed } }], JSON.stringify(query));
    }
    const share = await runQuery(store, '__all__', parseQuery(committed('checks/error-rate.json').query));
    t.match(share.results, [{ data: { error_rate: failed / (values.length + 1) } }], 'the share of errors');
    const listed = (await get('/api/traces?errors=true&limit=50')).body.traces;
    t.equal(listed.length, failed, 'and the list of traces does, too');
  });
}

t.test('a figure of the overview leads to just the requests that it counts', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const traceId = randomId(16);
  const spanId = randomId(8);
  const failed = { traceId, service: 'worker', status: 2 as const };
  await storeSpans(store, [
    { ...failed, spanId, name: 'clean up', kind: 1 },
    { ...failed, spanId: randomId(8), parentSpanId: spanId, name: 'clean up', kind: 1 },
    { ...failed, spanId: randomId(8), parentSpanId: spanId, name: 'DELETE', kind: 3 },
  ]);
  const { requests, routes } = (await get('/api/overview?time_range=600')).body as Overview;
  t.equal(requests.errors, 1);
  const [route] = routes;
  if (route === undefined) throw new Error('There is no route.');
  const places = [
    requestsPlace(600),
    requestsPlace(600, FAILED),
    routePlace(route, 600),
    routePlace(route, 600, true),
  ];
  for (const { params } of places) {
    const query = { ...JSON.parse(params.query ?? '{}'), calculations: [{ op: 'COUNT' }] };
    const { results } = await runQuery(store, '__all__', parseQuery(query));
    t.match(results, [{ data: { COUNT: 1 } }], JSON.stringify(query));
  }
});
