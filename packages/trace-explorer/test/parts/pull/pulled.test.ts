import t from 'tap';
import { ratesOf, weightsOf } from '../../../src/parts/pull/clickhouse/choose.ts';
import { jsonLeaves } from '../../../src/parts/pull/file/json-leaves.ts';
import { at, temporaryExplorer } from '../../explorer.ts';
import { storeLogs, storeSpans } from '../../spans.ts';

const resource = { 'tandem.run.id': 'one', 'tandem.pull.name': 'prod' };
const pulled = {
  ...{
    name: 'prod',
    start: 1,
    end: 2,
    traces: 2_000_000,
    spans: 9_000_000,
    pulled: 2,
    where: 'traces that touch checkout',
  },
  ...{
    routes: [{ service: 'shop', name: 'GET /', requests: 7, errors: 1, p50_ms: 1, p90_ms: 2, p99_ms: 3 }],
    more_routes: 0,
  },
};

t.test(
  'the overview has what the engine counted, and how many are stored of what is estimated',
  async (t) => {
    const { store, get } = await temporaryExplorer(t);
    await storeSpans(store, [
      { start: at(0), kind: 2, service: 'shop', name: 'GET /', attributes: { SampleRate: 100 }, resource },
    ]);
    await storeLogs(store, [
      { time: at(0), eventName: 'tandem.pull', body: JSON.stringify(pulled), service: 'prod', resource },
    ]);
    const { body } = await get('/api/overview?time_range=3600');
    t.same(body.counted, pulled);
    t.match(body.requests, { count: 100, stored: 1 });
  },
);

t.test('a record that only looks like an engine’s is passed over', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  await storeSpans(store, [{ start: at(0), resource }]);
  for (const body of ['no JSON', '{"name":"prod","routes":7}', '[]'])
    await storeLogs(store, [{ time: at(0), eventName: 'tandem.pull', body, resource }]);
  const { status, body } = await get('/api/overview?time_range=3600');
  t.equal(status, 200);
  t.equal(body.counted, undefined);
});

t.test(
  'verify leaves out by name what the table lost, and takes the engine’s record for no service',
  async (t) => {
    const { store, get } = await temporaryExplorer(t);
    const wrong = { 'http.response.status_code': '200' };
    await storeSpans(store, [{ start: at(0), service: 'shop', attributes: wrong, resource }]);
    await storeLogs(store, [
      {
        time: at(0),
        eventName: 'tandem.pull',
        body: JSON.stringify(pulled),
        service: 'prod',
        severity: 0,
        resource,
      },
    ]);
    const { body } = await get('/api/verify?time_range=3600');
    t.same(
      body.services.map(({ service }: { service: string }) => service),
      ['shop'],
    );
    t.notOk(body.services[0].violations.some(({ rule }: { rule: string }) => rule === 'wrong-type'));
    const left = body.not_measured.map(({ rule }: { rule: string }) => rule);
    t.ok(left.includes('wrong-type') && left.includes('cut-attributes'), left.join());
  },
);

t.test('what the engine counted is no row of a query', async (t) => {
  const { app, store } = await temporaryExplorer(t);
  await storeSpans(store, [{ start: at(0), service: 'shop', name: 'GET /', resource }]);
  const record = { time: at(0), body: JSON.stringify(pulled), service: 'prod' };
  await storeLogs(store, [
    { ...record, eventName: 'tandem.pull', resource },
    { ...record, eventName: 'order.paid', resource },
  ]);
  const post = async (path: string, payload: object) =>
    (await app.inject({ method: 'POST', url: path, payload })).json();
  for (const [dataset, rows] of [
    ['__all__', 2],
    ['prod', 1],
  ] as const) {
    const { id } = await post(`/1/queries/${dataset}`, { calculations: [{ op: 'COUNT' }], time_range: 3600 });
    const { data } = await post(`/1/query_results/${dataset}`, { query_id: id });
    t.match(data.results, [{ data: { COUNT: rows } }], dataset);
  }
});

t.test('values of a JSON column are read by their paths, a key that comes twice too', (t) => {
  t.same(
    [...jsonLeaves('{"a":1,"a":{"b":2,"c":{"d":"}\\\\\\"{"}},"e":[{"f":1},"]"], "g" : true,"h":{}}')],
    [
      ['a', '1'],
      ['a.b', '2'],
      ['a.c.d', '"}\\\\\\"{"'],
      ['e', '[{"f":1},"]"]'],
      ['g', 'true'],
    ],
  );
  for (const wrong of ['[1]', '{"a"', '{"a":', '{"a":"', '{"a":[1']) t.throws(() => jsonLeaves(wrong), wrong);
  const large = `{"a":"${'\\\\'.repeat(2_000_000)}","b":[${'{},'.repeat(200_000)}{}]}`;
  t.equal(jsonLeaves(large).size, 2);
  t.end();
});

t.test(
  'a class that fits comes whole, what it does not need goes to the others, and rare routes are seen',
  (t) => {
    const strata = [
      { kind: 0, key: '1', traces: 100 },
      { kind: 1, key: '2', traces: 20_000 },
      { kind: 2, key: '3', traces: 1_000_000 },
      { kind: 2, key: '4', traces: 100 },
    ];
    const { rates, sizes } = ratesOf(strata, 5000);
    t.same(sizes, [100, 20_000, 1_000_100]);
    t.notOk(rates.has('1'), 'all of them');
    const expected = strata.map(({ key, traces }) => traces / Number(rates.get(key) ?? 1n));
    const [, slow = 0, frequent = 0, rare = 0] = expected;
    t.ok(100 + slow + frequent + rare <= 5000, String(expected));
    t.ok(slow > 1000 && frequent + rare > 2800, String(expected));
    t.ok(rare > 20 && frequent / rare < 200, 'as the root of 10,000 to 1');
    t.same([...ratesOf(strata.slice(0, 1), 5000).rates], []);
    t.end();
  },
);

t.test('the weights of a class add up to what the engine counted', (t) => {
  const chosen = Array.from({ length: 300 }, (_, n) => ({ id: String(n), kind: n % 3, rate: 1 + (n % 50) }));
  const sizes = [100, 2500, 100_000];
  const weights = weightsOf(chosen, sizes);
  for (const kind of [1, 2]) {
    const own = chosen.filter((each) => each.kind === kind).map(({ id }) => weights.get(id) ?? 0);
    t.ok(Math.abs(own.reduce((a, b) => a + b, 0) - (sizes[kind] ?? 0)) <= own.length / 50 + 1);
  }
  t.ok([...weights.values()].every((weight) => Number.isInteger(weight) && weight >= 1));
  t.end();
});
