import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { Intake } from '../../receiver/intake.ts';
import type { SpanStore } from '../../store/store.ts';
import { openStore } from '../../store/store.ts';
import { FILE_NAME } from '../../store/table/database.ts';
import { joinDocuments } from './join-documents.ts';
import { removeAfter } from './whole-file.ts';

/** Limits of the temporary store, which drops nothing. */
const KEPT = { maxBytes: 2 ** 50, maxAgeMs: 2 ** 50 };

/** The number of events that a row stands for. */
const SAMPLE_RATE = 'SampleRate';

/** Columns of each row besides its fields: the same as of Honeycomb's raw rows. */
const COLUMNS = ['make_timestamp_ns(_time) AS "Timestamp"', '_dataset AS "Dataset"'];

/**
 * Writes spans, span events, links and log records as Parquet: a row for each and a column for each field, with the names
 * and types that queries know. A temporary store makes the columns; it is removed after the export.
 *
 * @param lines documents of OTLP JSON, one per line
 * @throws Error of DuckDB, with the reason why the file cannot be written
 */
export async function writeParquet(path: string, lines: Readable): Promise<void> {
  const directory = join(tmpdir(), `trace-explorer-parquet-${randomUUID()}`);
  await removeAfter(directory, async () => {
    await mkdir(directory, { mode: 0o700 });
    const file = join(directory, 'traces.jsonl');
    await pipeline(lines, createWriteStream(file));
    const columns = await fill(directory, file);
    await copy(join(directory, FILE_NAME), columns, resolve(path));
  });
}

/** Fills a store from a file. @returns its columns in SQL */
async function fill(directory: string, file: string): Promise<string[]> {
  const store = await openStore({ directory, ...KEPT });
  try {
    const intake = new Intake({ store });
    const form = { signal: ['traces', 'logs'], encoding: 'json', isDocument: true } as const;
    for await (const { body } of joinDocuments(file))
      await intake.take({ ...form, payload: body instanceof Readable ? body : Readable.from([body]) });
    return columnsOf(store);
  } finally {
    await store.close();
  }
}

/** The fields that have values. DuckDB's names ignore case. So of two names that differ in case alone, one gets a number. */
function columnsOf(store: SpanStore): string[] {
  const rate = `CAST(coalesce(${store.sampleRate()?.sql ?? 'NULL'}, 1) AS BIGINT)`;
  const taken = new Set(['timestamp', 'dataset', SAMPLE_RATE.toLowerCase()]);
  const fields = [...store.fields().values()].filter(({ sql }) => !sql.startsWith('CAST(NULL AS'));
  const named = fields.map(({ name, sql }) => {
    let own = name;
    for (let number = 2; taken.has(own.toLowerCase()); number++) own = `${name}_${number}`;
    taken.add(own.toLowerCase());
    return `${sql} AS ${identifier(own)}`;
  });
  return [...COLUMNS, `${rate} AS ${identifier(SAMPLE_RATE)}`, ...named];
}

async function copy(store: string, columns: readonly string[], path: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  try {
    await connection.run(`ATTACH ${literal(store)} AS store (READ_ONLY)`);
    await connection.run('USE store');
    await connection.run(
      `COPY (SELECT ${columns.join(', ')} FROM spans ORDER BY _time) TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd)`,
    );
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
