import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { decodeTraces } from '@tandem/otlp';
import type { JournalRecord } from '../../packages/trace-explorer/src/core/store/journal/journal.ts';
import { Journal } from '../../packages/trace-explorer/src/core/store/journal/journal.ts';
import { Batch } from '../../packages/trace-explorer/src/core/store/rows/batch.ts';
import { mapRequest, sizeOf } from '../../packages/trace-explorer/src/core/store/rows/request.ts';
import type { ExportRequest } from '../../packages/trace-explorer/src/core/store/store.ts';
import { Catalogue } from '../../packages/trace-explorer/src/core/store/table/catalogue.ts';
import {
  appenderTo,
  createTables,
  Database,
  rowGroupRowsOf,
} from '../../packages/trace-explorer/src/core/store/table/database.ts';
import { ChunkFiller } from '../../packages/trace-explorer/src/core/store/table/fill.ts';
import { CHUNK_ROWS } from '../../packages/trace-explorer/src/core/store/table/vectors.ts';
import { exportBody } from '../lib/service-spans.ts';
import type { Figures } from './figures.ts';
import { shown } from './figures.ts';

const BATCH = 512;
/** Requests of eight senders: the store takes them while the other eight senders get their answers. */
const BODIES = 8;
const ROUNDS = 64;
/** Not counted: until then the code is being compiled. */
const WARM_UP = 16;
/** Rounds of one transaction: together as many rows as a row group has. */
const ROUNDS_OF_TRANSACTION = 8;
/** About as many as the explorer folds into the file at a time. */
const CHECKPOINT_ROWS = 65_536;

/** Processor time, in microseconds. */
interface Time {
  here: number;
  elsewhere: number;
}

/** Measures each step from a body to the store's file by itself: the parts of a span's processor time. */
export async function measureSteps(): Promise<Figures> {
  const directory = mkdtempSync(join(tmpdir(), 'tandem-bench-'));
  const database = await Database.open({ directory, memoryMb: 128 }, rowGroupRowsOf(1024 ** 3));
  try {
    const [writing, checkpointing] = [await database.connect(), await database.connect()];
    await createTables(writing);
    const catalogue = new Catalogue(256);
    await catalogue.load(writing);
    const journal = await Journal.open(directory);
    const bodies = Array.from({ length: BODIES }, () => exportBody(BATCH));
    await catalogue.add(writing, catalogue.plan(rowsOf(bodies.map(decoded))).missing, Date.now());
    const filler = new ChunkFiller();
    const appender = await appenderTo(writing, 'spans');
    const steps = new Steps();
    let unfolded = 0;
    for (let round = 0; round < WARM_UP + ROUNDS; round++) {
      if (round === WARM_UP) steps.clear();
      const unpacked = await steps.run('inflate', () => bodies.map((body) => gunzipSync(body)));
      const requests = await steps.run('decode', () =>
        unpacked.map((body) => decodeTraces(body, 'protobuf')),
      );
      const rows = await steps.run('map', () => rowsOf(requests));
      const scopes = rows.scopes.map(() => 1);
      rows.firstSeq = 1 + round * rows.rowCount;
      const chunkOf = filler.start(rows, catalogue.plan(rows), catalogue.columns, scopes);
      if (round % ROUNDS_OF_TRANSACTION === 0) await writing.run('BEGIN');
      const records = requests.map((request, index) => recordOf(request, bodies[index] as Buffer));
      await steps.run('journal, checksum, write and sync', () => journal.append(records));
      for (let from = 0; from < rows.rowCount; from += CHUNK_ROWS) {
        const to = Math.min(from + CHUNK_ROWS, rows.rowCount);
        const chunk = await steps.run('fill columns', () => chunkOf(from, to));
        await steps.run('append', () => appender.appendDataChunk(chunk));
      }
      await steps.run('append', () => appender.flushSync());
      unfolded += rows.rowCount;
      if (round % ROUNDS_OF_TRANSACTION < ROUNDS_OF_TRANSACTION - 1) continue;
      await steps.run('commit', () => writing.run('COMMIT'));
      if (unfolded < CHECKPOINT_ROWS) continue;
      unfolded = 0;
      await steps.run('checkpoint', () => checkpointing.run('CHECKPOINT'));
      await steps.run('journal, removal', () => journal.forget(Number.POSITIVE_INFINITY));
    }
    appender.closeSync();
    return shown(steps.figures(ROUNDS * BODIES * BATCH));
  } finally {
    database.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

function decoded(body: Buffer) {
  return decodeTraces(gunzipSync(body), 'protobuf');
}

function rowsOf(requests: readonly ExportRequest[]): Batch {
  const rows = new Batch();
  for (const request of requests) mapRequest(request, Date.now(), rows);
  return rows;
}

function recordOf(request: ExportRequest, body: JournalRecord['body']): JournalRecord {
  return { signal: 'traces', seq: 1, rows: sizeOf(request).rows, received: Date.now(), body };
}

class Steps {
  readonly #times = new Map<string, Time>();

  clear(): void {
    this.#times.clear();
  }

  async run<T>(step: string, work: () => T | Promise<T>): Promise<T> {
    const [all, here] = [process.cpuUsage(), process.threadCpuUsage()];
    const result = await work();
    const [allAfter, hereAfter] = [process.cpuUsage(all), process.threadCpuUsage(here)];
    const time = this.#times.get(step) ?? { here: 0, elsewhere: 0 };
    const spent = hereAfter.user + hereAfter.system;
    time.here += spent;
    time.elsewhere += Math.max(0, allAfter.user + allAfter.system - spent);
    this.#times.set(step, time);
    return result;
  }

  figures(spans: number): Figures {
    const perSpan = (microseconds: number): number => Number((microseconds / spans).toFixed(2));
    return Object.fromEntries(
      [...this.#times].flatMap(([step, { here, elsewhere }]) => [
        [`${step}, µs per span, on the event loop's thread`, perSpan(here)],
        [`${step}, µs per span, on other threads (garbage collection, DuckDB)`, perSpan(elsewhere)],
      ]),
    );
  }
}
