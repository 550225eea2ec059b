import { setTimeout as sleep } from 'node:timers/promises';
import { context, propagation } from '@opentelemetry/api';
import { startTelemetry, withSpan } from '@tandem/telemetry';
import { localUrl, readAddresses } from './lib/addresses.ts';
import { readArguments, UsageError } from './lib/arguments.ts';
import { loadDotEnv } from './lib/dot-env.ts';
import { countStoredSpans, readSpanCounts } from './lib/load/spans.ts';
import type { Outcome } from './lib/load/summary.ts';
import { countBy, describeSpans, summarize } from './lib/load/summary.ts';
import { plannedRequest } from './lib/load/traffic.ts';
import { callOf } from './lib/root.ts';

// `load`: a steady mix of requests to the activities API. The requests of one user are slow. The last lines say what was
// measured, and whether all spans arrived. With TRACEPARENT in the environment, as in a step of a pipeline, all requests
// belong to the caller's trace.
const USAGE = `Usage: ${callOf('load')} [--rate REQUESTS_PER_SECOND, 20] [--seconds SECONDS, 30]`;
/** Time that spans have to arrive: the services send a batch 150 ms after its first span. */
const ARRIVAL_MS = 5000;
const PROGRESS_MS = 10_000;

const { rate, seconds } = readOptions();
loadDotEnv();
const addresses = readAddresses(process.env);
const [api, userLookup, explorer] = (['api', 'userLookup', 'page'] as const).map((part) =>
  localUrl(addresses, part),
) as [string, string, string];
const scenario = `load-${Date.now().toString(36)}`;
const outcomes: Outcome[] = [];
const interruption = new AbortController();
const interrupted = interruption.signal;
process.once('SIGINT', () => interruption.abort());

await requireApi();
const before = await readSpanCounts([api, userLookup]);
const started = performance.now();
const progress = setInterval(showProgress, PROGRESS_MS);
await (process.env.TRACEPARENT ? sendInCallersTrace() : sendRequests());
clearInterval(progress);
for (const line of summarize(outcomes, (performance.now() - started) / 1000, api)) console.log(line);
console.log(describeSpans(await awaitSpans()));
console.log(`  look       ${addresses.page.origin} (the slow ones: user.id, tandem.fault)`);
process.exit(outcomes.every(({ status }) => Number(status) > 0) ? 0 : 1);

function readOptions(): { rate: number; seconds: number } {
  const options = {
    rate: { type: 'string', default: '20' },
    seconds: { type: 'string', default: '30' },
  } as const;
  return readArguments(USAGE, { options }, ({ values }) => {
    const [rate, seconds] = [Number(values.rate), Number(values.seconds)];
    if (rate > 0 && rate <= 500 && seconds > 0 && seconds <= 3600) return { rate, seconds };
    throw new UsageError('--rate takes a number up to 500, --seconds one up to 3600.');
  });
}

/** Ends the process when nothing answers. */
async function requireApi(): Promise<void> {
  try {
    await (await fetch(`${api}/health/live`, { signal: AbortSignal.timeout(5000) })).arrayBuffer();
  } catch {
    console.error(`Nothing answers at ${api}. Start it with ${callOf('dev')}.`);
    process.exit(1);
  }
}

/** With a span of this process, and one for each request. */
async function sendInCallersTrace(): Promise<void> {
  const { error } = console;
  const say = (_: object, message: string) => error(message);
  const telemetry = startTelemetry({
    environment: { ...process.env, OTEL_SERVICE_NAME: 'load', OTEL_LOGS_EXPORTER: 'none' },
    log: { debug() {}, info() {}, warn: say, error: say },
  });
  const { TRACEPARENT: traceparent, TRACESTATE: tracestate, BAGGAGE: baggage } = process.env;
  const caller = propagation.extract(context.active(), { traceparent, tracestate, baggage });
  await context.with(caller, () => withSpan('load', {}, sendRequests));
  await telemetry.shutdown();
}

async function sendRequests(): Promise<void> {
  const waiting: Promise<void>[] = [];
  for (let n = 0; n < rate * seconds && !interrupted.aborted; n++) {
    waiting.push(request(n));
    const wait = started + ((n + 1) * 1000) / rate - performance.now();
    await sleep(Math.max(0, wait), undefined, { signal: interrupted }).catch(() => {});
  }
  await Promise.all(waiting);
}

async function request(n: number): Promise<void> {
  const { path, user, headers } = plannedRequest(n, scenario);
  const sent = performance.now();
  let status: string;
  try {
    const response = await fetch(api + path, { headers, signal: AbortSignal.timeout(10_000) });
    await response.arrayBuffer();
    status = String(response.status);
  } catch (error) {
    status = failureOf(error);
  }
  outcomes.push({ user, status, durationMs: performance.now() - sent });
}

function failureOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error && 'code' in cause) return String(cause.code);
  return error instanceof Error ? error.name : 'failed';
}

function showProgress(): void {
  const elapsed = Math.round((performance.now() - started) / 1000);
  const answers = countBy(outcomes.map(({ status }) => status));
  console.error(
    `${elapsed} s of ${seconds} s: ${outcomes.length} of ${Math.ceil(rate * seconds)} requests, ${answers}`,
  );
}

/** Counts of the services and of the explorer, when all spans have arrived or the time is over. */
async function awaitSpans() {
  const end = performance.now() + ARRIVAL_MS;
  for (;;) {
    const after = await readSpanCounts([api, userLookup]);
    const received = await countStoredSpans(explorer, scenario);
    const expected = before && after && after.ended - before.ended;
    const isDone = received === undefined || (expected !== undefined && received >= expected);
    if (isDone || performance.now() > end)
      return { expected, lost: (after?.lost ?? 0) - (before?.lost ?? 0), received };
    await sleep(250);
  }
}
