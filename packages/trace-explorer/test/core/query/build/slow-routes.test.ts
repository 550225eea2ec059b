import t from 'tap';
import { readyMadeQueries } from '../../../../src/core/query/build/ready-made.ts';
import { SLOW, SLOW_CALCULATIONS, SLOW_FORMULA } from '../../../../src/core/query/build/slow-routes.ts';
import { parseQuery } from '../../../../src/core/query/parse/parse-query.ts';
import { runQuery } from '../../../../src/core/query/run/run-query.ts';
import { routesPlace } from '../../../../src/parts/overview/page/overview-places.ts';
import type { Overview } from '../../../../src/parts/overview/server/schemas.ts';
import type { Verdict } from '../../../../src/parts/report/server/verdict/schemas.ts';
import { at, temporaryExplorer } from '../../../explorer.ts';
import type { PlainSpan } from '../../../spans.ts';
import { storeSpans } from '../../../spans.ts';

/** Requests of a route that took so long, the first one before the others. */
const requests = (name: string, times: readonly number[]): PlainSpan[] =>
  times.map((durationMs, i) => ({
    service: 'shop',
    name,
    kind: 2,
    start: at(i),
    durationMs,
    resource: { 'tandem.run.id': 'now', 'service.instance.id': 'one' },
  }));
const many = (count: number, ms: number) => new Array<number>(count).fill(ms);

t.test('routes are in one order, the slowest first, in the overview, its query and the ending', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  await storeSpans(store, [
    ...requests('GET /fast', [3000, ...many(29, 10)]),
    ...requests('GET /few', [1500, 905, ...many(12, 50)]),
    ...requests('GET /once', [700]),
    ...requests('GET /usual', [...many(24, 300), 2000]),
  ]);
  const overview = (await get('/api/overview')).body as Overview;
  t.match(
    overview.routes,
    [
      { name: 'GET /few', count: 14, slow_ms: 905, slow_of: 13 },
      { name: 'GET /once', count: 1, slow_ms: 700, slow_of: 1 },
      { name: 'GET /usual', count: 25, slow_ms: 300 },
      { name: 'GET /fast', count: 30, slow_ms: 10 },
    ],
    'few requests do not sink, and the first one of a process counts only where it is alone',
  );
  t.ok(overview.routes.slice(2).every((route) => !('slow_of' in route)));

  const { params } = routesPlace(600);
  const { results } = await runQuery(store, '__all__', parseQuery(JSON.parse(params.query ?? '{}')));
  t.same(
    results.map(({ data }) => data.name),
    overview.routes.map(({ name }) => name),
    'the query of all routes',
  );

  const saved = readyMadeQueries.find(({ key }) => key === 'slowest-routes')?.query;
  t.match(saved, { calculations: SLOW_CALCULATIONS, formulas: [SLOW_FORMULA], orders: [{ column: SLOW }] });

  const verdict = (await get('/api/verdict?run=now')).body as Verdict;
  t.same(
    verdict.routes?.map(({ route, requests, slowest_ms }) => [route, requests, slowest_ms]),
    [
      ['GET /few', 14, 905],
      ['GET /once', 1, 700],
      ['GET /usual', 25, 2000],
    ],
    'the ending tells the first three of them',
  );
});

t.test('of sampled requests, the stored ones say whether they are few', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const sampled = requests('GET /', many(5, 40)).map((span) => ({ ...span, attributes: { SampleRate: 10 } }));
  await storeSpans(store, sampled);
  const { routes } = (await get('/api/overview')).body as Overview;
  t.match(routes, [{ count: 50, stored: 5, slow_of: 4 }]);
  t.ok(Math.abs((routes[0]?.slow_ms ?? 0) - 40) < 0.2);
});
