import { once } from 'node:events';
import { get } from 'node:http';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { startExplorer } from '../lib/explorer-process.ts';
import { quantile } from '../lib/statistics.ts';
import type { Figures } from './figures.ts';
import { logsBody } from './log-bodies.ts';

const EXPORTS_PER_SECOND = 10;
/** What a person follows, and what nobody can. */
const CALM = { exports: 200, records: 100 };
const FLOOD = { exports: 50, records: 2000 };
const LOST_AFTER_MS = 10_000;

/**
 * Sends exports of log records; how long from the request of each line until the explorer's tail has sent it. Lines that
 * came too fast are skipped, and their number sent.
 */
export async function measureTail(): Promise<Figures> {
  const endings: (() => unknown)[] = [];
  try {
    const { origin, otlpUrl } = await startExplorer({ teardown: (end) => void endings.push(end) });
    const logsUrl = otlpUrl.replace('/v1/traces', '/v1/logs');
    const calm = await follow(`${origin}/api/logs/tail`, logsUrl, CALM);
    const flood = await follow(`${origin}/api/logs/tail`, logsUrl, FLOOD);
    return {
      'POST to a line in the tail at 1,000 records/s, p50 ms': Math.round(quantile(calm.times, 0.5)),
      'tail, p95 ms (at most 300)': Math.round(quantile(calm.times, 0.95)),
      'tail, max ms': Math.round(quantile(calm.times, 1)),
      'tail, lines skipped': calm.skipped,
      'tail at 20,000 records/s, p95 of what is shown, ms': Math.round(quantile(flood.times, 0.95)),
      'tail at 20,000 records/s, lines skipped': flood.skipped,
      'tail, lines neither shown nor counted as skipped (0)': calm.lost + flood.lost,
    };
  } finally {
    for (const end of endings.toReversed()) await end();
  }
}

interface Followed {
  /** Of each line that was shown, in milliseconds. */
  readonly times: number[];
  readonly skipped: number;
  readonly lost: number;
}

async function follow(
  tailUrl: string,
  logsUrl: string,
  { exports, records }: { readonly exports: number; readonly records: number },
): Promise<Followed> {
  const tail = get(tailUrl, { headers: { accept: 'text/event-stream' } });
  try {
    tail.on('error', () => {});
    const [response] = await once(tail, 'response');
    const hello = Promise.withResolvers<void>();
    const bodies = Array.from({ length: exports }, (_, index) => logsBody(records, `mark-${index}-`));
    const started: number[] = [];
    const times: number[] = [];
    let skipped = 0;
    const lines = createInterface({ input: response });
    lines.on('error', () => {}); // it ends when the explorer does
    lines.on('line', (line) => {
      if (line.startsWith('event: hello')) hello.resolve();
      const at = performance.now();
      for (const [, index] of line.matchAll(/"body":"mark-(\d+)-/g))
        times.push(at - (started[Number(index)] ?? Number.NaN));
      skipped += Number(/"more":(\d+)\}$/.exec(line)?.[1] ?? 0);
    });
    await hello.promise;
    const sent: Promise<void>[] = [];
    for (const [index, body] of bodies.entries()) {
      started[index] = performance.now();
      sent.push(post(logsUrl, body));
      await sleep(1000 / EXPORTS_PER_SECOND);
    }
    await Promise.all(sent);
    const total = exports * records;
    for (let waited = 0; times.length + skipped < total && waited < LOST_AFTER_MS; waited += 100)
      await sleep(100);
    return { times, skipped, lost: total - times.length - skipped };
  } finally {
    tail.destroy();
  }
}

async function post(url: string, body: Buffer): Promise<void> {
  const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' };
  const response = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) });
  if (!response.ok) throw new Error(`An export was answered with ${response.status}.`);
  await response.arrayBuffer();
}
