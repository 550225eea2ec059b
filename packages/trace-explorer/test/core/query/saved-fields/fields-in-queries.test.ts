import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { evaluate } from '../../../../src/parts/check/server/evaluate.ts';
import { parseTrigger } from '../../../../src/parts/check/server/trigger.ts';
import { askingApp } from '../../../../src/parts/mcp/server/http-handler.ts';
import { at, ids, temporaryExplorer } from '../../../explorer.ts';
import { storeSpans, temporaryDirectory } from '../../../spans.ts';

const folder = temporaryDirectory(t);
const file = join(folder, 'calculated-fields.json');
const save = (...fields: readonly object[]) => writeFileSync(file, JSON.stringify(fields));
const { app, get, store } = await temporaryExplorer(t, { queryFolder: folder });
const id = ids();
const trace = id('trace', 16);
const durations = [100, 300, 500, 700];
await storeSpans(
  store,
  durations.map((durationMs, i) => ({
    traceId: trace,
    spanId: id(`span ${i}`),
    ...(i > 0 && { parentSpanId: id('span 0') }),
    name: i === 0 ? 'root' : 'child',
    service: 'shop',
    start: at(i * 1000),
    durationMs,
    attributes: { tier: 'stored' },
  })),
);
const speed = { alias: 'speed', expression: 'IF(GTE($duration_ms, 400), "slow", "fast")' };
const half = { alias: 'half', expression: 'DIV($duration_ms, 2)' };

const post = async (url: string, payload: object) => {
  const { statusCode, body } = await app.inject({ method: 'POST', url, payload });
  return { status: statusCode, body: JSON.parse(body) };
};
/** Runs a query as clients do. */
const run = async (query: object, dataset = 'shop') => {
  const created = await post(`/1/queries/${dataset}`, query);
  if (created.status !== 200) return created;
  return post(`/1/query_results/${dataset}`, { query_id: created.body.id, disable_series: true });
};
const results = async (query: object, dataset?: string) => {
  const { body } = await run(query, dataset);
  if (body.data === undefined) throw new Error(body.error);
  return body.data.results.map((row: { data: object }) => row.data);
};

t.test('a saved calculated field is a column in every clause', async (t) => {
  save(speed, half);
  t.same(
    await results({
      calculations: [{ op: 'COUNT' }, { op: 'MAX', column: 'half' }],
      breakdowns: ['speed'],
      filters: [{ column: 'half', op: '>', value: 100 }],
      orders: [{ column: 'speed' }],
      havings: [{ calculate_op: 'MAX', column: 'half', op: '>', value: 0 }],
    }),
    [
      { speed: 'fast', COUNT: 1, 'MAX(half)': 150 },
      { speed: 'slow', COUNT: 2, 'MAX(half)': 350 },
    ],
  );
  t.same(
    await results(
      {
        breakdowns: ['root.speed'],
        filters: [{ column: 'any.half', op: '>', value: 300 }],
        calculations: [{ op: 'COUNT' }, { op: 'HEATMAP', column: 'half' }],
        orders: [{ op: 'COUNT' }],
      },
      '__all__',
    ).then(([{ 'root.speed': group, COUNT: spans }]) => ({ group, spans })),
    { group: 'fast', spans: 4 },
    'relational fields, all datasets',
  );
  t.same(
    await results({
      calculations: [
        { op: 'COUNT', name: 'slow', filters: [{ column: 'speed', op: '=', value: 'slow' }] },
        { op: 'COUNT', name: 'all' },
      ],
      formulas: [{ name: 'share', expression: '$slow / $all' }],
      breakdowns: ['tier'],
      orders: [{ column: 'share' }],
    }),
    [{ tier: 'stored', share: 0.5 }],
    'filters of a calculation, below a formula',
  );
  const calculated_fields = [{ name: 'twice', expression: '$half * 4' }];
  t.same(await results({ calculated_fields, calculations: [{ op: 'SUM', column: 'twice' }] }), [
    { 'SUM(twice)': 3200 },
  ]);
});

t.test('the query comes back as it was asked, and runs with the file’s present content', async (t) => {
  save(half);
  const query = { calculations: [{ op: 'SUM', column: 'half' }] };
  const { body } = await post('/1/queries/shop', query);
  t.same(body, { id: body.id, ...query, limit: 100, time_range: 7200 });
  const read = async () =>
    (await post('/1/query_results/shop', { query_id: body.id })).body.data.results[0].data;
  t.same(await read(), { 'SUM(half)': 800 });
  save({ ...half, expression: '1' });
  t.same(await read(), { 'SUM(half)': 4 }, 'an edited file counts at once');
});

t.test('a query’s own field stands before a saved one, which stands before a stored one', async (t) => {
  save({ alias: 'tier', expression: '"saved"' }, { alias: 'shown', expression: 'CONCAT($tier, "!")' });
  t.same(await results({ breakdowns: ['tier', 'shown'] }), [{ tier: 'saved', shown: 'saved!', COUNT: 4 }]);
  const calculated_fields = [{ name: 'tier', expression: 'CONCAT("own of ", $tier)' }];
  t.same(await results({ breakdowns: ['tier', 'shown'], calculated_fields }), [
    { tier: 'own of saved', shown: 'saved!', COUNT: 4 },
  ]);
  const refused = await app.inject({
    method: 'PUT',
    url: '/api/saved/calculated-fields/duration_ms',
    payload: { expression: '1', description: '' },
  });
  t.match(refused.json(), { status: 400, errors: [{ field: 'alias', detail: /hide/ }] });
});

t.test('BubbleUp, raw rows, their traces, the trace list and logs take them as well', async (t) => {
  save(speed, half);
  const query = { filters: [{ column: 'speed', op: '=', value: 'slow' }], time_range: 3600 };
  const bubbleup = await post('/api/bubbleup', { query: {}, selection: { column: 'half', min: 200 } });
  t.match(bubbleup.body, { selection: { events: 2 }, baseline: { events: 2 } });
  const compared = new Map(bubbleup.body.fields.map((field: { name: string }) => [field.name, field]));
  t.match(
    compared.get('speed'),
    {
      type: 'string',
      difference: 1,
      buckets: [{ value: 'fast', selection: 0, baseline: 2 }, { value: 'slow' }],
    },
    'which compares them, too',
  );
  t.match(compared.get('half'), { type: 'float', selected_by: true, difference: 0.5 });
  const { body } = await post('/api/rows', { query, columns: ['half', 'root.speed'] });
  t.same(
    body.rows.map(({ values }: { values: unknown }) => values),
    [
      [350, 'fast'],
      [250, 'fast'],
    ],
  );
  const exported = await app.inject(`/api/export?query=${encodeURIComponent(JSON.stringify(query))}`);
  t.equal(exported.body.split('\n').length, 2);
  t.match((await get('/api/traces?field=speed%3Dslow')).body.traces, [{ trace_id: trace }]);
  t.same((await get('/api/traces?field=half%3D351')).body.traces, []);
  t.same((await get('/api/logs?field=speed%3Dslow')).body.logs, []);
});

t.test('BubbleUp compares usable saved fields, each once, and the query’s own fields', async (t) => {
  const named = async (query: object, compare: string) => {
    const selection = { column: 'duration_ms', min: 400 };
    const { body } = await post('/api/bubbleup', { query, selection, compare });
    return Map.groupBy(body.fields as { name: string; buckets: object[] }[], ({ name }) => name);
  };
  save(
    speed,
    { alias: 'tier', expression: 'CONCAT($speed, "!")' },
    { alias: 'broken', expression: 'SUM(' },
    {
      alias: 'unknown',
      expression: '$no_such_field',
    },
  );
  for (const compare of ['events', 'traces']) {
    const fields = await named({ calculated_fields: [{ name: 'own', expression: 'NOT($speed)' }] }, compare);
    t.match(fields.get('tier'), [{ buckets: [{ value: /!$/u }] }], 'it hides the stored field of its name');
    for (const name of ['tier', 'speed', 'own']) t.equal(fields.get(name)?.length, 1, name);
    for (const name of ['broken', 'unknown']) t.notOk(fields.has(name), name);
  }
});

t.test('a trigger can be about one', async (t) => {
  save(speed, half);
  const trigger = parseTrigger({
    name: 'slow',
    query: { calculations: [{ op: 'MAX', column: 'half' }], breakdowns: ['speed'], time_range: 600 },
    threshold: { op: '>', value: 300 },
    frequency: 300,
  });
  const outcome = await evaluate(trigger, askingApp(app, {}), { at: Date.now() });
  t.match(outcome, { status: 'fires', groups: [{ group: { speed: 'slow' }, value: 350 }] });
});

t.test('they are listed as Honeycomb lists derived columns', async (t) => {
  save(speed, { ...half, description: 'ms' });
  const { body } = await get('/1/derived_columns/shop');
  t.match(body, [
    { ...speed, description: '', created_at: /Z$/ },
    { ...half, description: 'ms' },
  ]);
  t.same((await get(`/1/derived_columns/__all__/${body[1].id}`)).body, body[1]);
  t.same((await get('/1/derived_columns/__all__?alias=half')).body, body[1]);
  t.match(await get('/1/derived_columns/shop?alias=none'), { status: 404 });
  t.match(await get('/1/derived_columns/nowhere'), { status: 404 });
  t.match(await post('/1/derived_columns/shop', speed), {
    status: 404,
    body: { error: /calculated-fields\.json/ },
  });
});

t.test('one that cannot be used is refused by its place, and other queries are answered', async (t) => {
  save(
    { alias: 'broken', expression: 'IF($duration_ms,' },
    { alias: 'a', expression: '$b' },
    { alias: 'b', expression: 'SUM($c, 1)' },
    { alias: 'c', expression: '$a' },
    { alias: 'itself', expression: '$itself' },
    { alias: 'of nothing', expression: '$no.such' },
    { alias: 'twice', expression: '1' },
    { alias: 'twice', expression: '2' },
    ...Array.from({ length: 20 }, (_, i) => ({ alias: `n${i}`, expression: `SUM($n${i + 1}, 1)` })),
    { alias: 'n20', expression: '$duration_ms' },
    half,
  );
  const error = async (name: string) => (await run({ breakdowns: [name] })).body.error;
  t.match(
    await error('broken'),
    /^calculated-fields\.json\[0\]\.expression: "broken" cannot be used: .* 17\)$/,
  );
  t.match(await error('a'), /json\[1\].*uses itself/);
  t.match(await error('c'), /json\[3\].*uses itself/);
  t.match(await error('itself'), /uses itself/);
  t.match(
    await error('of nothing'),
    /json\[5\]\.expression: "of nothing" cannot be used: .*"no\.such".*character 1\)$/,
  );
  t.match(await error('twice'), /there more than once/);
  t.match(await error('n0'), /more than 16 fields/);
  t.equal((await run({ breakdowns: ['n6'] })).status, 201);
  t.same(await results({ calculations: [{ op: 'SUM', column: 'half' }] }), [{ 'SUM(half)': 800 }]);
  t.match(await get('/api/traces?field=broken%3D1'), {
    status: 400,
    body: { errors: [{ field: 'calculated-fields.json[0].expression' }] },
  });
  const { body } = await get('/api/saved');
  t.ok(
    body.problems.some(({ detail }: { detail: string }) =>
      detail.startsWith('[1].expression: a: uses itself'),
    ),
  );
});

t.test('a cycle is not saved', async (t) => {
  save({ alias: 'a', expression: '$b' });
  const { statusCode, body } = await app.inject({
    method: 'PUT',
    url: '/api/saved/calculated-fields/b',
    payload: { expression: '$a', description: '' },
  });
  t.equal(statusCode, 400);
  t.match(body, /uses itself/);
  t.same((await get('/1/derived_columns/shop')).body.length, 1);
});

t.test('a file that was moved, deleted or broken is noticed without a restart', async (t) => {
  save(half);
  const query = { calculations: [{ op: 'SUM', column: 'half' }] };
  t.equal((await run(query)).status, 201);
  renameSync(file, `${file}.old`);
  t.match(await run(query), { status: 422, body: { error: /unknown column "half"/ } });
  renameSync(`${file}.old`, file);
  t.equal((await run(query)).status, 201);
  writeFileSync(file, '[{');
  t.match(await run(query), { status: 422, body: { error: /"half".*calculated-fields\.json is not JSON/ } });
  t.equal((await run({ breakdowns: ['tier'] })).status, 201, 'a query that names none is answered');
  t.match(await get('/1/derived_columns/shop'), { status: 409, body: { error: /is not JSON/ } });
  rmSync(file);
  t.same((await get('/1/derived_columns/shop')).body, []);
});
