import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { decoded, decodedLogs } from '@tandem/otlp/testing';
import { openStore } from '../../packages/trace-explorer/src/core/store/store.ts';
import { Database, rowGroupRowsOf } from '../../packages/trace-explorer/src/core/store/table/database.ts';
import { demoTraces } from '../../packages/trace-explorer/testing/demo-data/index.ts';

/** Spans of demo data that are written as spans are; all others are copies of theirs, with ids and times of their own. */
const BASE_SPANS = 200_000;
const BASE_MINUTES = 30;
const TRACES_PER_WRITE = 500;
/** Copies that are folded into the file together: a checkpoint takes the longer the more rows the file has. */
const COPIES_PER_CHECKPOINT = 5;
/** Nothing of it may be evicted, neither now nor when the explorer opens it. */
const MAX_BYTES = 64 * 1024 ** 3;

/** The data of an explorer: as many rows as asked for of its demo data, at an even rate up to now. A store that is there stays. */
export async function fillStore(dataDirectory: string, rows: number): Promise<void> {
  const filled = join(dataDirectory, 'explorer');
  if (existsSync(filled)) return;
  // A store that was only partly filled does not count as full.
  const directory = join(dataDirectory, 'filling');
  rmSync(directory, { recursive: true, force: true });
  const store = await openStore({ directory, maxBytes: MAX_BYTES });
  const { columns, base } = await (async () => {
    try {
      const traces = [...demoTraces({ spans: BASE_SPANS, minutes: BASE_MINUTES, small: true })];
      for (let from = 0; from < traces.length; from += TRACES_PER_WRITE) {
        const some = traces.slice(from, from + TRACES_PER_WRITE);
        await store.write(decoded(some.flatMap(({ spans }) => spans)));
        await store.write(decodedLogs(some.flatMap(({ logs }) => logs)));
      }
      const ids = ['trace.trace_id', 'trace.span_id', 'trace.parent_id'];
      return { columns: ids.map((name) => store.fields().get(name)?.sql ?? ''), base: store.stats().rows };
    } finally {
      await store.close();
    }
  })();
  const database = await Database.open({ directory, memoryMb: 4096 }, rowGroupRowsOf(MAX_BYTES));
  try {
    const connection = await database.connect();
    await connection.run(`CREATE TEMP TABLE base AS SELECT * FROM spans ORDER BY _seq`);
    await connection.run('DELETE FROM spans');
    const ids = columns.map((column) => `substr(md5(${column} || $1), 1, length(${column})) AS ${column}`);
    const copies = Math.ceil(rows / base);
    for (let copy = 0; copy < copies; copy++) {
      const earlier = BigInt(copies - 1 - copy) * BigInt(BASE_MINUTES) * 60_000_000_000n;
      await connection.run(
        `INSERT INTO spans SELECT * REPLACE (_seq + ${copy * base} AS _seq, _time - ${earlier} AS _time, ${ids.join(', ')}) FROM base`,
        [`copy ${copy}`],
      );
      if (copy % COPIES_PER_CHECKPOINT === 0 || copy === copies - 1) await connection.run('CHECKPOINT store');
      console.log(`${(copy + 1) * base} rows`);
    }
  } finally {
    database.close();
  }
  renameSync(directory, filled);
}
