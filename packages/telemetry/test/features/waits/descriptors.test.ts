import { once } from 'node:events';
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import t from 'tap';
import { until } from '../../../../../test/helpers/until.ts';

// Alone in its process: it counts the files that the process has open.

const WORKERS = 8;
/** A thread whose spans are open for some ticks. */
const TRACED = `
  import { parentPort } from 'node:worker_threads';
  import { setTimeout as sleep } from 'node:timers/promises';
  const { createTestTelemetry } = await import(${JSON.stringify(import.meta.resolve('../../../src/service/testing/index.ts'))});
  const { withSpan } = await import(${JSON.stringify(import.meta.resolve('../../../src/common/with-span.ts'))});
  createTestTelemetry({ waits: true });
  await withSpan('works', {}, async () => {
    await sleep(60);
    for (const end = performance.now() + 60; performance.now() < end; );
    await sleep(60);
  });
  parentPort.postMessage('worked');
  parentPort.once('message', () => process.exit());
`;

/** Files of /proc that are open; 0 on a system without it. */
function openOfProc(): number {
  if (!existsSync('/proc/self/fd')) return 0;
  const targets = readdirSync('/proc/self/fd').map((file) => {
    try {
      return readlinkSync(`/proc/self/fd/${file}`);
    } catch {
      return ''; // that of the list itself
    }
  });
  return targets.filter((target) => target.startsWith('/proc/')).length;
}

t.test(
  'a thread keeps one file open at most, whatever the number of threads, and none after its end',
  async () => {
    const before = openOfProc();
    const workers = Array.from(
      { length: WORKERS },
      () => new Worker(new URL(`data:text/javascript,${encodeURIComponent(TRACED)}`)),
    );
    await Promise.all(workers.map((worker) => once(worker, 'message')));
    await until(() => openOfProc() - before <= WORKERS, { what: 'a file of /proc for each thread at most' });
    const ends = workers.map((worker) => once(worker, 'exit'));
    for (const worker of workers) worker.postMessage('end');
    await Promise.all(ends);
    await until(() => openOfProc() <= before, { what: 'no file of an ended thread' });
  },
);
