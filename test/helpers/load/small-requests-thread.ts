import { readFileSync } from 'node:fs';
import { setInterval, setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { gunzipSync } from 'node:zlib';
import { exportBody } from '../../../benchmarks/lib/service-spans.ts';
import type { SmallRequestOptions, Wait } from './small-requests.ts';

const PERIOD_MS = 100;

const { url, method = 'POST', pid } = workerData as SmallRequestOptions & { readonly url: string };
/** A request of its own each time: one that comes again is answered without being stored. */
const newBody = () => Uint8Array.from(gunzipSync(exportBody(10)));
/** How often a request is sent again that was asked to come later. */
const MAX_TRIES = 600;
const waits: Wait[] = [];
let isStopping = false;

// The first one makes the tables' columns.
await ask(newBody());
parentPort?.once('message', () => {
  isStopping = true;
});
parentPort?.postMessage('ready');
for await (const _ of setInterval(PERIOD_MS)) {
  const body = newBody();
  const [started, busy] = [performance.now(), eventLoopMs()];
  await ask(body);
  waits.push({ milliseconds: performance.now() - started, busyMs: eventLoopMs() - busy });
  if (isStopping) break;
}
parentPort?.postMessage(waits);

/** Asks until the server takes the request. Throws when the request is refused for good. */
async function ask(body: Uint8Array<ArrayBuffer>): Promise<void> {
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    const response = await fetch(url, {
      method,
      ...(method === 'POST' && { headers: { 'content-type': 'application/x-protobuf' }, body }),
    });
    await response.arrayBuffer();
    if (response.ok) return;
    if (response.status !== 429 && response.status !== 503) throw new Error(`${url}: ${response.status}`);
    await sleep(500);
  }
  throw new Error(`${url}: asked to come later ${MAX_TRIES} times`);
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
