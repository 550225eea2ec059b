import { setTimeout as sleep } from 'node:timers/promises';
import { quantile } from '../../tools/statistics.ts';
import type { Explorer } from '../lib/explorer-process.ts';
import { startExplorer } from '../lib/explorer-process.ts';
import { figureRows, recordMeasurements } from '../lib/measurements.ts';
import { ask, askQuery, mebibytes, memoryOf, statusOf } from './explorer-state.ts';

const SENDERS = 4;
const READ_INTERVAL_MS = 5_000;
/** After which a request of the page has failed. */
const PAGE_TIMEOUT_MS = 60_000;

/** Bodies that are sent to an explorer until the explorer is full. The page's requests are asked meanwhile. */
export interface Flow {
  /** Name of its result. */
  readonly name: string;
  readonly title: string;
  readonly command: string;
  readonly notes: readonly string[];
  /** A gzipped protobuf export of so many spans. */
  readonly body: () => Uint8Array<ArrayBuffer>;
  readonly spansPerBody: number;
  /** Queries of the page, in Honeycomb's JSON. */
  readonly queries: readonly object[];
}

/**
 * Runs a flow against its own explorer, and records the time and memory.
 * @throws Error when spans that were answered are neither held nor evicted, or when the explorer or a request fails
 */
export async function measureFlow(flow: Flow): Promise<void> {
  const endings: (() => unknown)[] = [];
  try {
    const explorer = await startExplorer({ teardown: (end) => void endings.push(end) });
    const over = new AbortController();
    const started = performance.now();
    const sending = send(explorer, flow, over.signal);
    const reading = read(explorer, flow, over);
    const [sent, pages] = await Promise.all(
      [sending, reading].map((each) => each.finally(() => over.abort())),
    );
    const status = await statusOf(explorer);
    const answered = (sent?.length ?? 0) * flow.spansPerBody;
    const figures = {
      'spans answered with success': answered,
      'the same, per second': answered / ((performance.now() - started) / 1000),
      'spans held at the end': status.spans,
      'spans evicted': status.dropped.bytes,
      'MiB used of the cap': `${mebibytes(status.bytes)} of ${mebibytes(status.max_bytes)}`,
      'answer to a sender, p50 ms': Math.round(quantile(sent ?? [], 0.5)),
      'p99 ms': Math.round(quantile(sent ?? [], 0.99)),
      'longest ms': Math.round(quantile(sent ?? [], 1)),
      'requests of the page meanwhile': pages?.length ?? 0,
      'the slowest of them, ms': Math.round(quantile(pages ?? [], 1)),
      'peak resident memory, MB (under 700)': memoryOf(explorer.pid),
    };
    console.table(figures);
    const unaccounted = answered - status.spans - status.dropped.bytes;
    if (unaccounted > 0) throw new Error(`${unaccounted} answered spans are neither held nor evicted.`);
    if (status.dropped.failed > 0) throw new Error(`Spans were not written: ${status.notices.join(' ')}`);
    const { name, title, command, notes } = flow;
    recordMeasurements({ name, title, command, tables: [figureRows(figures)], notes });
  } finally {
    for (const end of endings.reverse()) await end();
  }
}

/** Milliseconds of each answer, from a few senders, as fast as they go. */
async function send(explorer: Explorer, flow: Flow, over: AbortSignal): Promise<number[]> {
  const times: number[] = [];
  const sender = async () => {
    while (!over.aborted) {
      const body = flow.body();
      const started = performance.now();
      await explorer.post(body);
      times.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, sender));
  return times;
}

/** Milliseconds of each request of the page. Ends the flow when something was evicted, and the page was read once then. */
async function read(explorer: Explorer, flow: Flow, over: AbortController): Promise<number[]> {
  const times: number[] = [];
  const asked = async (path: string, body?: unknown) => {
    const started = performance.now();
    const answer = await ask(explorer, path, body, AbortSignal.timeout(PAGE_TIMEOUT_MS));
    times.push(performance.now() - started);
    return answer;
  };
  for (let isFull = false; !isFull; ) {
    await sleep(READ_INTERVAL_MS);
    const { spans, bytes, dropped } = await statusOf(explorer);
    isFull = dropped.bytes > 0;
    console.log(`${spans} spans, ${mebibytes(bytes)} MiB, peak ${memoryOf(explorer.pid)} MB resident`);
    for (const query of flow.queries) await askQuery({ time_range: 86_400, ...query }, asked);
    const { traces } = (await asked('/api/traces?order=slowest&limit=50')) as {
      traces: { trace_id: string; root: { span_id: string } }[];
    };
    for (const { trace_id } of traces.slice(0, 3)) await asked(`/api/traces/${trace_id}/outline`);
    await asked('/api/map');
    const slow = { filters: [{ column: 'duration_ms', op: '>', value: 300 }] };
    await asked('/api/bubbleup', { query: { time_range: 86_400 }, selection: slow });
  }
  over.abort();
  return times;
}
