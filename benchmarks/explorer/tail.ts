import { once } from 'node:events';
import { get } from 'node:http';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { startExplorer } from '../lib/explorer-process.ts';
import { quantile } from '../lib/statistics.ts';
import type { Figures } from './figures.ts';
import { logsBody } from './log-bodies.ts';

const EXPORTS = 200;
const EXPORTS_PER_SECOND = 10;
const RECORDS = 100;
const LOST_AFTER_MS = 10_000;

/**
 * Sends 1,000 records/s in ten exports per second; how long from the request of each until the explorer's tail, which
 * is asked for errors alone, has sent what is in it.
 */
export async function measureTail(): Promise<Figures> {
  const endings: (() => unknown)[] = [];
  try {
    const { origin, otlpUrl } = await startExplorer({ teardown: (end) => void endings.push(end) });
    const seen = new Map<string, () => void>();
    const tail = get(`${origin}/api/logs/tail?level=error`, { headers: { accept: 'text/event-stream' } });
    endings.push(() => tail.destroy());
    tail.on('error', () => {});
    const [response] = await once(tail, 'response');
    const hello = Promise.withResolvers<void>();
    const lines = createInterface({ input: response });
    lines.on('error', () => {}); // it ends when the explorer does
    lines.on('line', (line) => {
      if (line.startsWith('event: hello')) hello.resolve();
      for (const [mark] of line.matchAll(/mark-\d+-/g)) seen.get(mark)?.();
    });
    await hello.promise;
    const times: number[] = [];
    const sent: Promise<unknown>[] = [];
    for (let index = 0; index < EXPORTS; index++) {
      const mark = `mark-${index}-`;
      const body = logsBody(RECORDS, mark);
      const started = performance.now();
      const shown = new Promise<void>((resolve) => seen.set(mark, resolve));
      sent.push(
        Promise.race([shown, sleep(LOST_AFTER_MS, undefined, { ref: false })]).then(() =>
          times.push(performance.now() - started),
        ),
        post(otlpUrl.replace('/v1/traces', '/v1/logs'), body),
      );
      await sleep(1000 / EXPORTS_PER_SECOND);
    }
    await Promise.all(sent);
    return {
      'POST to a line in the tail at 1,000 records/s, p50 ms': Math.round(quantile(times, 0.5)),
      'tail, p95 ms (at most 300)': Math.round(quantile(times, 0.95)),
      'tail, max ms': Math.round(quantile(times, 1)),
    };
  } finally {
    for (const end of endings.toReversed()) await end();
  }
}

async function post(url: string, body: Buffer): Promise<void> {
  const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' };
  const response = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) });
  if (!response.ok) throw new Error(`An export was answered with ${response.status}.`);
  await response.arrayBuffer();
}
