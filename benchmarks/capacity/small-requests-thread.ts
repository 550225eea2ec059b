import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { gunzipSync } from 'node:zlib';
import { exportBody } from '../lib/service-spans.ts';
import { answered, PROTOBUF } from './answered.ts';
import type { SmallRequestOptions, Wait } from './small-requests.ts';

const PERIOD_MS = 100;

const { url, method, pid } = workerData as SmallRequestOptions & { readonly url: string };
const body = { bytes: Uint8Array.from(gunzipSync(exportBody(10))), type: PROTOBUF };
const waits: Wait[] = [];
let isStopping = false;

// The first one makes the tables' columns.
await ask();
parentPort?.once('message', () => {
  isStopping = true;
});
parentPort?.postMessage('ready');
do {
  const [started, busy] = [performance.now(), eventLoopMs()];
  await ask();
  waits.push({ milliseconds: performance.now() - started, busyMs: eventLoopMs() - busy });
  await sleep(PERIOD_MS);
} while (!isStopping);
parentPort?.postMessage(waits);

async function ask(): Promise<void> {
  if (method === 'POST') return answered(url, body);
  const response = await fetch(url);
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
}

/** Processor time of the server's first thread since its start: Node's event loop runs there. */
function eventLoopMs(): number {
  if (pid === undefined) return Number.NaN;
  try {
    const [nanoseconds] = readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ');
    return Number(nanoseconds) / 1e6;
  } catch {
    return Number.NaN;
  }
}
