import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { UsageError } from '../../tools/arguments.ts';
import { quantile } from '../../tools/statistics.ts';
import { bytesIn } from '../lib/bytes-in.ts';
import { figureRows, namedRows, recordMeasurements } from '../lib/measurements.ts';
import { positive } from '../lib/options.ts';
import { exportBody } from '../lib/service-spans.ts';
import type { Figures } from './figures.ts';
import { shown } from './figures.ts';
import { measureForward } from './forward.ts';
import { measureLogs } from './logs.ts';
import explorerQueries from './queries.ts';
import { SENDERS, sendAll, startServer, withServer } from './server-process.ts';
import { measureSteps } from './steps.ts';

const BATCH = 512;
const PARTS = ['ingest', 'steps', 'latency', 'kill', 'logs', 'queries'] as const;

/** The options it takes. */
export const usage = `[PART …: ${PARTS.join(', ')}] [--spans 1000000]
  --forward   only processor time of ingest with and without EXPLORER_FORWARD, in turn`;

/**
 * The explorer's figures: ingest, time to queryable, what a kill -9 leaves, log records, and the queries' times. Those of
 * some parts alone are not recorded.
 */
export default async function explorer(): Promise<void> {
  const { positionals, values } = parseArgs({
    args: process.argv.slice(3),
    allowPositionals: true,
    options: { spans: { type: 'string', default: '1000000' }, forward: { type: 'boolean' } },
  });
  const unknown = positionals.find((name) => !PARTS.some((each) => each === name));
  if (unknown !== undefined)
    throw new UsageError(`There is no part ${unknown}; there are: ${PARTS.join(', ')}.`);
  const isWanted = (name: (typeof PARTS)[number]) => positionals.length === 0 || positionals.includes(name);
  const spans = positive('--spans', values.spans);
  if (values.forward) return void (await measureForward(spans));
  const figures: Figures = {
    ...(isWanted('ingest') && (await measureIngest(spans))),
    ...(isWanted('steps') && (await measureSteps())),
    ...(isWanted('latency') && (await measureLatency())),
    ...(isWanted('kill') && (await measureKill())),
    ...(isWanted('logs') && (await measureLogs(spans))),
  };
  const queries = isWanted('queries') ? await explorerQueries(spans) : {};
  if (positionals.length > 0) return;
  recordMeasurements({
    name: 'explorer',
    title: `Explorer: ${spans.toLocaleString('en')} spans in, and queries over them`,
    command: `node tandem bench explorer --spans ${spans}`,
    tables: [figureRows(figures), namedRows(queries, 'query, ms')],
    notes: [
      `OTLP over HTTP, protobuf with gzip, batches of ${BATCH}, ${SENDERS} senders; sender and explorer share the machine.`,
      'A restart after a kill writes what the journal has into the store: it takes the longer the more came since the last checkpoint.',
    ],
  });
}

async function measureIngest(spans: number): Promise<Figures> {
  const bodies = Array.from({ length: Math.ceil(spans / BATCH) }, (_, index) =>
    exportBody(Math.min(BATCH, spans - index * BATCH)),
  );
  return withServer(async (server) => {
    const started = performance.now();
    const retried = await sendAll(server, bodies);
    const sent = performance.now();
    const { rows } = await server.ask('SELECT count(*) FROM spans');
    const counted = performance.now();
    const { cpuMicroseconds, bytes, peak } = await server.ask();
    return shown({
      'ingest, spans/s (at least 60,000)': Math.round((spans / (sent - started)) * 1000),
      'spans lost (0)': spans - Number(rows?.[0]?.[0]),
      'queryable after the last, ms (at most 1,000)': Math.round(counted - sent),
      'requests retried': retried,
      'peak resident memory, MB (under 700)': Math.round(peak / 1e6),
      'processor time of the server, µs per span': Number((cpuMicroseconds / spans).toFixed(1)),
      'bytes on disk per span, log included': Math.round(bytes / spans),
    });
  });
}

/** Sends 1,000 spans/s in ten requests per second and asks for each until it is found. */
async function measureLatency(): Promise<Figures> {
  return withServer(async (server) => {
    for (let index = 0; index < 20; index++) await server.post(exportBody(BATCH));
    const times: number[] = [];
    const posts: Promise<void>[] = [];
    for (let index = 0; index < LATENCY_SECONDS * 10; index++) {
      const service = `probe-${index}`;
      const body = exportBody(100, service);
      const started = performance.now();
      posts.push(
        (async () => {
          const sent = server.post(body);
          for (;;) {
            const { rows: found } = await server.ask(
              `SELECT count(*) FROM spans WHERE _dataset = '${service}'`,
            );
            if (Number(found?.[0]?.[0]) === 100) break;
          }
          times.push(performance.now() - started);
          await sent;
        })(),
      );
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, 100 - (performance.now() - started))));
    }
    await Promise.all(posts);
    return shown({
      'POST to queryable at 1,000 spans/s, p50 ms': Math.round(quantile(times, 0.5)),
      'p95 ms (at most 300)': Math.round(quantile(times, 0.95)),
      'max ms': Math.round(quantile(times, 1)),
    });
  });
}

/** Kills the process while spans come in, starts it again and counts. Runs several times: the journal's size differs. */
async function measureKill(): Promise<Figures> {
  const kills: Kill[] = [];
  for (let n = 0; n < KILLS; n++) kills.push(await killOnce(KILLED_AFTER_MS + n * KILL_STEP_MS));
  const ordered = kills.toSorted((one, other) => one.restartMs - other.restartMs);
  const [median, longest] = [ordered[KILLS >> 1] as Kill, ordered[KILLS - 1] as Kill];
  const sum = (pick: (kill: Kill) => number) => kills.reduce((total, kill) => total + pick(kill), 0);
  return shown({
    [`spans acknowledged before ${KILLS} kills -9`]: sum(({ acknowledged }) => acknowledged),
    'of them missing after the restarts (0)': sum(({ missing }) => missing),
    'restart, ms, median': Math.round(median.restartMs),
    'MB of journal then': Math.round(median.journalBytes / 1e6),
    'restart, ms, longest': Math.round(longest.restartMs),
    'MB of journal at the longest': Math.round(longest.journalBytes / 1e6),
  });
}

const LATENCY_SECONDS = 20;
const KILLS = 3;
const KILLED_AFTER_MS = 5_000;
/** A third of the time between two checkpoints, about. */
const KILL_STEP_MS = 300;

interface Kill {
  readonly acknowledged: number;
  readonly missing: number;
  readonly restartMs: number;
  /** Acknowledged spans that are not yet in the store's file, and some that are. */
  readonly journalBytes: number;
}

async function killOnce(afterMs: number): Promise<Kill> {
  const directory = mkdtempSync(join(tmpdir(), 'tandem-bench-'));
  try {
    let acknowledged = 0;
    const body = exportBody(BATCH);
    let sent = 0;
    /** The same spans in other bytes, by the time in gzip's header: equal bodies within a minute are stored once. */
    const another = () => {
      const copy = Buffer.from(body);
      copy.writeUInt32LE(++sent, 4);
      return copy;
    };
    const server = await startServer(directory);
    const senders = Array.from({ length: 8 }, async () => {
      while ((await server.post(another()).catch(() => 0)) === 200) acknowledged += BATCH;
    });
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    server.child.kill('SIGKILL');
    await Promise.all(senders);
    const journalBytes = bytesIn(directory, '.journal');
    const started = performance.now();
    const restarted = await startServer(directory);
    const restartMs = performance.now() - started;
    const { rows } = await restarted.ask('SELECT count(*) FROM spans');
    await restarted.close();
    return {
      acknowledged,
      missing: Math.max(0, acknowledged - Number(rows?.[0]?.[0])),
      restartMs,
      journalBytes,
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
