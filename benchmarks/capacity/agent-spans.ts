import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { Span } from '@tandem/otlp';
import { attributesOf, encodeTraces } from '@tandem/otlp';
import { encodedSpan } from '../lib/encoded-span.ts';
import type { Explorer } from '../lib/explorer-process.ts';
import { startExplorer } from '../lib/explorer-process.ts';
import { figureRows, recordMeasurements } from '../lib/measurements.ts';
import { senderOf } from '../lib/sender.ts';
import { ask, askQuery, mebibytes, memoryOf, statusOf } from './explorer-state.ts';

/** A coding agent's spans: each call of a model has the whole conversation in an attribute. */
const SPANS_PER_SECOND = 50;
const SPANS_PER_EXPORT = 10;
const SPANS_PER_TRACE = 20;
const MIN_TEXT_BYTES = 20_000;
const MAX_TEXT_BYTES = 200_000;
const READ_INTERVAL_MS = 5_000;

/** What a person asks of such spans. */
const QUERIES = [
  { calculations: [{ op: 'HEATMAP', column: 'duration_ms' }] },
  { breakdowns: ['gen_ai.request.model'], calculations: [{ op: 'P90', column: 'duration_ms' }] },
  { filters: [{ column: 'gen_ai.input.messages', op: 'contains', value: 'function' }] },
].map((query) => ({ time_range: 7_200, ...query }));

interface Sent {
  readonly spans: number;
  readonly bytes: number;
  readonly longest: number;
  /** The last span that was answered with success, and its text. */
  readonly last: { readonly traceId: string; readonly spanId: string; readonly text: string };
}

/** Sends an agent's spans for so many seconds, and reads meanwhile: resident memory, waits, and whether the last is whole. */
export async function agentSpans(seconds: number): Promise<void> {
  const endings: (() => unknown)[] = [];
  try {
    const explorer = await startExplorer({ teardown: (end) => void endings.push(end) });
    const ending = new AbortController();
    const reading = readUntil(explorer, ending.signal);
    const sent = await send(explorer, seconds).finally(() => ending.abort());
    const { requests, slowest } = await reading;
    const stored = JSON.stringify(
      await ask(explorer, `/api/traces/${sent.last.traceId}/spans/${sent.last.spanId}`),
    );
    if (!stored.includes(sent.last.text)) throw new Error('The last span that was answered is not whole.');
    const status = await statusOf(explorer);
    if (status.dropped.failed > 0) throw new Error(`Spans were not written: ${status.notices.join(' ')}`);
    const figures = {
      seconds,
      'spans sent': sent.spans,
      'MB of them, before compression': Math.round(sent.bytes / 1e6),
      'spans held at the end': status.spans,
      'spans evicted': status.dropped.bytes,
      'spans asked to come again': status.dropped.busy,
      'MiB used of the cap': `${mebibytes(status.bytes)} of ${mebibytes(status.max_bytes)}`,
      'longest answer to the sender, ms': Math.round(sent.longest),
      'requests of the page meanwhile': requests,
      'the slowest of them, ms': Math.round(slowest),
      'peak resident memory, MB (under 700)': memoryOf(explorer.pid),
    };
    console.table(figures);
    recordMeasurements({
      title: 'Explorer: spans of coding agents',
      command: `node tandem bench capacity agents --agent-seconds=${seconds}`,
      tables: [figureRows(figures)],
      notes: [
        `${SPANS_PER_SECOND} spans a second, each with an attribute of ${MIN_TEXT_BYTES / 1000} to ${MAX_TEXT_BYTES / 1000} KB of words, ${SPANS_PER_EXPORT} in an export, to a process as \`node tandem start\` starts it. Every ${READ_INTERVAL_MS / 1000} s the page's queries, the list of traces, one trace and one span.`,
      ],
    });
  } finally {
    for (const end of endings.reverse()) await end();
  }
}

async function send(explorer: Explorer, seconds: number): Promise<Sent> {
  const words = text();
  let sent: Sent | undefined;
  let traceId = '';
  const started = performance.now();
  const exports = Math.ceil((seconds * SPANS_PER_SECOND) / SPANS_PER_EXPORT);
  for (let index = 0; index < exports; index++) {
    const due = started + (index * SPANS_PER_EXPORT * 1000) / SPANS_PER_SECOND;
    await sleep(Math.max(0, due - performance.now()));
    if ((index * SPANS_PER_EXPORT) % SPANS_PER_TRACE === 0) traceId = randomBytes(16).toString('hex');
    const spans = Array.from({ length: SPANS_PER_EXPORT }, () => agentSpan(traceId, words));
    const body = encoded(spans.map(({ span }) => span));
    const before = performance.now();
    await explorer.post(Uint8Array.from(gzipSync(body, { level: 1 })));
    const last = spans.at(-1);
    if (last === undefined) continue;
    sent = {
      spans: (sent?.spans ?? 0) + spans.length,
      bytes: (sent?.bytes ?? 0) + body.byteLength,
      longest: Math.max(sent?.longest ?? 0, performance.now() - before),
      last: { traceId, spanId: last.span.spanId, text: last.text },
    };
    if (index % (SPANS_PER_SECOND * 2) === 0) {
      console.log(`${sent.spans} spans sent, peak ${memoryOf(explorer.pid)} MB resident`);
    }
  }
  if (sent === undefined) throw new Error('Nothing was sent.');
  return sent;
}

async function readUntil(
  explorer: Explorer,
  signal: AbortSignal,
): Promise<{ requests: number; slowest: number }> {
  let requests = 0;
  let slowest = 0;
  const asked = async (path: string, body?: unknown): Promise<unknown> => {
    const started = performance.now();
    const answer = await ask(explorer, path, body);
    slowest = Math.max(slowest, performance.now() - started);
    requests++;
    return answer;
  };
  for (;;) {
    try {
      await sleep(READ_INTERVAL_MS, undefined, { signal });
    } catch {
      return { requests, slowest };
    }
    for (const query of QUERIES) await askQuery(query, asked);
    const { traces } = (await asked('/api/traces?limit=20')) as {
      traces: { trace_id: string; root: { span_id: string } }[];
    };
    const [trace] = traces;
    if (trace === undefined) continue;
    await asked(`/api/traces/${trace.trace_id}`);
    await asked(`/api/traces/${trace.trace_id}/spans/${trace.root.span_id}`);
  }
}

/** Words as source code and prose have them: it compresses to a fourth or so. */
function text(): string {
  const vocabulary = [
    'function',
    'return',
    'const',
    'the',
    'of',
    'error',
    'import',
    'test',
    '=>',
    '{',
    '}',
    '();',
  ];
  for (let word = 0; word < 3_000; word++) vocabulary.push(randomBytes(2 + (word % 4)).toString('hex'));
  const words = Array.from(
    { length: 200_000 },
    () => vocabulary[Math.floor(Math.random() ** 2 * vocabulary.length)],
  );
  return words.join(' ');
}

function agentSpan(traceId: string, words: string): { span: Span; text: string } {
  const bytes = MIN_TEXT_BYTES + Math.floor(Math.random() * (MAX_TEXT_BYTES - MIN_TEXT_BYTES));
  const from = Math.floor(Math.random() * (words.length - bytes));
  const conversation = words.slice(from, from + bytes);
  const start = BigInt(Date.now()) * 1_000_000n;
  const span = encodedSpan({
    traceId,
    spanId: randomBytes(8).toString('hex'),
    parentSpanId: '',
    flags: 1,
    name: 'chat',
    kind: 3,
    startTimeUnixNano: start,
    endTimeUnixNano: start + BigInt(Math.floor(Math.random() * 20e9)),
    attributes: attributesOf({
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': `model-${from % 3}`,
      'gen_ai.usage.input_tokens': Math.floor(bytes / 4),
      'gen_ai.input.messages': conversation,
      'gen_ai.output.messages': words.slice(from, from + 2_000),
    }),
  });
  return { span, text: conversation };
}

function encoded(spans: readonly Span[]): Uint8Array {
  return encodeTraces({
    scopeSpans: [{ ...senderOf({ 'service.name': 'coding-agent' }, 'agent', '1.0.0'), spans }],
  });
}
