import { parseArgs } from 'node:util';
import { UsageError } from '../../tools/arguments.ts';
import { positive } from '../lib/options.ts';
import { exportBody } from '../lib/service-spans.ts';
import { measureFlow } from './flow.ts';
import { pageRequests } from './page-requests.ts';

const CASES = ['full', 'page'] as const;
const BATCH = 512;
const HEATMAP = { op: 'HEATMAP', column: 'duration_ms' };
const P90 = { op: 'P90', column: 'duration_ms' };

/** The options it takes. */
export const usage = `[CASE …: ${CASES.join(', ')}] [--rows 10000000] [--data FOLDER]`;

/**
 * The spans that an explorer holds: ordinary spans beyond its cap, and a full store as the page reads it. The largest bodies:
 * packages/trace-explorer/test/memory.nightly.test.ts.
 */
export default async function capacity(): Promise<void> {
  const { values, positionals } = parseArgs({
    args: process.argv.slice(3),
    allowPositionals: true,
    options: {
      rows: { type: 'string', default: '10000000' },
      data: { type: 'string' },
    },
  });
  const unknown = positionals.find((name) => !CASES.some((each) => each === name));
  if (unknown !== undefined)
    throw new UsageError(`There is no case ${unknown}; there are: ${CASES.join(', ')}.`);
  const wanted = new Set(positionals.length === 0 ? CASES : positionals);
  if (wanted.has('full')) await fullStore();
  if (wanted.has('page')) await pageRequests(positive('--rows', values.rows), values.data);
}

function fullStore(): Promise<void> {
  return measureFlow({
    name: 'capacity-full',
    title: 'Explorer: a full store',
    command: 'node tandem bench capacity full',
    notes: [
      `Batches of ${BATCH} spans from four senders until the explorer, a process as \`node tandem start\` starts it, has evicted, and meanwhile every 5 s queries, lists, BubbleUp, the map and traces.`,
    ],
    body: () => Uint8Array.from(exportBody(BATCH)),
    spansPerBody: BATCH,
    queries: [
      { filters: [{ column: 'app.now', op: 'exists' }] },
      { calculations: [HEATMAP, P90] },
      { calculations: [P90], breakdowns: ['name'] },
      { breakdowns: ['trace.trace_id'], limit: 100 },
      { calculations: [{ op: 'COUNT_DISTINCT', column: 'trace.trace_id' }], breakdowns: ['user.id'] },
    ],
  });
}
