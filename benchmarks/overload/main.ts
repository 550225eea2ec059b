import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startOtlpReceiver } from '@tandem/otlp/testing';
import { startPair } from '../../test/helpers/pair.ts';
import { freePort } from '../../test/helpers/processes.ts';
import { quantile } from '../../tools/statistics.ts';
import { LoadThread } from '../lib/load-thread.ts';
import type { Row } from '../lib/measurements.ts';
import { recordMeasurements } from '../lib/measurements.ts';
import { YOUNG_ALLOCATIONS } from '../lib/node-options.ts';
import { positive } from '../lib/options.ts';
import { peakResident, usageOf } from '../lib/thread-times.ts';

const PATH = '/api/activities/home';
const WARM_UP = 5_000;
/** Connections that ask one request after the other, and their requests: what they get a second is the capacity. */
const CONNECTIONS = 20;
const REQUESTS = 10_000;
const OVERLOAD = 4;
/** The callers, and their number of connections at the beginning. */
const CALLERS = { 'with connections': 1000, 'with 3,000 connections': 3000, 'with new connections': 0 };
/** The services' own limit for a request. */
const DEADLINE_MS = 5_000;
/** One caller more asks this often, and so does a health check. The pair has recovered when that caller's requests are answered 200 in this time. */
const PROBE_MS = 100;
const WELL_MS = 500;
/** The caller asks for this long after the load: longer than a deadline. */
const AFTERWARDS_MS = 10_000;

/** The options it takes. */
export const usage = '[--rate FOUR_TIMES_THE_CAPACITY] [--seconds 60]';

/**
 * The home feed of the real pair at four times the requests that it can answer: how many are answered in time, how soon it
 * is well afterwards, and its memory. A rate can be given, so that two versions get the same.
 */
export default async function overload(): Promise<void> {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: { rate: { type: 'string' }, seconds: { type: 'string', default: '60' } },
  });
  const seconds = positive('--seconds', values.seconds);
  let rate = values.rate === undefined ? undefined : positive('--rate', values.rate);
  const rows: Row[] = [];
  for (const [callers, kept] of Object.entries(CALLERS)) {
    const pair = await startLoadedPair();
    try {
      const capacity = await pair.capacity();
      rate ??= Math.round(OVERLOAD * capacity);
      rows.push({
        callers,
        ...(await measure(pair, kept, rate, seconds)),
        'capacity, per second': Math.round(capacity),
      });
    } finally {
      await pair.stop();
    }
  }
  console.table(rows);
  recordMeasurements({
    name: 'overload',
    title: 'Overload: more requests than the pair can answer',
    command: `node tandem bench overload --rate ${rate} --seconds ${seconds}`,
    tables: [rows],
    notes: [
      `Both services with SQLite, ${PATH}, traced; the sender of the requests shares the machine. Capacity: ${CONNECTIONS} connections, one request after the other. Then requests come at a fixed rate for ${seconds} s, whether or not those before are answered; each takes a connection that is free, or opens one. Kept connections are used in turn.`,
      `Node takes one new connection per turn of its event loop. Callers that keep their connections, as a balancer does, are refused in milliseconds; those that open new ones wait in the kernel's queue, and give up after 10 s. The process cannot refuse what it has not taken.`,
      `In time: answered 200 within ${DEADLINE_MS / 1000} s of its sending, read by the sender. Refused: 503 UNDER_PRESSURE with Retry-After.`,
      `Well after: one more caller asks every ${PROBE_MS} ms; from the last request of the load to the last time that this caller asked and did not get 200 within ${WELL_MS} ms.`,
      `Slowest health check: /health/live every ${PROBE_MS} ms, each on a new connection, until ${AFTERWARDS_MS / 1000} s after the load; on the service's port, and on HEALTH_PORT, which a worker thread answers.`,
      `${Math.max(...Object.values(CALLERS))} connections need a limit of twice as many open files (\`ulimit -n\`): a service takes connections for half of them.`,
      'Memory: resident, both services together.',
    ],
  });
}

type LoadedPair = Awaited<ReturnType<typeof startLoadedPair>>;

/** A warm pair, and a sender of requests. */
async function startLoadedPair() {
  const receiver = await startOtlpReceiver();
  receiver.isKeeping = false;
  const healthPort = String(await freePort());
  const pair = await startPair({
    otlpUrl: receiver.url,
    activitiesEnv: { HEALTH_PORT: healthPort },
    env: { OTEL_BSP_SCHEDULE_DELAY: '', RATE_LIMIT_MAX: '1000000000' },
    nodeOptions: [YOUNG_ALLOCATIONS],
  });
  const url = `${pair.api}${PATH}`;
  const load = new LoadThread({ port: Number(new URL(url).port), path: PATH });
  const pids = [pair.activities, pair.userLookup].map(({ child }) => child.pid ?? 0);
  await load.closedLoop(WARM_UP, CONNECTIONS);
  return {
    url,
    healthUrls: [new URL('/health/live', url), new URL(`http://127.0.0.1:${healthPort}/health/live`)],
    load,
    pids,
    /** Requests per second. */
    async capacity() {
      const begun = performance.now();
      const { goodLatencies } = await load.closedLoop(REQUESTS, CONNECTIONS);
      return (1000 * goodLatencies.length) / (performance.now() - begun);
    },
    async stop() {
      await load.close();
      await pair.stop();
      await receiver.close();
    },
  };
}

async function measure(
  { url, healthUrls, load, pids }: LoadedPair,
  kept: number,
  rate: number,
  seconds: number,
) {
  if (kept > 0) await load.closedLoop(2 * kept, kept);
  const memoryBefore = usageOf(pids).residentBytes;
  const caller = startCaller(url);
  const probers = healthUrls.map(startProber);
  const result = await load.fixedRate(rate * seconds, rate, kept);
  await sleep(AFTERWARDS_MS);
  const lastUnwellAt = await caller.stop();
  const [slowest = 0, slowestOfThread = 0] = await Promise.all(probers.map((prober) => prober.stop()));
  const sent = result.latencies.length;
  const inTime = result.goodLatencies.filter((milliseconds) => milliseconds <= DEADLINE_MS);
  const sendingSeconds = result.sendingMs / 1000;
  const refused = result.byStatus.get(503)?.length ?? 0;
  return {
    'requests/s': Math.round(sent / sendingSeconds),
    'answered 200 in time, per second': Math.round(inTime.length / sendingSeconds),
    'share in time': percent(inTime.length / sent),
    'p50, ms': quantile(inTime, 0.5).toFixed(0),
    'p99, ms': quantile(inTime, 0.99).toFixed(0),
    '503': percent(refused / sent),
    '200 too late': result.goodLatencies.length - inTime.length,
    'other, or no answer': sent - result.goodLatencies.length - refused,
    'slowest health check, ms': slowest.toFixed(0),
    'on HEALTH_PORT, ms': slowestOfThread.toFixed(0),
    'well after, s': (Math.max(0, lastUnwellAt - result.sentUntil) / 1000).toFixed(1),
    'MiB before': mebibytes(memoryBefore),
    'MiB at most': mebibytes(peakResident(pids)),
    'MiB after': mebibytes(usageOf(pids).residentBytes),
  };
}

/** Asks now and then until it is stopped, which resolves with when (`Date.now()`) it last asked without success. */
function startCaller(url: string): { stop(): Promise<number> } {
  let lastUnwell = 0;
  const ask = async () => {
    const begun = Date.now();
    const isGood = await fetch(url, { signal: AbortSignal.timeout(2 * DEADLINE_MS) })
      .then(async (response) => (await response.text()) !== '' && response.ok)
      .catch(() => false);
    if (!isGood || Date.now() - begun > WELL_MS) lastUnwell = Math.max(lastUnwell, begun);
  };
  const asked: Promise<void>[] = [];
  const timer = setInterval(() => asked.push(ask()), PROBE_MS);
  return {
    async stop() {
      clearInterval(timer);
      await Promise.all(asked);
      return lastUnwell;
    },
  };
}

/** Asks for the health of the process as an orchestrator does, on a new connection each time. */
function startProber(url: URL): { stop(): Promise<number> } {
  const asked: Promise<number>[] = [];
  const ask = () =>
    new Promise<number>((resolve) => {
      const begun = performance.now();
      get(url, { agent: false }, (response) =>
        response.resume().once('end', () => resolve(performance.now() - begun)),
      ).once('error', () => resolve(Number.POSITIVE_INFINITY));
    });
  const timer = setInterval(() => asked.push(ask()), PROBE_MS);
  return {
    async stop() {
      clearInterval(timer);
      return Math.max(...(await Promise.all(asked)));
    },
  };
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
