import type { Explorer } from '../lib/explorer-process.ts';
import { startExplorer } from '../lib/explorer-process.ts';
import { figureRows, recordMeasurements } from '../lib/measurements.ts';
import { exportBody } from '../lib/service-spans.ts';
import { ask, askQuery, mebibytes, memoryOf, statusOf } from './explorer-state.ts';

const BATCH = 512;
const SENDERS = 4;

/** What the page asks of a full store; the time range reaches over all of it. */
const QUERIES = [
  { filters: [{ column: 'app.now', op: 'exists' }] },
  {
    calculations: [
      { op: 'HEATMAP', column: 'duration_ms' },
      { op: 'P90', column: 'duration_ms' },
    ],
  },
  { calculations: [{ op: 'P90', column: 'duration_ms' }], breakdowns: ['name'] },
  { breakdowns: ['trace.trace_id'], limit: 100 },
  { calculations: [{ op: 'COUNT_DISTINCT', column: 'trace.trace_id' }], breakdowns: ['user.id'] },
].map((query) => ({ time_range: 86_400, ...query }));

/** Fills an explorer beyond its cap of 1 GiB, and reads from it while more comes: resident memory, waits, evictions. */
export async function fullStore(most: number): Promise<void> {
  const endings: (() => unknown)[] = [];
  try {
    const explorer = await startExplorer({ teardown: (end) => void endings.push(end) });
    const filling = await fill(explorer, most);
    const atCap = memoryOf(explorer.pid);
    const full = await statusOf(explorer);
    const reading = await readWhileFilling(explorer);
    const figures = {
      'spans sent until the first eviction was over': filling.sent,
      'spans held after it': full.spans,
      'spans evicted': full.dropped.bytes,
      'MiB used of the cap': `${mebibytes(full.bytes)} of ${mebibytes(full.max_bytes)}`,
      'longest answer to a sender, ms': Math.round(filling.longest),
      'peak resident memory up to then, MB (under 700)': atCap,
      'requests of the page while more came in': reading.requests,
      'the slowest of them, ms': Math.round(reading.slowest),
      'peak resident memory in all, MB (under 700)': memoryOf(explorer.pid),
    };
    console.table(figures);
    recordMeasurements({
      title: 'Explorer: a full store',
      command: 'node tandem bench capacity full',
      tables: [figureRows(figures)],
      notes: [
        `Batches of ${BATCH} spans from ${SENDERS} senders until the explorer, a process as \`node tandem start\` starts it, has evicted; then queries, lists, BubbleUp, the map and traces, three times each, while batches keep coming.`,
      ],
    });
  } finally {
    for (const end of endings.reverse()) await end();
  }
}

/** Sends until something was evicted. */
async function fill(explorer: Explorer, most: number): Promise<{ sent: number; longest: number }> {
  let sent = 0;
  let longest = 0;
  let evicted = false;
  const look = setInterval(async () => {
    const store = await statusOf(explorer);
    evicted ||= store.dropped.bytes > 0;
    console.log(
      `${sent} spans sent, ${mebibytes(store.bytes)} MiB, peak ${memoryOf(explorer.pid)} MB resident`,
    );
  }, 5_000);
  await senders(
    explorer,
    () => !evicted && sent < most,
    (ms) => {
      sent += BATCH;
      longest = Math.max(longest, ms);
    },
  );
  clearInterval(look);
  if (!evicted) throw new Error(`${sent} spans did not fill the store.`);
  return { sent, longest };
}

async function readWhileFilling(explorer: Explorer): Promise<{ requests: number; slowest: number }> {
  let requests = 0;
  let slowest = 0;
  let done = false;
  const asked = async (path: string, body?: unknown): Promise<unknown> => {
    const started = performance.now();
    const answer = await ask(explorer, path, body);
    slowest = Math.max(slowest, performance.now() - started);
    requests++;
    return answer;
  };
  const filling = senders(
    explorer,
    () => !done,
    () => {},
  );
  for (let round = 0; round < 3; round++) {
    for (const query of QUERIES) await askQuery(query, asked);
    const { traces } = (await asked('/api/traces?order=slowest&limit=50')) as {
      traces: { trace_id: string }[];
    };
    for (const { trace_id } of traces.slice(0, 5)) await asked(`/api/traces/${trace_id}`);
    await asked('/api/map');
    const slow = [{ column: 'duration_ms', op: '>', value: 300 }];
    await asked('/api/bubbleup', { query: { time_range: 86_400 }, selection: { filters: slow } });
  }
  done = true;
  await filling;
  return { requests, slowest };
}

async function senders(
  explorer: Explorer,
  goesOn: () => boolean,
  onSent: (milliseconds: number) => void,
): Promise<void> {
  const send = async () => {
    while (goesOn()) {
      const body = Uint8Array.from(exportBody(BATCH));
      const started = performance.now();
      await explorer.post(body);
      onSent(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, send));
}
