import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SLOW_USER } from '../../packages/trace-explorer/testing/demo-data/index.ts';
import { median } from '../../tools/statistics.ts';
import type { Explorer } from '../lib/explorer-process.ts';
import { startExplorer } from '../lib/explorer-process.ts';
import type { Row } from '../lib/measurements.ts';
import { recordMeasurements } from '../lib/measurements.ts';
import { exportBody } from '../lib/service-spans.ts';
import { ask, askQuery, mebibytes, statusOf } from './explorer-state.ts';
import { fillStore } from './filled-store.ts';

/** Times that each request is asked, at most; the median counts. */
const ROUNDS = 3;
/** A request is not repeated after this much time, so that the benchmark ends within ten minutes. */
const ENOUGH_MS = 2_500;
/** A request is cancelled after this time. */
const GIVEN_UP_MS = 15_000;
const BATCH = 512;
const SENDERS = 4;
/** Over all of the store, also where it was filled an hour ago and more. */
const RANGE = 3 * 86_400;
/** Milliseconds at most, of BubbleUp alone and beside ingest, and of all other requests. */
const LIMITS = { bubbleup: { alone: 2000, ingest: 4000 }, others: { alone: 3000, ingest: 3000 } } as const;

type Asked = (path: string, body?: unknown) => Promise<unknown>;

interface PageRequest {
  readonly name: string;
  readonly ask: (asked: Asked) => Promise<unknown>;
}

/**
 * Measures each request of the page over a store of a given number of rows: alone, and while more spans come in.
 * @param data where the store is, or is made; by default it is made for this run alone
 */
export async function pageRequests(rows: number, data?: string): Promise<void> {
  const endings: (() => unknown)[] = [];
  const t = { teardown: (end: () => unknown) => void endings.push(end) };
  const started = performance.now();
  const seconds = () => Math.round((performance.now() - started) / 1000);
  try {
    const directory = data ?? mkdtempSync(join(tmpdir(), 'tandem-bench-'));
    if (data === undefined) t.teardown(() => rmSync(directory, { recursive: true, force: true }));
    await fillStore(directory, rows);
    // Nothing is evicted: the benchmark measures how long a full store takes to read.
    const explorer = await startExplorer(t, { DATA_DIR: directory, EXPLORER_MAX_BYTES: '64GiB' });
    const { spans, bytes } = await statusOf(explorer);
    const held = `${spans.toLocaleString('en')} spans, with their log records ${mebibytes(bytes)} MiB`;
    console.log(`${held}; filled within ${seconds()} s`);
    const requests = await requestsOf(explorer);
    const alone = await measure(explorer, requests);
    console.log(`alone: ${seconds()} s after the start; now beside ingest`);
    const filling = { on: true };
    const senders = Promise.all(Array.from({ length: SENDERS }, () => send(explorer, filling)));
    const beside = await measure(explorer, requests).finally(() => {
      filling.on = false;
    });
    await senders;
    const { spans: atEnd } = await statusOf(explorer);
    const table = requests.map(({ name }): Row => {
      const limits = name.startsWith('BubbleUp') ? LIMITS.bubbleup : LIMITS.others;
      const [quiet = Number.NaN, busy = Number.NaN] = [alone.get(name), beside.get(name)];
      return {
        request: name,
        'ms, median': quiet,
        'at most': limits.alone,
        'beside ingest, ms': busy,
        'at most then': limits.ingest,
        kept: quiet <= limits.alone && busy <= limits.ingest ? 'yes' : 'NO',
      };
    });
    console.table(table);
    const broken = table.filter(({ kept }) => kept === 'NO').map(({ request }) => request);
    console.log(broken.length === 0 ? 'Every limit was kept.' : `Above a limit: ${broken.join(', ')}.`);
    console.log(`All of it took ${seconds()} s.`);
    if (data !== undefined) return;
    recordMeasurements({
      name: 'capacity-page',
      title: 'Explorer: requests of the page at a full store',
      command: 'node tandem bench capacity page',
      tables: [table],
      notes: [
        `${rows.toLocaleString('en')} rows of the demo data (230 services; ${held}), a process as \`node tandem start\` starts it. Every request is about all of them, except where it names an hour. Median of ${ROUNDS} (of fewer where these take over ${ENOUGH_MS / 1000} s), one request at a time; then again while ${SENDERS} senders post batches of ${BATCH} spans without pause, of which nothing is evicted: ${atEnd.toLocaleString('en')} spans at the end. All of it took ${seconds()} s, filling the store included.`,
      ],
    });
  } finally {
    for (const end of endings.reverse()) await end();
  }
}

async function requestsOf(explorer: Explorer): Promise<PageRequest[]> {
  const { traces } = (await ask(explorer, '/api/traces?limit=30')) as { traces: { trace_id: string }[] };
  const trace = traces.at(-1)?.trace_id ?? '';
  const now = Math.floor(Date.now() / 1000);
  const get = (name: string, path: string): PageRequest => ({ name, ask: (asked) => asked(path) });
  const post = (name: string, path: string, body: unknown): PageRequest => ({
    name,
    ask: (asked) => asked(path, body),
  });
  // Each query has a calculated field of its own, so that no answer comes from a cache.
  const query = (name: string, spec: object): PageRequest => ({
    name,
    ask: (asked) =>
      askQuery(
        { time_range: RANGE, calculated_fields: [{ name: randomUUID(), expression: '1' }], ...spec },
        asked,
      ),
  });
  const spans = [{ column: 'span.kind', op: 'exists' }];
  const servers = [{ column: 'span.kind', op: '=', value: 'server' }];
  const slow = { filters: [{ column: 'duration_ms', op: '>', value: 300 }] };
  const during = (filters: readonly object[]) => ({ time_range: RANGE, filters });
  return [
    get('start view', `/api/overview?time_range=${RANGE}`),
    get('start view, last hour', '/api/overview?time_range=3600'),
    get('status', '/api/status'),
    get('newest traces (live view)', '/api/traces?limit=30'),
    get('slowest traces', '/api/traces?limit=50&order=slowest'),
    get('traces with errors', '/api/traces?limit=50&errors=true'),
    get(
      'traces of a user, slowest',
      `/api/traces?limit=50&order=slowest&field=user.id%3D${encodeURIComponent(SLOW_USER)}`,
    ),
    get('map', `/api/map?time_range=${RANGE}`),
    query('heatmap and P90 of requests', {
      calculations: [
        { op: 'HEATMAP', column: 'duration_ms' },
        { op: 'P90', column: 'duration_ms' },
      ],
      filters: servers,
    }),
    query('heatmap of all spans', {
      calculations: [{ op: 'HEATMAP', column: 'duration_ms' }],
      filters: spans,
    }),
    query('P90 by service and name', {
      calculations: [{ op: 'P90', column: 'duration_ms' }, { op: 'COUNT' }],
      filters: spans,
      breakdowns: ['service.name', 'name'],
    }),
    query('COUNT by trace', { filters: spans, breakdowns: ['trace.trace_id'] }),
    query('COUNT_DISTINCT of traces by user', {
      calculations: [{ op: 'COUNT_DISTINCT', column: 'trace.trace_id' }],
      breakdowns: ['user.id'],
    }),
    query('COUNT where root.name = …', {
      filters: [{ column: 'root.name', op: 'starts-with', value: 'GET' }, ...spans],
    }),
    query('traces in a box', {
      calculations: [
        { op: 'MAX', column: 'duration_ms', name: 'greatest' },
        { op: 'COUNT', name: 'spans' },
      ],
      filters: [...servers, ...slow.filters],
      breakdowns: ['trace.trace_id'],
      orders: [{ column: 'greatest', order: 'descending' }],
      limit: 200,
    }),
    post('raw rows', '/api/rows', {
      dataset: '__all__',
      query: { time_range: RANGE, filters: servers },
      columns: ['service.name', 'name', 'duration_ms'],
      limit: 200,
    }),
    post('BubbleUp of events', '/api/bubbleup', { query: during(spans), selection: slow }),
    post('BubbleUp of requests', '/api/bubbleup', { query: during(servers), selection: slow }),
    post('BubbleUp of traces', '/api/bubbleup', {
      query: during(servers),
      selection: slow,
      compare: 'traces',
    }),
    post('BubbleUp of traces, a small selection', '/api/bubbleup', {
      query: during(servers),
      selection: { ...slow, start_time: now - 3600 * 6, end_time: now - 3600 * 5.9 },
      compare: 'traces',
    }),
    post('BubbleUp of one user, scattered', '/api/bubbleup', {
      query: during([{ column: 'user.id', op: '=', value: SLOW_USER }]),
      selection: slow,
    }),
    get('trace', `/api/traces/${trace}/outline`),
    get('fields of the trace', `/api/traces/${trace}/fields`),
    get('log lines of the trace', `/api/logs?trace_id=${trace}&order=oldest`),
    get('log lines', '/api/logs?limit=100'),
    get('log lines with a text', '/api/logs?limit=100&text=timeout'),
    get('log lines over time', '/api/logs/density'),
    get('fields, how common', '/api/fields'),
    get('fields of the data', '/1/columns/__all__'),
    get('datasets', '/1/datasets'),
  ];
}

async function measure(explorer: Explorer, requests: readonly PageRequest[]): Promise<Map<string, number>> {
  const medians = new Map<string, number>();
  for (const { name, ask: run } of requests) {
    const times: number[] = [];
    const first = performance.now();
    for (let round = 0; round < ROUNDS; round++) {
      const started = performance.now();
      // A request that is given up counts with its whole time. It must not hold up the next one.
      const signal = AbortSignal.timeout(GIVEN_UP_MS);
      await run((path, body) => ask(explorer, path, body, signal)).catch((error) =>
        console.log(String(error)),
      );
      times.push(performance.now() - started);
      if (performance.now() - first > ENOUGH_MS) break;
    }
    medians.set(name, Math.round(median(times)));
    console.log(`${name}: ${times.map(Math.round).join(', ')} ms`);
  }
  return medians;
}

async function send(explorer: Explorer, filling: { readonly on: boolean }): Promise<void> {
  while (filling.on) await explorer.post(Uint8Array.from(exportBody(BATCH)));
}
