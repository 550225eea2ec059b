import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXPLORER_MEMORY } from '../../scripts/lib/workspace.ts';
import { figureRows, namedRows, recordMeasurements } from '../lib/measurements.ts';
import { exportBody } from '../lib/service-spans.ts';
import explorerQueries from './queries.ts';

const BATCH = 512;
const SENDERS = 16;

/** The explorer's figures: ingest, time to queryable, what a kill -9 leaves, and the queries' times. */
export default async function explorer(): Promise<void> {
  const spans = Number(process.env.SPANS ?? 1_000_000);
  const figures = {
    ...(await measureIngest(spans)),
    ...(await measureLatency(Number(process.env.SECONDS ?? 20))),
    ...(await measureKill()),
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
    let next = 0;
    let retried = 0;
    const started = performance.now();
    await Promise.all(
      Array.from({ length: SENDERS }, async () => {
        for (let index = next++; index < bodies.length; index = next++) {
          while ((await server.post(bodies[index] as Buffer)) !== 200) {
            retried++;
            await new Promise((resolve) => setTimeout(resolve, 100));
          }
        }
      }),
    );
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

type Figures = Readonly<Record<string, number>>;

function shown(figures: Figures): Figures {
  console.table(figures);
  return figures;
}

interface Answer {
  readonly rows?: readonly (readonly unknown[])[];
  /** Of the store on disk. */
  readonly bytes: number;
  /** Highest resident memory so far, bytes. */
  readonly peak: number;
  readonly cpuMicroseconds: number;
}

interface Server {
  readonly child: ChildProcess;
  post(body: Buffer): Promise<number>;
  ask(sql?: string): Promise<Answer>;
  close(): Promise<void>;
}

async function withServer<T>(measure: (server: Server) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'tandem-bench-'));
  const server = await startServer(directory);
  try {
    return await measure(server);
  } finally {
    await server.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function startServer(directory: string): Promise<Server> {
  const child = fork(new URL('./server.ts', import.meta.url), [directory], {
    execArgv: [...EXPLORER_MEMORY.arguments],
    env: { ...EXPLORER_MEMORY.environment, ...process.env },
  });
  const [{ port }] = await once(child, 'message');
  const agent = new Agent({ keepAlive: true, maxSockets: SENDERS });
  const pending = new Map<number, (answer: Answer) => void>();
  child.on('message', (answer: Answer & { id: number }) => {
    pending.get(answer.id)?.(answer);
    pending.delete(answer.id);
  });
  let id = 0;
  return {
    child,
    post: (body) => post(agent, port, body),
    ask: (sql) =>
      new Promise((resolve) => {
        pending.set(++id, resolve);
        child.send({ id, sql });
      }),
    async close() {
      agent.destroy();
      child.send({ close: true });
      await once(child, 'exit');
    },
  };
}

function post(agent: Agent, port: number, body: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const sending = request(
      {
        agent,
        port,
        host: '127.0.0.1',
        method: 'POST',
        path: '/v1/traces',
        headers: {
          'content-type': 'application/x-protobuf',
          'content-encoding': 'gzip',
          'content-length': body.byteLength,
        },
      },
      (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode ?? 0));
        response.on('error', reject);
      },
    );
    sending.on('error', reject);
    sending.end(body);
  });
}

function quantile(ascending: readonly number[], q: number): number {
  return ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * q))] ?? Number.NaN;
}
