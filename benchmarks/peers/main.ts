import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { freePort } from '../../scripts/lib/free-port.ts';
import { UsageError } from '../../tools/arguments.ts';
import { startExplorer } from '../lib/explorer-process.ts';
import type { Row } from '../lib/measurements.ts';
import { recordMeasurements } from '../lib/measurements.ts';
import { positive } from '../lib/options.ts';
import { exportBody } from '../lib/service-spans.ts';
import { peakResident, usageOf } from '../lib/thread-times.ts';

const BATCH = 512;
const SENDERS = 16;
/** A backend that has kept nothing more for this long has lost what is missing. */
const SETTLED_MS = 5_000;

/** The options it takes. */
export const usage = '--jaeger PATH [--spans 500000]';

/** A backend that receives OTLP over HTTP. */
interface Backend {
  readonly pid: number;
  /** Base URL of its receiver. */
  readonly url: string;
  /** Spans that can be asked for by now. */
  kept(): Promise<number>;
}

type Teardown = { teardown(end: () => unknown): void };

/** Ingest and memory of the explorer beside Jaeger, each alone and one after the other. */
export default async function peers(): Promise<void> {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: { jaeger: { type: 'string', default: '' }, spans: { type: 'string', default: '500000' } },
  });
  const spans = positive('--spans', values.spans);
  const { jaeger } = values;
  if (!existsSync(jaeger))
    throw new UsageError(
      `There is no file ${jaeger || '(none given)'}. Build it: go build ./cmd/jaeger, in its repository`,
    );
  const backends: Record<string, (t: Teardown) => Promise<Backend>> = {
    'trace explorer, on disk': startOurs,
    'Jaeger, in memory': (t) => startJaeger(t, jaeger, { memory: { max_traces: 1_000_000 } }),
    'Jaeger, on disk (Badger)': (t) => startJaeger(t, jaeger, badger(t)),
  };
  const rows: Row[] = [];
  for (const [backend, start] of Object.entries(backends)) {
    const ends: (() => unknown)[] = [];
    try {
      const running = await start({ teardown: (end) => void ends.unshift(end) });
      rows.push({ backend, ...(await measure(running, spans)) });
    } finally {
      for (const end of ends) await end();
    }
  }
  console.table(rows);
  recordMeasurements({
    name: 'peers',
    title: `Ingest of ${spans.toLocaleString('en')} spans: the explorer beside Jaeger`,
    command: `node tandem bench peers --jaeger jaeger --spans ${spans}`,
    tables: [rows],
    notes: [
      `OTLP over HTTP, protobuf with gzip, batches of ${BATCH}, ${SENDERS} senders that share the machine with the backend. The time ends when all spans that the backend keeps can be asked for.`,
      'Jaeger 2.13 with the batch processor and the storage of its own example configurations.',
    ],
  });
}

async function measure({ pid, url, kept }: Backend, spans: number): Promise<Omit<Row, 'backend'>> {
  const bodies = Array.from({ length: Math.ceil(spans / BATCH) }, () => exportBody(BATCH));
  const sent = bodies.length * BATCH;
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: SENDERS }, async () => {
      for (let body = bodies.pop(); body !== undefined; body = bodies.pop()) await post(url, body);
    }),
  );
  let [count, at] = [0, performance.now()];
  while (count < sent && performance.now() - at < SETTLED_MS) {
    const now = await kept();
    if (now > count) [count, at] = [now, performance.now()];
    else await sleep(50);
  }
  return {
    'spans/s': Math.round(count / ((at - begun) / 1000)),
    'lost, %': Number((100 * (1 - count / sent)).toFixed(1)),
    'peak resident MB': Math.round(peakResident([pid]) / 1e6),
    'CPU, µs per span': Number(((usageOf([pid]).cpuMs * 1000) / count).toFixed(1)),
  };
}

/** Sends a body until it is taken. */
async function post(url: string, body: Buffer): Promise<void> {
  const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' };
  for (;;) {
    const response = await fetch(`${url}/v1/traces`, { method: 'POST', headers, body: new Uint8Array(body) });
    await response.arrayBuffer();
    if (response.ok) return;
    if (response.status !== 429 && response.status !== 503) throw new Error(`OTLP: ${response.status}`);
    await sleep(100);
  }
}

async function startOurs(t: Teardown): Promise<Backend> {
  const { pid, origin, otlpUrl } = await startExplorer(t);
  return {
    pid,
    url: new URL(otlpUrl).origin,
    async kept() {
      const { rows } = (await (await fetch(`${origin}/api/status`)).json()) as { rows: number };
      return rows;
    },
  };
}

/** @param storage as in Jaeger's configuration */
async function startJaeger(t: Teardown, jaeger: string, storage: object): Promise<Backend> {
  const [otlp, query, grpc, metrics] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const configuration = {
    service: {
      extensions: ['jaeger_storage', 'jaeger_query'],
      pipelines: {
        traces: { receivers: ['otlp'], processors: ['batch'], exporters: ['jaeger_storage_exporter'] },
      },
      telemetry: {
        metrics: { readers: [{ pull: { exporter: { prometheus: { host: '127.0.0.1', port: metrics } } } }] },
      },
    },
    extensions: {
      jaeger_storage: { backends: { store: storage } },
      jaeger_query: {
        storage: { traces: 'store' },
        http: { endpoint: `127.0.0.1:${query}` },
        grpc: { endpoint: `127.0.0.1:${grpc}` },
      },
    },
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${otlp}` } } } },
    processors: { batch: {} },
    exporters: { jaeger_storage_exporter: { trace_storage: 'store' } },
  };
  const file = join(temporaryFolder(t), 'jaeger.yaml');
  writeFileSync(file, JSON.stringify(configuration)); // each JSON document is a YAML document
  const child = spawn(jaeger, ['--config', file], { stdio: 'ignore' });
  t.teardown(async () => {
    if (child.exitCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  });
  const read = () => fetch(`http://127.0.0.1:${metrics}/metrics`).then((response) => response.text());
  for (let tries = 0; (await read().catch(() => '')) === ''; tries++) {
    if (tries > 100 || child.exitCode !== null) throw new Error('Jaeger does not start.');
    await sleep(100);
  }
  return {
    pid: child.pid ?? 0,
    url: `http://127.0.0.1:${otlp}`,
    async kept() {
      const [, count] = /^otelcol_exporter_sent_spans\S* (\S+)$/m.exec(await read()) ?? [];
      return Number(count ?? 0);
    },
  };
}

/** Badger in a folder of its own. */
function badger(t: Teardown): object {
  const folder = temporaryFolder(t);
  const directories = { keys: join(folder, 'keys'), values: join(folder, 'values') };
  return { badger: { directories, ephemeral: false } };
}

function temporaryFolder(t: Teardown): string {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
