import { setTimeout as sleep } from 'node:timers/promises';
import { deflateSync, gunzipSync, gzipSync, zstdCompressSync } from 'node:zlib';
import type { Explorer } from '../lib/explorer-process.ts';
import { startExplorer } from '../lib/explorer-process.ts';
import type { Row } from '../lib/measurements.ts';
import { recordMeasurements } from '../lib/measurements.ts';
import { exportBody } from '../lib/service-spans.ts';
import { quantile } from '../lib/statistics.ts';
import { BODY_BYTES, SPAN_BYTES, spanJson, spanProtobuf, spansBody, spansJson, TRACE } from './bodies.ts';
import { memoryOf } from './explorer-state.ts';

const MIB = 1024 ** 2;
const AT_ONCE = 4;
const CHUNKED = 40;
/** How often one body is sent again that was asked to come later. */
const MAX_TRIES = 600;
const PROTOBUF = 'application/x-protobuf';
const JSON_TYPE = 'application/json';

interface Body {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
  readonly coding?: string;
}

type Case = (explorer: Explorer) => Promise<void>;

/** Resident memory of explorers that are given the largest bodies they accept, and asked for the largest spans. */
export async function largeBodies(): Promise<void> {
  const rows: Row[] = [];
  for (const [name, run] of Object.entries(cases())) {
    const row = { case: name, ...(await measure(run)) };
    console.log(row);
    rows.push(row);
  }
  recordMeasurements({
    title: 'Explorer: the largest bodies and spans',
    command: 'node tandem bench capacity bodies',
    tables: [rows],
    notes: [
      `Each case has an explorer of its own, a process as \`node tandem start\` starts it. Bodies are of ${BODY_BYTES / MIB} MiB before compression, single spans of ${SPAN_BYTES / MIB} MiB; what is asked to come later is sent again. Meanwhile a small request goes out ten times a second.`,
    ],
  });
}

async function measure(run: Case): Promise<Row> {
  const endings: (() => unknown)[] = [];
  try {
    const explorer = await startExplorer({ teardown: (end) => void endings.push(end) });
    const ending = new AbortController();
    const waiting = waits(explorer, ending.signal);
    await run(explorer).finally(() => ending.abort());
    const milliseconds = await waiting;
    return {
      'small requests': milliseconds.length,
      'their answers, p50 ms': Math.round(quantile(milliseconds, 0.5)),
      'p95 ms': Math.round(quantile(milliseconds, 0.95)),
      'longest ms': Math.round(Math.max(...milliseconds)),
      'peak resident memory, MB (under 700)': memoryOf(explorer.pid),
    };
  } finally {
    for (const end of endings.reverse()) await end();
  }
}

function cases(): Record<string, Case> {
  const protobuf = spansBody();
  const json = spansJson();
  const protobufBody = bodyOf(protobuf, PROTOBUF);
  const jsonBody = bodyOf(json, JSON_TYPE);
  const largeSpan = bodyOf(spanJson(SPAN_BYTES), JSON_TYPE);
  const largeProtobuf = bodyOf(spanProtobuf(SPAN_BYTES), PROTOBUF);
  return {
    'many spans, protobuf': (explorer) => send(explorer, protobufBody),
    'many spans, JSON': (explorer) => send(explorer, jsonBody),
    'many spans, protobuf, gzip': (explorer) =>
      send(explorer, {
        ...protobufBody,
        bytes: Uint8Array.from(gzipSync(protobuf, { level: 1 })),
        coding: 'gzip',
      }),
    'many spans, protobuf, deflate': (explorer) =>
      send(explorer, {
        ...protobufBody,
        bytes: Uint8Array.from(deflateSync(protobuf, { level: 1 })),
        coding: 'deflate',
      }),
    'many spans, JSON, zstd': (explorer) =>
      send(explorer, { ...jsonBody, bytes: Uint8Array.from(zstdCompressSync(json)), coding: 'zstd' }),
    [`${AT_ONCE} bodies at once, protobuf and JSON`]: async (explorer) => {
      const bodies = Array.from({ length: AT_ONCE }, (_, n) => (n % 2 === 0 ? protobufBody : jsonBody));
      await Promise.all(bodies.map((body) => send(explorer, body)));
    },
    [`${CHUNKED} chunked bodies at once`]: async (explorer) => {
      await Promise.all(Array.from({ length: CHUNKED }, () => sendChunked(explorer, protobufBody)));
    },
    'one span, protobuf': (explorer) => send(explorer, largeProtobuf),
    'one span, JSON': (explorer) => send(explorer, largeSpan),
    'one span read back in every form': async (explorer) => {
      await send(explorer, largeProtobuf);
      await readBack(explorer);
    },
    'an export imported again': async (explorer) => {
      await send(explorer, largeProtobuf);
      const exported = await fetch(`${explorer.origin}/api/traces/${TRACE.traceId}/export`);
      const bytes = new Uint8Array(await exported.arrayBuffer());
      await answered(`${explorer.origin}/api/import`, bodyOf(bytes, JSON_TYPE));
    },
  };
}

function bodyOf(bytes: Uint8Array, type: string): Body {
  return { bytes: Uint8Array.from(bytes), type };
}

/** Sends a small request ten times a second; resolves with how long each was waited for, in milliseconds. */
async function waits(explorer: Explorer, signal: AbortSignal): Promise<readonly number[]> {
  const body = bodyOf(gunzipSync(exportBody(10)), PROTOBUF);
  // The first one makes the tables' columns.
  await answered(explorer.otlpUrl, body);
  const milliseconds: number[] = [];
  do {
    const started = performance.now();
    await answered(explorer.otlpUrl, body);
    milliseconds.push(performance.now() - started);
    await sleep(100);
  } while (!signal.aborted);
  return milliseconds;
}

function send(explorer: Explorer, body: Body): Promise<void> {
  return answered(explorer.otlpUrl, body);
}

/** Sends until it is taken. Throws when it is refused for good. */
async function answered(url: string, { bytes, type, coding }: Body): Promise<void> {
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    const headers = { 'content-type': type, ...(coding !== undefined && { 'content-encoding': coding }) };
    const response = await fetch(url, { method: 'POST', headers, body: bytes });
    await response.arrayBuffer();
    if (response.ok) return;
    if (response.status !== 429 && response.status !== 503) throw new Error(`${url}: ${response.status}`);
    await sleep(500);
  }
  throw new Error(`${url}: asked to come later ${MAX_TRIES} times`);
}

/** Without a length, once; being asked to come later is an answer, too. */
async function sendChunked(explorer: Explorer, { bytes, type }: Body): Promise<void> {
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let from = 0; from < bytes.length; from += MIB)
        controller.enqueue(bytes.subarray(from, from + MIB));
      controller.close();
    },
  });
  const response = await fetch(explorer.otlpUrl, {
    method: 'POST',
    headers: { 'content-type': type },
    body: stream,
    duplex: 'half',
  });
  await response.arrayBuffer();
  if (![200, 429, 503].includes(response.status)) throw new Error(`a chunked body: ${response.status}`);
}

async function readBack({ origin }: Explorer): Promise<void> {
  const span = `${origin}/api/traces/${TRACE.traceId}/spans/${TRACE.spanId}`;
  const urls = [
    `${span}`,
    `${span}?form=honeycomb`,
    `${span}?form=xray`,
    `${origin}/api/traces/${TRACE.traceId}/export`,
  ];
  for (const url of urls) {
    const response = await fetch(url);
    const { byteLength } = await response.arrayBuffer();
    const isCut = url.includes('honeycomb') || url.includes('xray');
    const isWhole = response.ok && (isCut || byteLength > SPAN_BYTES);
    if (!isWhole) throw new Error(`${url}: ${response.status}, ${byteLength} bytes`);
  }
}
