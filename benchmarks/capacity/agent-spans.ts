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
import { quantile } from '../lib/statistics.ts';
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

/** After which a request of the page has failed. */
const PAGE_TIMEOUT_MS = 60_000;
/** Requests of the sender that are under way at the same time. */
const AT_ONCE = 4;
/** Spans that wait at the sender, as many as OpenTelemetry's batch processor keeps; what comes when there are so many is lost there. */
const MAX_WAITING_SPANS = 2_048;
/** Of those that are answered with success, the last ones are read back. */
const READ_BACK = 20;
/** Fewer spans a second that came in are no such load. */
const MIN_SPANS_PER_SECOND = 45;
const PROGRESS_INTERVAL_MS = 10_000;
/** For what waits at the sender when the time is over. */
const DRAIN_MS = 60_000;

interface AgentSpan {
  readonly span: Span;
  /** The conversation. */
  readonly text: string;
}

/** Sends an agent's spans for so many seconds, and reads meanwhile: rate, resident memory, waits, and whether the last are whole. */
export async function agentSpans(seconds: number): Promise<void> {
  const endings: (() => unknown)[] = [];
  try {
    const explorer = await startExplorer({ teardown: (end) => void endings.push(end) });
    const sender = new Sender(explorer);
    const reader = new Reader(explorer);
    const ending = new AbortController();
    const started = performance.now();
    const progress = setInterval(() => {
      if (!explorer.isRunning()) return;
      const passed = (performance.now() - started) / 1000;
      console.log(
        `${Math.round(passed)} of ${seconds} s: ${sender.taken} spans came in, ${(sender.taken / passed).toFixed(1)}/s, ` +
          `${sender.waiting} wait at the sender, peak ${memoryOf(explorer.pid)} MB resident, slowest answer to the page ${Math.round(reader.slowest)} ms`,
      );
    }, PROGRESS_INTERVAL_MS);
    endings.push(() => clearInterval(progress));
    const reading = reader.readUntil(ending.signal);
    await sender.sendFor(seconds);
    const perSecond = sender.taken / ((performance.now() - started) / 1000);
    await sender.drained();
    ending.abort();
    await reading;
    clearInterval(progress);
    if (!explorer.isRunning()) throw new Error(`The explorer has ended, after ${sender.taken} spans.`);
    const notWhole = await countNotWhole(explorer, sender.last);
    const status = await statusOf(explorer);
    const figures = {
      seconds,
      [`spans that came in, per second (of ${SPANS_PER_SECOND}; at least ${MIN_SPANS_PER_SECOND})`]:
        perSecond,
      'spans answered with success': sender.taken,
      'MB of them, before compression': Math.round(sender.bytes / 1e6),
      'spans held at the end': status.spans,
      'spans evicted': status.dropped.bytes,
      'spans asked to come again': status.dropped.busy,
      'spans that the sender had no room for': sender.lost,
      'MiB used of the cap': `${mebibytes(status.bytes)} of ${mebibytes(status.max_bytes)}`,
      'answer to the sender, p50 ms': Math.round(quantile(sender.milliseconds, 0.5)),
      'p99 ms': Math.round(quantile(sender.milliseconds, 0.99)),
      'longest ms': Math.round(quantile(sender.milliseconds, 1)),
      'requests of the page meanwhile': reader.requests,
      'the slowest of them, ms': Math.round(reader.slowest),
      'peak resident memory, MB (under 700)': memoryOf(explorer.pid),
    };
    console.table(figures);
    const unaccounted = sender.taken - status.spans - status.dropped.bytes;
    const wrong = [
      ...sender.failures,
      ...reader.failures,
      ...(perSecond < MIN_SPANS_PER_SECOND ? [`Only ${perSecond.toFixed(1)} spans a second came in.`] : []),
      ...(notWhole > 0
        ? [`${notWhole} of the last ${READ_BACK} spans that were answered are not whole.`]
        : []),
      ...(unaccounted > 0 ? [`${unaccounted} spans that were answered are neither held nor evicted.`] : []),
      ...(status.dropped.failed > 0 ? [`Spans were not written: ${status.notices.join(' ')}`] : []),
    ];
    if (wrong.length > 0) throw new Error(wrong.join('\n'));
    recordMeasurements({
      title: 'Explorer: spans of coding agents',
      command: `node tandem bench capacity agents --agent-seconds=${seconds}`,
      tables: [figureRows(figures)],
      notes: [
        `${SPANS_PER_SECOND} spans a second by the clock, each with an attribute of ${MIN_TEXT_BYTES / 1000} to ${MAX_TEXT_BYTES / 1000} KB of words, ${SPANS_PER_EXPORT} in an export, ${AT_ONCE} exports under way at most, to a process as \`node tandem start\` starts it. Every ${READ_INTERVAL_MS / 1000} s the page's queries, the list of traces, one trace and one span. The last ${READ_BACK} spans that were answered with success are read back whole.`,
      ],
    });
  } finally {
    for (const end of endings.reverse()) await end();
  }
}

/** Makes exports on a clock, and sends them as a batch exporter does: a few at a time, the others wait in a bounded queue. */
class Sender {
  /** Spans that were answered with success, and their bytes before compression. */
  taken = 0;
  bytes = 0;
  /** Spans that came when too many waited. */
  lost = 0;
  /** Of each export, from its first try to success. */
  readonly milliseconds: number[] = [];
  readonly failures: string[] = [];
  /** The last that were answered with success. */
  last: readonly AgentSpan[] = [];
  readonly #explorer: Explorer;
  readonly #queue: {
    readonly body: Uint8Array<ArrayBuffer>;
    readonly bytes: number;
    readonly spans: AgentSpan[];
  }[] = [];
  readonly #underWay = new Set<Promise<void>>();

  constructor(explorer: Explorer) {
    this.#explorer = explorer;
  }

  /** Spans that are not answered yet. */
  get waiting(): number {
    return (this.#queue.length + this.#underWay.size) * SPANS_PER_EXPORT;
  }

  async sendFor(seconds: number): Promise<void> {
    const words = text();
    const started = performance.now();
    let traceId = '';
    for (let made = 0; made < seconds * SPANS_PER_SECOND; made += SPANS_PER_EXPORT) {
      await sleep(Math.max(0, started + (made * 1000) / SPANS_PER_SECOND - performance.now()));
      if (!this.#explorer.isRunning()) return;
      if (made % SPANS_PER_TRACE === 0) traceId = randomBytes(16).toString('hex');
      if (this.waiting + SPANS_PER_EXPORT > MAX_WAITING_SPANS) {
        this.lost += SPANS_PER_EXPORT;
        continue;
      }
      const spans = Array.from({ length: SPANS_PER_EXPORT }, () => agentSpan(traceId, words));
      const body = encoded(spans.map(({ span }) => span));
      this.#queue.push({
        body: Uint8Array.from(gzipSync(body, { level: 1 })),
        bytes: body.byteLength,
        spans,
      });
      this.#sendNext();
    }
    await sleep(Math.max(0, started + seconds * 1000 - performance.now()));
  }

  /** Resolves when nothing waits any more, or when that takes too long. */
  async drained(): Promise<void> {
    const end = performance.now() + DRAIN_MS;
    while (this.waiting > 0 && performance.now() < end) await sleep(100);
    if (this.waiting > 0) this.failures.push(`${this.waiting} spans still wait at the sender.`);
  }

  #sendNext(): void {
    while (this.#underWay.size < AT_ONCE) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      const started = performance.now();
      const sending = this.#explorer
        .post(next.body)
        .then(
          () => {
            this.milliseconds.push(performance.now() - started);
            this.taken += next.spans.length;
            this.bytes += next.bytes;
            this.last = [...this.last, ...next.spans].slice(-READ_BACK);
          },
          (error: unknown) => noteFailure(this.failures, 'An export was refused', error),
        )
        .finally(() => {
          this.#underWay.delete(sending);
          this.#sendNext();
        });
      this.#underWay.add(sending);
    }
  }
}

/** What a person asks meanwhile. */
class Reader {
  requests = 0;
  /** Milliseconds. */
  slowest = 0;
  readonly failures: string[] = [];
  readonly #explorer: Explorer;

  constructor(explorer: Explorer) {
    this.#explorer = explorer;
  }

  async readUntil(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(READ_INTERVAL_MS, undefined, { signal }).catch(() => {});
      await this.#read().catch((error: unknown) =>
        noteFailure(this.failures, 'A request of the page failed', error),
      );
    }
  }

  async #read(): Promise<void> {
    for (const query of QUERIES) await askQuery(query, this.#asked);
    const { traces } = (await this.#asked('/api/traces?limit=20')) as {
      traces: { trace_id: string; root: { span_id: string } }[];
    };
    const [trace] = traces;
    if (trace === undefined) return;
    await this.#asked(`/api/traces/${trace.trace_id}`);
    await this.#asked(`/api/traces/${trace.trace_id}/spans/${trace.root.span_id}`);
  }

  readonly #asked = async (path: string, body?: unknown): Promise<unknown> => {
    const started = performance.now();
    try {
      return await ask(this.#explorer, path, body, AbortSignal.timeout(PAGE_TIMEOUT_MS));
    } finally {
      this.slowest = Math.max(this.slowest, performance.now() - started);
      this.requests++;
    }
  };
}

/** Each kind once: a run of an hour would say the same thousands of times. */
function noteFailure(failures: string[], what: string, error: unknown): void {
  const sentence = `${what}: ${error instanceof Error ? error.message : String(error)}`;
  if (!failures.includes(sentence)) failures.push(sentence);
}

/** How many of the spans are not stored with all of their text. */
async function countNotWhole(explorer: Explorer, spans: readonly AgentSpan[]): Promise<number> {
  let count = 0;
  for (const { span, text } of spans) {
    const stored = await ask(explorer, `/api/traces/${span.traceId}/spans/${span.spanId}`).catch(String);
    if (!JSON.stringify(stored).includes(text)) count++;
  }
  return count;
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

function agentSpan(traceId: string, words: string): AgentSpan {
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
