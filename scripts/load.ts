import { setTimeout as sleep } from 'node:timers/promises';
import { readSettings, startTelemetry, undici, withSpan } from '@tandem/telemetry';
import { placeToAsk } from '../packages/trace-explorer/src/core/live-explorers.ts';
import { readArguments, wholeNumber } from '../tools/arguments.ts';
import { callOf } from '../tools/root.ts';
import { localUrl, readAddresses } from './lib/addresses.ts';
import { loadDotEnv } from './lib/dot-env.ts';
import type { Outcome } from './lib/load/summary.ts';
import { summarize } from './lib/load/summary.ts';
import { plannedRequest } from './lib/load/traffic.ts';

// `load`: a steady mix of requests to the activities API. The requests of one user are slow. The last lines say what was
// measured. With TRACEPARENT in the environment, as in a step of a pipeline, all requests belong to the caller's trace.
const USAGE = `Usage: ${callOf('load')} [--rate REQUESTS_PER_SECOND, 20] [--seconds SECONDS, 30]`;

const options = {
  rate: { type: 'string', default: '20' },
  seconds: { type: 'string', default: '30' },
} as const;
const { rate, seconds } = readArguments(USAGE, { options }, ({ values }) => ({
  rate: wholeNumber('--rate', values.rate, 1, 500),
  seconds: wholeNumber('--seconds', values.seconds, 1, 3600),
}));
loadDotEnv();
const addresses = readAddresses(process.env);
const api = localUrl(addresses, 'api');
const scenario = `load-${Date.now().toString(36)}`;
const outcomes: Outcome[] = [];
const interruption = new AbortController();
const interrupted = interruption.signal;
process.on('SIGINT', () => interruption.abort());

await requireApi();
const started = performance.now();
console.error(`Sending ${rate} requests a second to ${api} for ${seconds} s …`);
await (process.env.TRACEPARENT ? sendInCallersTrace() : sendRequests());
for (const line of summarize(outcomes, (performance.now() - started) / 1000, api)) console.log(line);
console.log(`  look       ${(await placeToAsk()).url} (the slow ones: user.id, tandem.fault)`);
process.exit(outcomes.every(({ status }) => Number(status) > 0) ? 0 : 1);

/** Ends the process when nothing answers. */
async function requireApi(): Promise<void> {
  try {
    await (await fetch(`${api}/health/live`, { signal: AbortSignal.timeout(5000) })).arrayBuffer();
  } catch {
    console.error(`Nothing answers at ${api}. Start it with ${callOf('dev')}.`);
    process.exit(1);
  }
}

/** Sends the requests within a span of this process. Each request has a span too. */
async function sendInCallersTrace(): Promise<void> {
  const { error } = console;
  const say = (_: object, message: string) => error(message);
  Object.assign(process.env, { OTEL_SERVICE_NAME: 'load', OTEL_LOGS_EXPORTER: 'none' });
  const telemetry = startTelemetry({
    settings: readSettings(process.env),
    instrumentations: [undici()],
    log: { debug() {}, info() {}, warn: say, error: say },
  });
  await withSpan('load', {}, sendRequests);
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
