import { decodedLogs } from '@tandem/otlp/testing';
import t from 'tap';
import { readyMadeQueries } from '../../../../src/core/query/build/ready-made.ts';
import type { RowScope } from '../../../../src/core/query/build/scope.ts';
import { scopeOf, withScope } from '../../../../src/core/query/build/scope.ts';
import { parseQuery } from '../../../../src/core/query/parse/parse-query.ts';
import { runQuery } from '../../../../src/core/query/run/run-query.ts';
import type { SpanStore } from '../../../../src/core/store/store.ts';
import { requestsPlace, routePlace } from '../../../../src/parts/overview/page/overview-places.ts';
import { temporaryExplorer } from '../../../explorer.ts';
import { sendTraffic } from '../../../page/traffic.ts';
import { randomId } from '../../../spans.ts';

/** Lines that have every field that a query about spans asks for, but for what makes a row a span. */
async function writeLines(store: SpanStore, traceId: string): Promise<void> {
  const attributes = {
    'app.now': 'now',
    error: true,
    'user.id': 'worf',
    'http.route': '/api/activities/home',
    name: 'GET /api/activities/home',
    duration_ms: 5000,
    'error.type': 'Error',
    'exception.message': 'of a line',
  };
  const line = { service: 'activities-api', time: BigInt(Date.now() - 30_000) * 1_000_000n, attributes };
  await store.write(
    decodedLogs([
      { ...line, body: 'without a trace' },
      { ...line, body: 'of the trace', traceId },
      { ...line, body: 'of a span', traceId, spanId: randomId(8) },
      { ...line, body: 'of a trace without spans', traceId: randomId(16), spanId: randomId(8) },
    ]),
  );
}

t.test('a query about spans counts the same with log records beside the spans', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  await sendTraffic(store, { traces: 30 });
  const { traces } = (await get('/api/traces?limit=1')).body;
  const queryOf = ({ params }: { params: Readonly<Record<string, string>> }) =>
    JSON.parse(params.query ?? '{}');
  const route = {
    service: 'activities-api',
    name: 'GET /api/activities/home',
    count: 0,
    errors: 0,
    p50_ms: 0,
    p95_ms: 0,
  };
  const queries = [
    ...readyMadeQueries.filter(({ key }) => key !== 'log-records').map(({ query }) => query),
    requestsPlace(600),
    routePlace(route, 600),
  ].map((each) => ('params' in each ? queryOf(each) : each));
  const scopes: RowScope[] = ['requests', 'roots', 'spans'];
  const base = { calculations: [{ op: 'COUNT' as const }], time_range: 600 };
  queries.push(...scopes.map((scope) => withScope(base, scope)));
  const answers = async () => {
    const found = [];
    for (const query of queries) found.push((await runQuery(store, '__all__', parseQuery(query))).results);
    for (const path of ['/api/overview?time_range=600', '/api/map?time_range=600', '/api/traces?limit=100']) {
      // The overview says how many log records there are, and nothing else of them.
      const { start_time, end_time, logs: _, ...body } = (await get(path)).body;
      found.push(JSON.parse(JSON.stringify(body).replace(/"rate_per_second":[^,]+,/g, '')));
    }
    return found;
  };
  const before = await answers();
  t.ok(
    before.every((each) => !Array.isArray(each) || each.length > 0),
    'each finds something',
  );
  await writeLines(store, traces[0].trace_id);
  const after = await answers();
  for (const [index, answer] of after.entries())
    t.same(answer, before[index], JSON.stringify(queries[index] ?? 'an answer of the API'));
  const logs = withScope(base, 'logs') ?? {};
  t.match((await runQuery(store, '__all__', parseQuery(logs))).results, [{ data: { COUNT: 4 } }]);
});

t.test('a query says which rows it is about', (t) => {
  const base = {
    calculations: [{ op: 'COUNT' as const }],
    filters: [{ column: 'n', op: '=' as const, value: 1 }],
  };
  for (const scope of ['requests', 'roots', 'spans', 'logs', 'rows'] as const)
    t.equal(scopeOf(withScope(base, scope) ?? {}), scope);
  const changed = withScope(withScope(base, 'roots') ?? {}, 'logs');
  t.same(changed?.filters, [{ column: 'meta.signal_type', op: '=', value: 'log' }, base.filters[0]]);
  t.equal(
    withScope({ ...base, filters: [...base.filters, ...base.filters], filter_combination: 'OR' }, 'logs'),
    undefined,
  );
  t.end();
});
