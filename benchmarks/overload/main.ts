import { parseArgs } from 'node:util';
import type { OtlpReceiver } from '@tandem/otlp/testing';
import { startOtlpReceiver } from '@tandem/otlp/testing';
import type { Pair } from '../../test/helpers/pair.ts';
import { startPair } from '../../test/helpers/pair.ts';
import type { LoadResult } from '../lib/http-load.ts';
import { LoadThread } from '../lib/load-thread.ts';
import type { Row } from '../lib/measurements.ts';
import { recordMeasurements } from '../lib/measurements.ts';
import { YOUNG_ALLOCATIONS } from '../lib/node-options.ts';
import { positive } from '../lib/options.ts';
import { quantile } from '../lib/statistics.ts';
import { packetsSentAgain } from './sent-again.ts';

const PATH = '/api/activities/home';
const WARM_UP = 5_000;
/** Connections that ask one request after the other: normal load, of which nothing may be refused. */
const CONNECTIONS = [20, 200];
const REQUESTS_PER_CONNECTIONS = 10_000;
/** More than any process has under way here: what the services do without the limit. */
const NO_LIMIT = '1000000';
/** For the circuit breaker: few enough per second that none waits for another. */
const CALM_RATE = 50;
const CALM_REQUESTS = 500;
/** The services' own limit for a request. */
const DEADLINE_MS = 5_000;
/** Has the services say when each answer leaves. */
const NOTE_LEAVING = `--import=${new URL('../lib/note-leaving.ts', import.meta.url).href}`;

/** The options it takes. */
export const usage = '[--rate 2000] [--seconds 10]';

/**
 * The home feed of the real pair at more requests than it can answer, with its limit of open requests and without; at
 * normal load, where nothing may be refused; and with user-lookup gone.
 */
export default async function overload(): Promise<void> {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: { rate: { type: 'string', default: '2000' }, seconds: { type: 'string', default: '10' } },
  });
  const rate = positive('--rate', values.rate);
  const seconds = positive('--seconds', values.seconds);
  const receiver = await startOtlpReceiver();
  receiver.isKeeping = false;
  const table: Row[] = [];
  const rates = [500, rate];
  try {
    for (const [limits, maxOpen] of Object.entries({ '512 open requests': '', 'no limit': NO_LIMIT }))
      await withPair(receiver, { MAX_OPEN_REQUESTS: maxOpen }, async (load, pair) => {
        if (maxOpen === '')
          for (const connections of CONNECTIONS)
            table.push(
              await measure(pair, limits, `${connections} connections, as fast as they go`, () =>
                load.closedLoop(REQUESTS_PER_CONNECTIONS, connections),
              ),
            );
        for (const each of rates)
          table.push(
            await measure(pair, limits, `${each} requests/s`, () => load.fixedRate(each * seconds, each)),
          );
      });
    console.table(table);
    const circuit = await withPair(receiver, {}, measureCircuit);
    console.table(circuit);
    recordMeasurements({
      title: 'Overload: more requests than the pair can answer',
      command: `node tandem bench overload --rate ${rate} --seconds ${seconds}`,
      tables: [table, circuit],
      notes: [
        `Both services with SQLite, ${PATH}, traced; they, and what sends the requests, share the machine. Requests come at a fixed rate for ${seconds} s, whether or not those before are answered, or as fast as a number of connections can send them. Open requests are counted where they are sent, and so are those that wait in sockets.`,
        `What is refused is 503 UNDER_PRESSURE with Retry-After. At normal load, which is all but ${rate} requests/s, nothing may be.`,
        `A request has ${DEADLINE_MS / 1000} s from when it came to the service's kernel, and no 200 may leave after that. "Left" is when the service gives it to the kernel, counted from when the request could be sent, by a clock that both share. It has been on its way when it is read here, by a thread that does nothing else; on a busy machine that takes as long as the thread waits for a processor.`,
        'Past 4,096 connections that the service has not taken the kernel drops what comes: first packets of connections, which are sent again after 1, 3 and 7 s and are in the latencies only, and requests on connections that it has confirmed all the same, which come 0.2 to 6 s after they were sent. "Packets sent again" are these, on the whole machine: where there are hardly any, "left late" is 0; where there are many, what left late had come late.',
        `Circuit breaker: ${CALM_REQUESTS} requests, ${CALM_RATE} per second, before user-lookup is stopped and after it was found out. The p50 while it is open is at most 1.2 times the one before.`,
      ],
    });
  } finally {
    await receiver.close();
  }
}

async function withPair<T>(
  receiver: OtlpReceiver,
  env: Readonly<Record<string, string>>,
  run: (load: LoadThread, pair: Pair) => Promise<T>,
): Promise<T> {
  const pair = await startPair({
    otlpUrl: receiver.url,
    env: { OTEL_BSP_SCHEDULE_DELAY: '', RATE_LIMIT_MAX: '1000000000', ...env },
    nodeOptions: [YOUNG_ALLOCATIONS, NOTE_LEAVING],
  });
  const load = new LoadThread({ port: Number(new URL(pair.api).port), path: PATH });
  try {
    await load.closedLoop(WARM_UP, 20);
    return await run(load, pair);
  } finally {
    await load.close();
    await pair.stop();
  }
}

async function measure(
  pair: Pair,
  limits: string,
  load: string,
  run: () => Promise<LoadResult>,
): Promise<Row> {
  const before = await shedCounts(pair);
  const sentAgainBefore = packetsSentAgain();
  const started = performance.now();
  const { latencies, goodUntilLeft, goodOnTheWay, byStatus, mostOpen } = await run();
  const seconds = (performance.now() - started) / 1000;
  const sentAgain = packetsSentAgain() - sentAgainBefore;
  const good = byStatus.get(200) ?? [];
  const refused = byStatus.get(503) ?? [];
  if (goodUntilLeft.length < good.length) throw new Error('An answer did not say when it left.');
  const other = latencies.length - good.length - refused.length;
  return {
    limit: limits,
    load,
    'most open': mostOpen,
    'answered 200, per second': Math.round(good.length / seconds),
    'p50 of 200, ms': quantile(good, 0.5).toFixed(1),
    'p99 of 200, ms': quantile(good, 0.99).toFixed(1),
    '503': `${((100 * refused.length) / latencies.length).toFixed(1)} %`,
    'p50 of 503, ms': refused.length === 0 ? '–' : quantile(refused, 0.5).toFixed(1),
    'refused because of': Object.entries(await shedCounts(pair))
      .map(([reason, count]) => [reason, count - (before[reason] ?? 0)] as const)
      .flatMap(([reason, count]) => (count > 0 ? `${reason} ${count}` : []))
      .join(', '),
    'last 200 left after, ms (5,000)': Math.round(quantile(goodUntilLeft, 1)),
    'left late (0)': goodUntilLeft.filter((milliseconds) => milliseconds > DEADLINE_MS).length,
    'packets sent again': sentAgain,
    'on their way at most, ms': Math.round(quantile(goodOnTheWay, 1)),
    'other answers, or none': other,
  };
}

/** What activities-api says that it refused so far, by reason. */
async function shedCounts(pair: Pair): Promise<Record<string, number>> {
  const text = await (await fetch(`${pair.api}/metrics`)).text();
  const lines = text.matchAll(/^tandem_http_server_shed_requests_total\{reason="(\w+)"\} (\d+)$/gm);
  return Object.fromEntries([...lines].map(([, reason = '', count]) => [reason, Number(count)]));
}

/** What a page costs while user-lookup is gone, beside what it costs with it. */
async function measureCircuit(load: LoadThread, pair: Pair): Promise<Row[]> {
  const calm = () => load.fixedRate(CALM_REQUESTS, CALM_RATE);
  const healthy = await calm();
  await pair.userLookup.stop();
  await load.closedLoop(20, 1); // finds out
  const open = await calm();
  const row = (name: string, { latencies, failed }: LoadResult): Row => ({
    'user-lookup': name,
    'p50, ms': quantile(latencies, 0.5).toFixed(2),
    'p99, ms': quantile(latencies, 0.99).toFixed(2),
    'of the healthy p50': (quantile(latencies, 0.5) / quantile(healthy.latencies, 0.5)).toFixed(2),
    failed,
  });
  return [row('answers', healthy), row('gone, circuit open', open)];
}
