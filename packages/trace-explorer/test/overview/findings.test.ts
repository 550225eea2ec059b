import t from 'tap';
import { spanColumns } from '../../src/traces/read/span-columns.ts';
import { at, ids, temporaryExplorer } from '../explorer.ts';
import { storeSpans } from '../spans.ts';

const id = ids();

/** Spans of a trace whose root calls the database so many times, one call after the other. */
function traceWithCalls(name: string, route: string, calls: number) {
  const traceId = id(name, 16);
  const spanId = id(name);
  const root = { traceId, spanId, service: 'shop', name: route, kind: 2, start: at(0), durationMs: 90 };
  return [root, ...callsBelow(root, calls)];
}

function callsBelow({ traceId, spanId }: { traceId: string; spanId: string }, calls: number) {
  return Array.from({ length: calls }, (_, i) => ({
    traceId,
    parentSpanId: spanId,
    service: 'shop',
    name: 'SELECT users',
    kind: 3,
    start: at(1 + 10 * i),
    durationMs: 9,
  }));
}

t.test('the overview says which routes have which findings, in how many traces of each', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  await storeSpans(store, [
    ...traceWithCalls('one', 'GET /cart', 6),
    ...traceWithCalls('two', 'GET /cart', 7),
    ...traceWithCalls('three', 'GET /cart', 1),
    ...traceWithCalls('four', 'GET /home', 5),
  ]);
  const { body } = await get('/api/overview/findings');
  t.match(body, {
    traces: 4,
    of: 4,
    findings: [
      {
        service: 'shop',
        name: 'GET /cart',
        rule: 'repeated-call',
        traces: 2,
        of: 3,
        sentence: /^SELECT users was called [67] times/,
      },
      { service: 'shop', name: 'GET /home', rule: 'repeated-call', traces: 1, trace_id: id('four', 16) },
    ],
  });
  t.equal(body.findings.length, 2);
  t.match(body.findings[0].finding, /^repeated-call:[0-9a-f]{16}$/);
  const only = async (search: string) => (await get(`/api/overview/findings?${search}`)).body;
  t.match(await only('name=GET%20%2Fhome&service=shop'), { traces: 1, findings: [{ name: 'GET /home' }] });
  t.same(await only('service=other'), { traces: 0, of: 0, findings: [] });
  t.equal((await only('rule=repeated-call')).findings.length, 2);
  t.same(await only('rule=retries'), { traces: 4, of: 4, findings: [] });
  t.same((await get('/api/overview/findings?start_time=1&end_time=2')).body, {
    traces: 0,
    of: 0,
    findings: [],
  });
});

t.test('a finding of a rare route is said beside many newer traces of another', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const root = (name: string, startMs: number) => ({
    traceId: id(`${name} ${startMs}`, 16),
    spanId: id(`${name} ${startMs}`),
    service: 'shop',
    name,
    kind: 2,
    start: at(startMs),
    durationMs: 90,
  });
  const rare = root('GET /cart', 0);
  const many = Array.from({ length: 300 }, (_, i) => root('GET /home', 100 + i));
  await storeSpans(store, [rare, ...callsBelow(rare, 6), ...many]);
  const { body } = await get('/api/overview/findings');
  t.match(body.findings, [{ name: 'GET /cart', rule: 'repeated-call', traces: 1, of: 1 }]);
  t.equal(body.of, 301);
});

t.test('a loop of calls in one trace is found among thousands of the same route', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const home = (name: string, calls: number) => traceWithCalls(name, 'GET /home', calls);
  // More than are examined; by their order alone, the last ones never are.
  const names = Array.from({ length: 5200 }, (_, i) => `home ${i}`);
  await storeSpans(
    store,
    names.flatMap((name) => home(name, 1)),
  );
  const { traceId } = spanColumns(store);
  const { rows } = await store.read(`SELECT ${traceId} FROM spans ORDER BY hash(${traceId}) DESC LIMIT 1`);
  const last = names.find((name) => id(name, 16) === rows[0]?.[0]) ?? '';
  await storeSpans(store, home(last, 8).slice(2));
  const { body } = await get('/api/overview/findings');
  t.match(body, { of: 5200, findings: [{ rule: 'repeated-call', traces: 1, trace_id: id(last, 16) }] });
  t.ok(body.traces < 5200);
});
