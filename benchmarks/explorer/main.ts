import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { figureRows, namedRows, recordMeasurements } from '../lib/measurements.ts';
import { exportBody } from '../lib/service-spans.ts';
import type { Figures } from './figures.ts';
import { shown } from './figures.ts';
import { measureLogs } from './logs.ts';
import explorerQueries from './queries.ts';
import { SENDERS, sendAll, startServer, withServer } from './server-process.ts';
import { measureSteps } from './steps.ts';
import { measureWide } from './wide.ts';

const BATCH = 512;

/** The explorer's figures: ingest, time to queryable, what a kill -9 leaves, and the queries' times. */
export default async function explorer(): Promise<void> {
  const spans = Number(process.env.SPANS ?? 1_000_000);
  if (process.env.PART === 'logs') return void (await measureLogs(spans));
  if (process.env.PART === 'ingest') return void (await measureIngest(spans));
  if (process.env.PART === 'steps') return void (await measureSteps());
  if (process.env.PART === 'wide') return void (await measureWide());
  const figures = {
    ...(await measureIngest(spans)),
    ...(await measureSteps()),
    ...(await measureLatency(Number(process.env.SECONDS ?? 20))),
    ...(await measureKill()),
    ...(await measureLogs(spans)),
  };
  const queries = await explorerQueries(spans);
  recordMeasurements({
    title: `Explorer: ${spans.toLocaleString('en')} spans in, and queries over them`,
    command: spans === 1_000_000 ? 'node tandem bench explorer' : `SPANS=${spans} node tandem bench explorer`,
    tables: [figureRows(figures), namedRows(queries, 'query, ms')],
    notes: [
      `OTLP over HTTP, protobuf with gzip, batches of ${BATCH}, ${SENDERS} senders; sender and explorer share the machine.`,
    ],
  });
}

async function measureIngest(spans: number): Promise<Figures> {
  const bodies: Buffer[] = [];
  for (let made = 0; made < spans; made += BATCH) bodies.push(exportBody(Math.min(BATCH, spans - made)));
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
async function measureLatency(seconds: number): Promise<Figures> {
  return withServer(async (server) => {
    for (let index = 0; index < 20; index++) await server.post(exportBody(BATCH));
    const times: number[] = [];
    const posts: Promise<void>[] = [];
    for (let index = 0; index < seconds * 10; index++) {
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
    times.sort((a, b) => a - b);
    return shown({
      'POST to queryable at 1,000 spans/s, p50 ms': Math.round(quantile(times, 0.5)),
      'p95 ms (at most 300)': Math.round(quantile(times, 0.95)),
      'max ms': Math.round(quantile(times, 1)),
    });
  });
}

/** Kills the process while spans come in, starts it again and counts. */
async function measureKill(): Promise<Figures> {
  const directory = mkdtempSync(join(tmpdir(), 'tandem-bench-'));
  try {
    let acknowledged = 0;
    const body = exportBody(BATCH);
    const server = await startServer(directory);
    const senders = Array.from({ length: 8 }, async () => {
      while ((await server.post(body).catch(() => 0)) === 200) acknowledged += BATCH;
    });
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    server.child.kill('SIGKILL');
    await Promise.all(senders);
    const started = performance.now();
    const restarted = await startServer(directory);
    const opened = performance.now() - started;
    const { rows } = await restarted.ask('SELECT count(*) FROM spans');
    await restarted.close();
    return shown({
      'spans acknowledged before kill -9': acknowledged,
      'of them missing after the restart (0)': Math.max(0, acknowledged - Number(rows?.[0]?.[0])),
      'restart, ms': Math.round(opened),
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function quantile(ascending: readonly number[], q: number): number {
  return ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * q))] ?? Number.NaN;
}
