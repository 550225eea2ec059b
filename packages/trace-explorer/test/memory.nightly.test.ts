import { existsSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { ask, memoryOf } from '../../../benchmarks/capacity/explorer-state.ts';
import type { Explorer } from '../../../benchmarks/lib/explorer-process.ts';
import { startExplorer } from '../../../benchmarks/lib/explorer-process.ts';
import { until } from '../../../test/helpers/until.ts';
import { SPAN_BYTES, spanJson, spanProtobuf, spansBody, TRACE } from './large-bodies.ts';
import { WIDE_BATCH, wideBody } from './wide-bodies.ts';

const TIMEOUT_MS = 240_000;
/** Megabytes; `node tandem bench capacity` has the figures. */
const MOST_AT_START = 350;
const MOST = 700;
const MOST_OF_IMPORT = 600;
/** More spans than wait for a checkpoint in a table of so many columns. */
const WIDE_BODIES = 60;

t.setTimeout(TIMEOUT_MS);
t.test('a small request is answered beside the largest bodies, in less than 700 MB', async (t) => {
  t.setTimeout(TIMEOUT_MS);
  const explorer = await startExplorer(t);
  const page = await fetch(explorer.origin);
  t.match(await page.text(), '<script');
  staysBelow(t, explorer, MOST_AT_START);

  const large = sendInTurn(explorer);
  const ending = new AbortController();
  const beside = smallOnes(explorer, ending.signal);
  t.same(await large.finally(() => ending.abort()), [200, 200]);
  t.same(new Set(await beside), new Set([200]), 'none is asked to come later');
  staysBelow(t, explorer, MOST);

  const exported = await fetch(`${explorer.origin}/api/export?trace_id=${TRACE.traceId}`);
  t.ok((await exported.arrayBuffer()).byteLength > SPAN_BYTES);
  staysBelow(t, explorer, MOST);
});

t.test('importing a stored span of 3.9 MiB again takes less than 600 MB', async (t) => {
  t.setTimeout(TIMEOUT_MS);
  const explorer = await startExplorer(t);
  const sent = Uint8Array.from(spanProtobuf(SPAN_BYTES));
  t.equal(await sendUntilTaken(explorer, sent, { 'content-type': 'application/x-protobuf' }), 200);
  const exported = await fetch(`${explorer.origin}/api/export?trace_id=${TRACE.traceId}`);
  const body = await exported.arrayBuffer();
  const headers = { 'content-type': 'application/json' };
  const imported = await fetch(`${explorer.origin}/api/import`, { method: 'POST', headers, body });
  t.match(await imported.json(), { spans: 0, known: 1 });
  staysBelow(t, explorer, MOST_OF_IMPORT);
});

t.test('spans with 2,000 different fields among them take less than 700 MB', async (t) => {
  t.setTimeout(TIMEOUT_MS);
  const explorer = await startExplorer(t);
  const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' };
  const bodies = Array.from({ length: WIDE_BODIES }, (_, n) => wideBody(n));
  const senders = Array.from({ length: 8 }, async () => {
    for (let body = bodies.pop(); body !== undefined; body = bodies.pop())
      t.equal(await sendUntilTaken(explorer, body, headers), 200);
  });
  await Promise.all(senders);
  const { spans, fields } = (await ask(explorer, '/api/status')) as { spans: number; fields: number };
  t.equal(spans, WIDE_BODIES * WIDE_BATCH);
  t.ok(fields > 1_950, `${fields} fields`);
  staysBelow(t, explorer, MOST);
});

async function sendInTurn(explorer: Explorer): Promise<number[]> {
  const span = await sendUntilTaken(explorer, spanJson(SPAN_BYTES), { 'content-type': 'application/json' });
  const spans = await sendUntilTaken(explorer, gzipSync(spansBody(), { level: 1 }), {
    'content-type': 'application/x-protobuf',
    'content-encoding': 'gzip',
  });
  return [span, spans];
}

function staysBelow(
  t: { ok(value: unknown, message: string): unknown },
  { pid }: Explorer,
  megabytes: number,
): void {
  // Linux has it; the explorer is the same elsewhere.
  if (!existsSync(`/proc/${pid}/status`)) return;
  const peak = memoryOf(pid);
  t.ok(peak < megabytes, `${peak} MB`);
}

/** The statuses of small requests that are sent one after the other until the signal. */
async function smallOnes(explorer: Explorer, signal: AbortSignal): Promise<number[]> {
  const statuses: number[] = [];
  const headers = { 'content-type': 'application/json' };
  await until(
    async () => {
      statuses.push(await send(explorer, spanJson(100), headers));
      return signal.aborted;
    },
    { limitMs: TIMEOUT_MS },
  );
  return statuses;
}

/** Sends until it is not asked to come later. */
function sendUntilTaken(...what: Parameters<typeof send>): Promise<number> {
  return until(
    async () => {
      const status = await send(...what);
      return status !== 503 && status;
    },
    { limitMs: TIMEOUT_MS, everyMs: 500 },
  );
}

async function send(
  { otlpUrl }: Explorer,
  bytes: Uint8Array,
  headers: Record<string, string>,
): Promise<number> {
  const response = await fetch(otlpUrl, { method: 'POST', headers, body: Uint8Array.from(bytes) });
  await response.arrayBuffer();
  return response.status;
}
