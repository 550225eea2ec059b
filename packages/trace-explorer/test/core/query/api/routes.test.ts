import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import fastify from 'fastify';
import type { Test } from 'tap';
import t from 'tap';
import type { QueryRouteOptions } from '../../../../src/core/query/api/routes.ts';
import { queryRoutes } from '../../../../src/core/query/api/routes.ts';
import { NO_SAVED_FIELDS } from '../../../../src/core/query/parse/saved-fields.ts';
import type { SpanStore } from '../../../../src/core/store/store.ts';
import { fakeStore } from '../fake-store.ts';
import { duckdbSource } from '../run/duckdb-source.ts';
import { BEGIN, LENGTH, oracleRows, TYPES } from '../run/oracle-data.ts';

const TIMES = { start_time: BEGIN, end_time: BEGIN + LENGTH };
const ROWS = oracleRows(1, 200);
const API_ROWS = ROWS.filter((row) => row.dataset === 'api').length;

t.test('a client written for the Query Data API creates, runs and polls a query', async (t) => {
  const { url } = await serve(t);
  const client = queryDataClient(url);
  const query = await client('POST', '/1/queries/api', {
    ...TIMES,
    calculations: [{ op: 'COUNT' }],
    breakdowns: ['name'],
  });
  t.equal(query.status, 200);
  t.match(query.body, { id: /^\w{11}$/, calculations: [{ op: 'COUNT' }], breakdowns: ['name'], ...TIMES });

  const run = await client('POST', '/1/query_results/api', { query_id: query.body.id, limit: 10_000 });
  t.equal(run.status, 201);
  t.equal(run.location, `${url}/1/query_results/api/${run.body.id}`, 'absolute, as Honeycomb’s');
  const result = await poll(client, run);

  t.match(result.body, {
    query: { id: query.body.id },
    links: { query_url: new RegExp(`^${url}/query\\?dataset=api&query=%7B`), graph_image_url: /^http:/ },
  });
  const { links } = result.body;
  t.equal(links.graph_image_url, links.query_url, 'the page draws the graph');
  t.match(JSON.parse(new URL(links.query_url).searchParams.get('query') ?? ''), {
    breakdowns: ['name'],
    ...TIMES,
  });
  const counts = result.body.data.results.map((row) => row.data.COUNT);
  t.equal(
    counts.reduce((a, b) => a + b),
    API_ROWS,
  );
  t.match(result.body.data.series[0], {
    time: /^\d{4}-\d\d-\d\dT\d\d:\d\d:[03]0Z$/,
    data: { COUNT: Number },
  });
  const again = await client('GET', run.location);
  t.same(again.body.data, result.body.data, 'a kept result is the same each time');
  t.same((await client('GET', `/1/queries/api/${query.body.id}`)).body, query.body);
});

t.test('a client that disconnects cancels its query', async (t) => {
  const started = Promise.withResolvers<AbortSignal>();
  const { url } = await serve(t, {}, (store) => ({
    ...store,
    read: (_sql, _values, options) => hang(options?.signal, started.resolve),
  }));
  const client = queryDataClient(url);
  const { body: query } = await client('POST', '/1/queries/api', TIMES);
  const leaving = new AbortController();
  const gone = t.rejects(client('POST', '/1/query_results/api', { query_id: query.id }, leaving.signal));
  const signal = await started.promise;
  t.equal(signal.aborted, false);
  leaving.abort();
  await gone;
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
  t.equal(signal.aborted, true);
});

t.test('no more queries run at once than allowed', async (t) => {
  const started = Promise.withResolvers<AbortSignal>();
  const { url } = await serve(t, { maxRunning: 1 }, (store) => ({
    ...store,
    read: (_sql, _values, options) => hang(options?.signal, started.resolve),
  }));
  const client = queryDataClient(url);
  const { body: query } = await client('POST', '/1/queries/api', TIMES);
  const leaving = new AbortController();
  const gone = t.rejects(client('POST', '/1/query_results/api', { query_id: query.id }, leaving.signal));
  await started.promise;
  t.match(await client('POST', '/1/query_results/api', { query_id: query.id }), {
    status: 429,
    retryAfter: '1',
  });
  leaving.abort();
  await gone;
});

t.test('a server that closes does not wait for its queries', async (t) => {
  const started = Promise.withResolvers<AbortSignal>();
  const { url, app } = await serve(t, {}, (store) => ({
    ...store,
    read: (_sql, _values, options) => hang(options?.signal, started.resolve),
  }));
  const client = queryDataClient(url);
  const { body: query } = await client('POST', '/1/queries/api', TIMES);
  const running = client('POST', '/1/query_results/api', { query_id: query.id }).catch(() => undefined);
  const signal = await started.promise;
  await app.close();
  t.equal(signal.aborted, true);
  await running;
});

t.test('results are kept up to a number and a size, the newest last', async (t) => {
  const { url } = await serve(t, { maxResults: 2 });
  const client = queryDataClient(url);
  const { body: query } = await client('POST', '/1/queries/api', TIMES);
  const runs = [];
  for (let i = 0; i < 3; i++) runs.push(await client('POST', '/1/query_results/api', { query_id: query.id }));
  const statuses = await Promise.all(runs.map(async (run) => (await client('GET', run.location)).status));
  t.same(statuses, [404, 200, 200]);

  const small = queryDataClient((await serve(t, { maxResultBytes: 10 })).url);
  const { body: created } = await small('POST', '/1/queries/api', TIMES);
  const run = await small('POST', '/1/query_results/api', { query_id: created.id });
  t.equal(run.body.complete, true, 'who asked is answered');
  t.equal((await small('GET', run.location)).status, 404, 'but what is too large is not kept');
});

t.test('errors have the form of Honeycomb’s', async (t) => {
  const { url } = await serve(t);
  const client = queryDataClient(url);
  t.match(await client('POST', '/1/queries/nowhere', {}), {
    status: 404,
    body: {
      status: 404,
      type: `${url}/problems/not-found`,
      title: 'The requested resource cannot be found.',
      error: 'Dataset not found',
    },
  });
  t.match(await client('POST', '/1/queries/api', { breakdowns: ['nope'] }), {
    status: 422,
    type: 'application/problem+json; charset=utf-8',
    body: {
      status: 422,
      type: `${url}/problems/validation-failed`,
      title: 'The provided input is invalid.',
      error: /unknown column "nope"/,
      type_detail: [{ field: 'breakdowns[0]', code: 'invalid', description: /unknown column "nope"/ }],
    },
  });
  t.match(await client('POST', '/1/queries/api', '{"calculations":'), {
    status: 400,
    body: { type: `${url}/problems/unparseable` },
  });
  t.match(await client('POST', '/1/queries/api', '{"__proto__":{"limit":1}}'), { status: 422 });
  t.match(await client('POST', '/1/queries/api', JSON.stringify('x'.repeat(300_000))), {
    status: 413,
    body: { status: 413 },
  });
  t.match(await client('POST', '/1/query_results/api', { query_id: 'abcd1234' }), {
    status: 404,
    body: { error: 'Query not found' },
  });
  t.match(await client('GET', '/1/query_results/api/abcd1234'), {
    status: 404,
    body: { error: 'Query result not found' },
  });
  t.match(await client('GET', '/1/nothing'), { status: 404, body: { type: `${url}/problems/not-found` } });
  const { body: query } = await client('POST', '/1/queries/api', {});
  t.match(
    await client('GET', `/1/queries/lookup/${query.id}`),
    { status: 404 },
    'a query belongs to its dataset',
  );
});

t.test('a total over all groups is answered on request', async (t) => {
  const { url } = await serve(t);
  const client = queryDataClient(url);
  const spec = { ...TIMES, breakdowns: ['name'], limit: 1 };
  const { body: query } = await client('POST', '/1/queries/api', spec);
  const total = { query_id: query.id, disable_total_by_aggregate: false };
  const { data } = (await poll(client, await client('POST', '/1/query_results/api', total))).body;
  t.same(data.total_by_aggregate, { COUNT: API_ROWS }, 'also of groups beyond the limit');
  t.equal(data.results.length, 1);
  const sum = data.total_by_aggregate_series?.reduce((all, point) => all + point.data.COUNT, 0);
  t.equal(sum, API_ROWS);
  const short = await client('POST', '/1/query_results/api', { ...total, disable_series: true });
  t.notOk('total_by_aggregate_series' in (await poll(client, short)).body.data);
  const plain = await client('POST', '/1/query_results/api', { query_id: query.id });
  t.notOk('total_by_aggregate' in (await poll(client, plain)).body.data);
});

t.test(
  'the groups beyond the limit are answered together on request, for groups of every type',
  async (t) => {
    const { url } = await serve(t);
    const client = queryDataClient(url);
    const ask = async (spec: object) => {
      const { body: query } = await client('POST', '/1/queries/api', { ...TIMES, ...spec });
      const run = { query_id: query.id, disable_other_by_aggregate: false };
      return (await poll(client, await client('POST', '/1/query_results/api', run))).body.data;
    };
    for (const breakdowns of [
      ['name'],
      ['error'],
      ['duration_ms'],
      ['http.status'],
      ['mixed', '__proto__', 'error'],
    ]) {
      const data = await ask({ breakdowns, limit: 2, granularity: LENGTH });
      const shown = data.results.reduce((all, { data }) => all + data.COUNT, 0);
      t.equal(shown + (data.other_by_aggregate?.COUNT ?? 0), API_ROWS, breakdowns.join());
      const series = data.other_by_aggregate_series?.reduce((all, point) => all + point.data.COUNT, 0);
      t.equal(series, data.other_by_aggregate?.COUNT);
    }
    const calculations = [{ op: 'COUNT', name: 'n' }];
    const formulas = [{ name: 'double', expression: '$n * 2' }];
    const { results, other_by_aggregate } = await ask({
      calculations,
      formulas,
      breakdowns: ['name'],
      limit: 1,
    });
    t.same(other_by_aggregate, { double: 2 * API_ROWS - (results[0]?.data.double ?? 0) });
    t.notOk(
      'other_by_aggregate' in (await ask({ breakdowns: ['name'], limit: 1000 })),
      'no group is left out',
    );
    t.notOk('other_by_aggregate' in (await ask({})), 'nor is there one without groups');
  },
);

t.test('an internal error is not shown to the client', async (t) => {
  const { url } = await serve(t, {}, (store) => ({
    ...store,
    read: async () => {
      throw new Error('/secret/path');
    },
  }));
  const client = queryDataClient(url);
  const { body: query } = await client('POST', '/1/queries/api', {});
  const run = await client('POST', '/1/query_results/api', { query_id: query.id });
  t.equal(run.status, 500);
  t.notMatch(JSON.stringify(run.body), /secret/);
});

t.test('a client can check its key and find datasets and columns', async (t) => {
  const { url } = await serve(t, {}, undefined, ['api', 'User Lookup/2']);
  const client = queryDataClient(url);
  t.match((await client('GET', '/1/auth')).body, {
    api_key_access: { queries: true, events: false, createDatasets: false },
    environment: { slug: 'local' },
    team: { slug: 'tandem' },
  });
  t.match((await client('GET', '/1/datasets')).body, [
    { name: 'api', slug: 'api', last_written_at: /Z$/ },
    { slug: 'user-lookup-2' },
  ]);
  t.equal((await client('GET', '/1/columns/user-lookup-2')).status, 200, 'by slug');
  t.equal((await client('GET', `/1/columns/${encodeURIComponent('User Lookup/2')}`)).status, 200, 'by name');
  const columns: unknown = (await client('GET', '/1/columns/api')).body;
  t.same(
    (columns as { key_name: string }[]).map((each) => each.key_name),
    [...TYPES.keys()].sort(),
  );
  t.match((await client('GET', '/1/columns/api?key_name=duration_ms')).body, {
    key_name: 'duration_ms',
    type: 'float',
    hidden: false,
  });
  t.match((await client('GET', '/1/columns/api?key_name=nope')).status, 404);
  const { id } = (await client('GET', '/1/columns/api?key_name=duration_ms')).body;
  t.match((await client('GET', `/1/columns/api/${id}`)).body, { id, key_name: 'duration_ms' });
  t.equal((await client('GET', '/1/columns/api/nope')).status, 404);
  t.match((await client('GET', '/1/datasets/user-lookup-2')).body, { name: 'User Lookup/2' });
  t.equal((await client('GET', '/1/datasets/nope')).status, 404);
});

t.test('a resource of Honeycomb alone is an empty list, and a write is refused with its place', async (t) => {
  const { url } = await serve(t);
  const client = queryDataClient(url);
  for (const path of ['boards', 'recipients', 'markers/api', 'triggers/api', 'slos/api']) {
    t.match(await client('GET', `/1/${path}`), { status: 200, body: [] }, path);
    for (const [method, to, status] of [
      ['POST', path, 404],
      ['PUT', `${path}/abc`, 404],
      ['DELETE', `${path}/abc`, 404],
      ['GET', `${path}/abc`, 404],
    ] as const) {
      const answer = await client(method, `/1/${to}`, method === 'POST' || method === 'PUT' ? {} : undefined);
      t.match(
        answer,
        { status, body: { error: /Honeycomb \(https:\/\/api\.honeycomb\.io\/1\)/ } },
        `${method} ${to}`,
      );
    }
  }
});

/** Serves the routes on a free port, over rows in memory; `change` wraps the store. */
async function serve(
  t: Test,
  options: Partial<QueryRouteOptions> = {},
  change: (store: SpanStore) => Partial<SpanStore> = (store) => store,
  datasets = ['api', 'lookup'],
) {
  const source = await duckdbSource(TYPES, ROWS);
  const app = fastify({ forceCloseConnections: true });
  await app.register(queryRoutes, {
    prefix: '/1',
    store: change(fakeStore(source, datasets)) as SpanStore,
    readSaved: async () => NO_SAVED_FIELDS,
    ...options,
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  t.teardown(async () => {
    await app.close();
    source.close();
  });
  return { app, url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}` };
}

function hang(signal: AbortSignal | undefined, started: (signal: AbortSignal) => void): Promise<never> {
  return new Promise((_, reject) => {
    if (signal === undefined) throw new TypeError('a query must be cancellable');
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    started(signal);
  });
}

/** What tests read of the JSON that the server sends. */
interface Body {
  readonly id: string;
  readonly complete: boolean;
  readonly links: { readonly query_url: string; readonly graph_image_url: string };
  readonly data: {
    readonly results: { data: { COUNT: number; 'MAX(duration_ms)': number; double?: number } }[];
    readonly series: unknown[];
    readonly total_by_aggregate?: { COUNT: number };
    readonly other_by_aggregate?: { COUNT: number; double?: number };
    readonly other_by_aggregate_series?: { data: { COUNT: number } }[];
    readonly total_by_aggregate_series?: { data: { COUNT: number } }[];
  };
}

interface Answer {
  readonly status: number;
  readonly type: string | undefined;
  readonly location: string;
  readonly retryAfter: string | undefined;
  readonly body: Body;
}

/** Asks again until a result is complete, as the documentation tells clients to. */
async function poll(client: ReturnType<typeof queryDataClient>, run: Answer): Promise<Answer> {
  let answer = run;
  for (let i = 0; i < 500 && answer.body.complete !== true; i++) answer = await client('GET', run.location);
  return answer;
}

/** Speaks to the API as its documentation shows: JSON in and out, the key in a header. */
function queryDataClient(url: string) {
  return (method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'x-honeycomb-team': 'any-key' };
      const request = httpRequest(
        new URL(path, url),
        { method, headers, ...(signal ? { signal } : {}) },
        async (response) => {
          let text = '';
          for await (const chunk of response.setEncoding('utf8')) text += chunk;
          resolve({
            status: response.statusCode ?? 0,
            type: response.headers['content-type'],
            location: response.headers.location ?? '',
            retryAfter: response.headers['retry-after'],
            body: JSON.parse(text),
          });
        },
      );
      request.on('error', reject);
      request.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body));
    });
}
