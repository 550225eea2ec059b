import t from 'tap';
import type { SpanStore } from '../src/core/store/store.ts';
import { openPage } from './page/browser.ts';
import type { PlainSpan } from './spans.ts';
import { randomId, storeSpans } from './spans.ts';

const SPANS_PER_TRACE = 7;
const TRACES = Math.ceil(1_200_000 / SPANS_PER_TRACE);
const TRACES_PER_WRITE = 500;
const SECONDS = 500;
const ROOT_MS = 10;
const TIMEOUT_MS = 600_000;
const SHOWN = { timeout: 60_000 };
const DAY = 86_400;

t.setTimeout(TIMEOUT_MS);

for (const rate of [undefined, 10]) {
  const sampled = rate === undefined ? '' : ', sampled ones,';
  t.test(
    `every view shows 1.2 million spans${sampled} exactly where it can, and says where it cannot`,
    async (t) => {
      t.setTimeout(TIMEOUT_MS);
      const { page, origin, problems } = await openPage(t, { path: '/', fill: (store) => fill(store, rate) });
      const get = (path: string) => answerOf(`${origin}${path}`);
      const post = (path: string, body: unknown) => answerOf(`${origin}${path}`, body);
      const requests = TRACES * (rate ?? 1);

      // Twice: DuckDB has less memory when it keeps what it read before.
      for (const _ of [1, 2]) {
        const overview = await get(`/api/overview?time_range=${DAY}`);
        t.equal(overview.requests.count, 2 * requests, 'requests are all counted');
        t.ok(overview.one_trace_in > 1, 'dependencies are of some traces');
        t.equal(overview.counts_of_one_trace_in, undefined);
        const [{ name, count }] = overview.dependencies;
        t.equal(name, 'sqlite users');
        t.ok(Math.abs(count / requests - 1) < 0.05, `${count} calls of ${requests}`);
        const map = await get(`/api/map?time_range=${DAY}`);
        t.match(
          map.services.map((each: { count: number }) => each.count),
          [requests, requests, requests],
        );
        const [call] = map.calls;
        t.ok(Math.abs(call.count / requests - 1) < 0.05, `${call.count} calls of ${requests}`);
      }
      t.equal((await get('/api/traces?order=slowest&limit=100')).traces.length, 100);
      t.equal((await get('/api/traces?errors=true')).traces.length, 50);
      const [newest] = (await get('/api/traces')).traces;
      t.equal(newest.spans, SPANS_PER_TRACE);
      t.equal((await get(`/api/traces/${newest.trace_id}/outline`)).trace_id, newest.trace_id);
      t.same((await get('/api/logs')).logs, []);
      for (const path of ['/api/logs/density', '/api/fields', '/api/status']) await get(path);
      const query = { time_range: DAY, filters: [{ column: 'duration_ms', op: '>=', value: ROOT_MS }] };
      t.equal((await post('/api/rows', { query })).rows.length, 100);
      const selection = { filters: [{ column: 'error', op: 'exists' }] };
      t.ok((await post('/api/bubbleup', { query: { time_range: DAY }, selection })).fields.length > 3);

      await page.goto(`${origin}/?last=${DAY}`);
      await page.getByText(/Dependencies: those of one trace in \d+/).waitFor(SHOWN);
      await page.goto(`${origin}/map?last=${DAY}`);
      await page.getByText(/Calls between services: those of one trace in \d+/).waitFor(SHOWN);
      t.equal(await page.locator('.map-node').count(), 3);
      const percentiles = ['P50', 'P95', 'P99'].map((op) => ({ op, column: 'duration_ms' }));
      const spec = { time_range: DAY, calculations: percentiles, breakdowns: ['root.name'] };
      await page.goto(`${origin}/query?query=${encodeURIComponent(JSON.stringify(spec))}`);
      await page.getByRole('cell', { name: 'GET /0' }).first().waitFor(SHOWN);
      await page.goto(`${origin}/traces`);
      await page
        .getByRole('link', { name: /GET \/\d/ })
        .first()
        .waitFor(SHOWN);
      await page.goto(`${origin}/trace/${newest.trace_id}`);
      await page.getByText('SELECT users').first().waitFor(SHOWN);
      for (const path of ['/logs', '/traces?live=true']) {
        await page.goto(origin + path);
        await page.locator('main').waitFor(SHOWN);
        t.equal(await page.getByRole('alert').count(), 0, path);
      }
      t.same(problems, []);
    },
  );
}

async function fill(store: SpanStore, rate: number | undefined): Promise<void> {
  const first = Date.now() - SECONDS * 1000;
  for (let from = 0; from < TRACES; from += TRACES_PER_WRITE) {
    const traces = Array.from({ length: Math.min(TRACES_PER_WRITE, TRACES - from) }, (_, i) => {
      const start = BigInt(Math.round((first + (SECONDS * 1000 * (from + i)) / TRACES) * 1e6));
      return request(from + i, start, rate);
    });
    await storeSpans(store, traces.flat());
  }
}

/** Seven spans of two services, with a database. */
function request(n: number, start: bigint, rate: number | undefined): PlainSpan[] {
  const traceId = randomId(16);
  const ids = Array.from({ length: SPANS_PER_TRACE }, () => randomId(8));
  const sampling = rate === undefined ? {} : { SampleRate: rate };
  const fails = n % 50 === 0;
  const span = (place: number, parent: number | undefined, own: PlainSpan): PlainSpan => ({
    traceId,
    spanId: ids[place] ?? '',
    ...(parent !== undefined && { parentSpanId: ids[parent] ?? '' }),
    start,
    ...own,
    attributes: { ...own.attributes, ...sampling },
  });
  const api = 'activities-api';
  const users = 'user-lookup';
  const sqlite = { 'db.system.name': 'sqlite', 'db.namespace': 'users' };
  return [
    span(0, undefined, {
      service: api,
      name: `GET /${n % 5}`,
      kind: 2,
      durationMs: ROOT_MS + (n % 1000) / 10,
      ...(fails && { status: 2 as const }),
      attributes: { 'user.id': `user-${n % 1000}`, ...(fails && { 'exception.message': `failed ${n % 7}` }) },
    }),
    span(1, 0, { service: api, name: 'home-activities-data', kind: 1, durationMs: 9 }),
    span(2, 1, { service: api, name: 'read cache', kind: 1, durationMs: 1 }),
    span(3, 1, { service: api, name: 'GET', kind: 3, durationMs: 5 }),
    span(4, 3, { service: users, name: 'GET /api/users', kind: 2, durationMs: 4 }),
    span(5, 4, { service: users, name: 'SELECT users', kind: 3, durationMs: 3, attributes: sqlite }),
    span(6, 1, { service: api, name: 'home-result-activities', kind: 1, durationMs: 1 }),
  ];
}

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever it expects of an answer
async function answerOf(url: string, body?: unknown): Promise<any> {
  const post = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
  const response = await fetch(url, body === undefined ? {} : post);
  const answer = await response.json();
  t.equal(response.status, 200, `${url} ${response.ok ? '' : JSON.stringify(answer)}`);
  return answer;
}
