import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  attributesOf,
  encodeLogRecord,
  encodeLogs,
  encodeResource,
  encodeScope,
  ValueKind,
} from '@tandem/otlp';
import { readLogs } from '../../packages/trace-explorer/src/logs/read-logs.ts';
import { parseQuery } from '../../packages/trace-explorer/src/query/parse/parse-query.ts';
import { ALL_DATASETS, runQuery } from '../../packages/trace-explorer/src/query/run/run-query.ts';
import { openStore } from '../../packages/trace-explorer/src/store/open-store.ts';
import type { Figures } from './figures.ts';
import { shown } from './figures.ts';
import { sendAll, startServer } from './server-process.ts';

const BATCH = 512;
const RUNS = 9;
const LEVELS = [5, 9, 9, 9, 9, 9, 13, 17];
const MESSAGES = [
  'request completed',
  'activities read',
  'author looked up',
  'cache missed',
  'payment refused',
];

/** Log records in over HTTP with gzip, then what is asked of them. */
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
  return Math.round(times.toSorted((a, b) => a - b)[RUNS >> 1] ?? Number.NaN);
}

/** A gzipped protobuf export of log records as a service writes them with pino: five fields, three lines per span. */
function logsBody(count: number): Buffer {
  const resource = {
    attributes: attributesOf({ 'service.name': 'activities-api', 'host.name': 'localhost' }),
    droppedAttributesCount: 0,
    schemaUrl: '',
  };
  const scope = { name: 'pino', version: '', attributes: [], droppedAttributesCount: 0, schemaUrl: '' };
  let [traceId, spanId] = ['', ''];
  const logRecords = Array.from({ length: count }, (_, index) => {
    if (index % 3 === 0)
      [traceId, spanId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
    const time = BigInt(Date.now()) * 1_000_000n + BigInt(index);
    const body = `${MESSAGES[index % MESSAGES.length]} for ${Math.floor(Math.random() * 100_000)} after ${index} ms`;
    const record = {
      timeUnixNano: time,
      observedTimeUnixNano: time,
      severityNumber: LEVELS[index % LEVELS.length] ?? 9,
      severityText: 'INFO',
      body: { key: '', kind: ValueKind.string, value: body },
      attributes: attributesOf({
        'http.route': '/api/activities/home',
        'user.id': `user-${index % 50}`,
        'app.rows': index,
        reqId: `req-${index}`,
        'response.time_ms': index / 7,
      }),
      droppedAttributesCount: 0,
      flags: 1,
      traceId,
      spanId,
      eventName: '',
    };
    return { ...record, raw: encodeLogRecord(record) };
  });
  const encoded = encodeLogs({
    scopeLogs: [
      {
        resource: { ...resource, raw: encodeResource(resource) },
        scope: { ...scope, raw: encodeScope(scope) },
        logRecords,
      },
    ],
  });
  return gzipSync(encoded, { level: 1 });
}
