import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { decodeTraces } from '@tandem/otlp';
import { CHECKPOINT_ROWS } from '../../packages/trace-explorer/src/store/checkpointer.ts';
import { ChunkFiller } from '../../packages/trace-explorer/src/store/chunk-filler.ts';
import {
  appenderTo,
  closeDatabase,
  connect,
  createTables,
  openDatabase,
} from '../../packages/trace-explorer/src/store/database.ts';
import type { ExportRequest } from '../../packages/trace-explorer/src/store/export-request.ts';
import { Journal } from '../../packages/trace-explorer/src/store/journal/journal.ts';
import { framesOfRequest } from '../../packages/trace-explorer/src/store/journal/journal-request.ts';
import { applySchema } from '../../packages/trace-explorer/src/store/schema.ts';
import { loadState } from '../../packages/trace-explorer/src/store/state.ts';
import { CHUNK_ROWS } from '../../packages/trace-explorer/src/store/vectors.ts';
import type { Batch } from '../../packages/trace-explorer/src/store/waiting-requests.ts';
import { WaitingRequests } from '../../packages/trace-explorer/src/store/waiting-requests.ts';
import { wholeBody } from '../../packages/trace-explorer/src/store/whole-body.ts';
import { exportBody } from '../lib/service-spans.ts';
import type { Figures } from './figures.ts';
import { shown } from './figures.ts';

const BATCH = 512;
/** What eight of 16 senders have under way: the store takes theirs while the others are answered. */
const BODIES = 8;
const ROUNDS = 64;
/** Not counted: until then the code is being compiled. */
const WARM_UP = 16;
/** Of so many a transaction is made: as many rows as a row group has. */
const ROUNDS_OF_TRANSACTION = 8;

/** Processor time, in microseconds. */
interface Time {
  here: number;
  elsewhere: number;
}

/** What a span's processor time is made of: the steps from its body to the file one after the other, each by itself. */
export async function measureSteps(): Promise<Figures> {
  const directory = mkdtempSync(join(tmpdir(), 'tandem-bench-'));
  const options = { directory, memoryMb: 128, maxBytes: 1024 ** 3, maxColumns: 2_000 };
  const instance = await openDatabase(directory, options);
  try {
    const [writing, checkpointing] = [await connect(instance), await connect(instance)];
    await createTables(writing);
    const { catalogue } = await loadState(writing, options);
    const journal = await Journal.open(directory);
    const bodies = Array.from({ length: BODIES }, () => exportBody(BATCH));
    await applySchema(writing, catalogue, catalogue.plan(waitingOf(bodies.map(decoded)).rows, Date.now()));
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
      const { rows, requests: waiting } = await steps.run('map', () =>
        waitingOf(
          requests.map((request, index) => {
            const [came, protobuf] = [bodies[index] as Buffer, unpacked[index] as Buffer];
            return { ...request, whole: wholeBody(came, 'gzip', protobuf) };
          }),
        ),
      );
      const filling = filler.start(rows, catalogue, 1 + round * rows.rowCount);
      if (round % ROUNDS_OF_TRANSACTION === 0) await writing.run('BEGIN');
      const frames = await steps.run('journal, frames', () =>
        waiting.flatMap((request) => framesOfRequest(request, rows, 1)),
      );
      await steps.run('journal, checksum, write and sync', () => journal.append(frames));
      for (let from = 0; from < rows.rowCount; from += CHUNK_ROWS) {
        const to = Math.min(from + CHUNK_ROWS, rows.rowCount);
        const chunk = await steps.run('fill columns', () => filling.chunk(from, to));
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
    closeDatabase(instance);
    rmSync(directory, { recursive: true, force: true });
  }
}

function decoded(body: Buffer) {
  return decodeTraces(gunzipSync(body), 'protobuf');
}

function waitingOf(requests: readonly ExportRequest[]): Batch {
  const waiting = new WaitingRequests();
  for (const request of requests) void waiting.add(request);
  return waiting.take() as Batch;
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
