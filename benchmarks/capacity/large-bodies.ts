import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { UsageError } from '../../scripts/lib/arguments.ts';
import type { Explorer } from '../lib/explorer-process.ts';
import { startExplorer } from '../lib/explorer-process.ts';
import type { Row } from '../lib/measurements.ts';
import { recordMeasurements } from '../lib/measurements.ts';
import { quantile } from '../lib/statistics.ts';
import type { Body } from './answered.ts';
import { answered, JSON_TYPE, PROTOBUF } from './answered.ts';
import { BODY_BYTES, SPAN_BYTES, spanJson, spanProtobuf, spansBody, spansJson, TRACE } from './bodies.ts';
import { memoryOf } from './explorer-state.ts';
import { sendSmallRequests } from './small-requests.ts';

const MIB = 1024 ** 2;
const AT_ONCE = 4;
const CHUNKED = 40;

type Case = (explorer: Explorer) => Promise<void>;

/**
 * Resident memory of explorers that are given the largest bodies they accept, and asked for the largest spans.
 * @param only the name of the one case that is run, or a part of the names of several; their figures are only printed
 * @throws UsageError when no name has it
 */
export async function largeBodies(only = ''): Promise<void> {
  const all = Object.entries(cases());
  const isWhole = all.some(([name]) => name === only);
  const wanted = all.filter(([name]) => (isWhole ? name === only : name.includes(only)));
  if (wanted.length === 0)
    throw new UsageError(
      `No body's name has ${only} in it; there are: ${all.map(([name]) => name).join('; ')}.`,
    );
  const rows: Row[] = [];
  for (const [name, run] of wanted) {
    const row = { case: name, ...(await measure(run)) };
    console.log(row);
    rows.push(row);
  }
  if (wanted.length < all.length) return;
  recordMeasurements({
    title: 'Explorer: the largest bodies and spans',
    command: 'node tandem bench capacity bodies',
    tables: [rows],
    notes: [
      `Each case has an explorer of its own, a process as \`node tandem start\` starts it. Bodies are of ${BODY_BYTES / MIB} MiB before compression, single spans of ${SPAN_BYTES / MIB} MiB; what is asked to come later is sent again. Meanwhile a thread of its own sends a small request ten times a second.`,
    ],
  });
}

async function measure(run: Case): Promise<Row> {
  const endings: (() => unknown)[] = [];
  try {
    const explorer = await startExplorer({ teardown: (end) => void endings.push(end) });
    const beside = await sendSmallRequests(explorer.otlpUrl);
    endings.push(() => beside.end());
    await run(explorer);
    const milliseconds = (await beside.stop()).map((wait) => wait.milliseconds);
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
  const gzip = { ...bodyOf(gzipSync(protobuf, { level: 1 }), PROTOBUF), coding: 'gzip' };
  const deflate = { ...bodyOf(deflateSync(protobuf, { level: 1 }), PROTOBUF), coding: 'deflate' };
  const zstd = { ...bodyOf(zstdCompressSync(json), JSON_TYPE), coding: 'zstd' };
  const largeSpan = bodyOf(spanJson(SPAN_BYTES), JSON_TYPE);
  const largeProtobuf = bodyOf(spanProtobuf(SPAN_BYTES), PROTOBUF);
  return {
    'many spans, protobuf': (explorer) => send(explorer, protobufBody),
    'many spans, JSON': (explorer) => send(explorer, jsonBody),
    'many spans, protobuf, gzip': (explorer) => send(explorer, gzip),
    'many spans, protobuf, deflate': (explorer) => send(explorer, deflate),
    'many spans, JSON, zstd': (explorer) => send(explorer, zstd),
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
      await answered(`${explorer.origin}/api/import`, { bytes, type: JSON_TYPE });
    },
  };
}

function bodyOf(bytes: Uint8Array, type: string): Body {
  return { bytes: Uint8Array.from(bytes), type };
}

function send(explorer: Explorer, body: Body): Promise<void> {
  return answered(explorer.otlpUrl, body);
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
