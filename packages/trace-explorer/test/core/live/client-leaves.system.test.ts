import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { encodeLogs } from '@tandem/otlp';
import { decodedLogs } from '@tandem/otlp/testing';
import t from 'tap';
import { startExplorer } from '../../../../../benchmarks/lib/explorer-process.ts';
import { randomId } from '../../spans.ts';
import { EventStream } from './event-stream.ts';

const LINES = 20;
const EVERY_MS = 60;
/** An explorer that a client ended by leaving ended within the first eight. */
const LEAVING = 20;

t.test('clients that leave at any moment do not end the explorer', async (t) => {
  const explorer = await startExplorer(t);
  for (const path of ['/api/logs/tail', '/api/live']) {
    const sending = setInterval(() => {
      const lines = Array.from({ length: LINES }, (_, n) => ({ traceId: randomId(16), body: `line ${n}` }));
      // Whether the explorer runs is asked in the end.
      explorer.post(gzipSync(encodeLogs(decodedLogs(lines))), 'v1/logs').catch(() => {});
    }, EVERY_MS);
    for (let left = 0; left < LEAVING; left++) {
      const stream = await EventStream.open(`${explorer.origin}${path}`).catch(() => undefined);
      if (stream === undefined) break;
      // From before the first event to long after it, in steps that no period of the explorer has.
      await sleep((left * 37) % 250);
      stream.close();
    }
    clearInterval(sending);
    t.ok(explorer.isRunning(), `the explorer runs after those of ${path}`);
  }
});
