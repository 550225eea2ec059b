import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLogs } from '../../packages/trace-explorer/src/core/logs/read-logs.ts';
import { ALL_DATASETS } from '../../packages/trace-explorer/src/core/query/parse/all-datasets.ts';
import { parseQuery } from '../../packages/trace-explorer/src/core/query/parse/parse-query.ts';
import { runQuery } from '../../packages/trace-explorer/src/core/query/run/run-query.ts';
import { openStore } from '../../packages/trace-explorer/src/core/store/store.ts';
import { median } from '../../tools/statistics.ts';
import type { Figures } from './figures.ts';
import { shown } from './figures.ts';
import { logsBody } from './log-bodies.ts';
import { sendAll, startServer } from './server-process.ts';

const BATCH = 512;
const RUNS = 9;

/** Log records: sent over HTTP with gzip, then queried. */
export async function measureLogs(records: number): Promise<Figures> {
  const directory = mkdtempSync(join(tmpdir(), 'tandem-bench-'));
  try {
    const ingested = await measureIngest(directory, records);
    return shown({ ...ingested, ...(await measureQueries(directory)) });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function measureIngest(directory: string, records: number): Promise<Figures> {
  const bodies: Buffer[] = [];
  for (let made = 0; made < records; made += BATCH) bodies.push(logsBody(Math.min(BATCH, records - made)));
  const server = await startServer(directory);
  const started = performance.now();
  await sendAll(server, bodies, '/v1/logs');
  const seconds = (performance.now() - started) / 1000;
  const { rows, cpuMicroseconds, bytes } = await server.ask('SELECT count(*) FROM spans');
  await server.close();
  return {
    'log records/s over HTTP with gzip (at least 100,000)': Math.round(records / seconds),
    'log records lost (0)': records - Number(rows?.[0]?.[0]),
    'processor time of the server, µs per log record': Number((cpuMicroseconds / records).toFixed(1)),
    'bytes on disk per log record': Math.round(bytes / records),
  };
}

async function measureQueries(directory: string): Promise<Figures> {
  const store = await openStore({ directory, maxBytes: 16 * 1024 ** 3 });
  const spec = parseQuery({
    time_range: 7200,
    filters: [{ column: 'body', op: 'contains', value: 'payment refused for 12' }],
  });
  try {
    return {
      'body contains, ms (at most 150)': await medianOf(() => runQuery(store, ALL_DATASETS, spec)),
      'newest 100, ms': await medianOf(() => readLogs(store, {}, { order: 'newest', limit: 100 })),
      'newest 100 with a text, ms': await medianOf(() =>
        readLogs(store, { text: 'Refused for 12' }, { order: 'newest', limit: 100 }),
      ),
    };
  } finally {
    await store.close();
  }
}

async function medianOf(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const started = performance.now();
    await work();
    times.push(performance.now() - started);
  }
  return Math.round(median(times));
}
