import { randomUUID } from 'node:crypto';
import { createWriteStream, openAsBlob } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { removeAfter } from '../../../core/command/files/whole-file.ts';
import { CORE_FIELDS, SAMPLE_RATE_FIELD } from '../../../core/fields/core-fields.ts';
import { commonType } from '../../../core/fields/field-type.ts';
import { joinDocuments } from '../../../core/files/reading/join-documents.ts';
import { decodeParts } from '../../../core/receiver/decode/decode-parts.ts';
import { Batch, eachRun, TYPE_BIT, typesOf } from '../../../core/store/rows/batch.ts';
import { mapRequest } from '../../../core/store/rows/request.ts';
import { DUCKDB_TYPES } from '../../../core/store/table/field.ts';
import { sqlText } from '../../../lib/text/sql-text.ts';

/** A field's key in the lines of rows, and a mask of TYPE_BITs. */
interface RowField {
  readonly key: string;
  types: number;
}

/**
 * Writes spans, span events, links and log records as Parquet: a row for each and a column for each field, with the names
 * and types that queries know. The columns are known after the last row, so the rows are lines of JSON before.
 *
 * @param lines documents of OTLP JSON, one per line
 * @throws Error of DuckDB, with the reason of the failed write
 */
export async function writeParquet(path: string, lines: Readable): Promise<void> {
  const directory = join(tmpdir(), `trace-explorer-parquet-${randomUUID()}`);
  await removeAfter(directory, async () => {
    await mkdir(directory, { mode: 0o700 });
    const documents = join(directory, 'traces.jsonl');
    await pipeline(lines, createWriteStream(documents));
    const rows = join(directory, 'rows.jsonl');
    const fields = new Map<string, RowField>();
    await pipeline(Readable.from(rowLines(documents, fields)), createWriteStream(rows));
    await copy(rows, fields, resolve(path));
  });
}

/** Each row as a line of JSON. Values are text, which DuckDB reads as the type of their column. @param fields gets the fields */
async function* rowLines(documents: string, fields: Map<string, RowField>): AsyncGenerator<string> {
  for await (const { body } of joinDocuments(await openAsBlob(documents))) {
    const bytes = Buffer.from(await body.arrayBuffer());
    for (const request of decodeParts({ signals: ['traces', 'logs'], bytes, encoding: 'json' })) {
      if (request === undefined) continue;
      const batch = new Batch();
      mapRequest(request, Date.now(), batch);
      for (const row of rowsOf(batch, fields)) yield `${JSON.stringify(row)}\n`;
    }
  }
}

function rowsOf(batch: Batch, fields: Map<string, RowField>): Record<string, string>[] {
  const rows = batch.times.map((time): Record<string, string> => ({ time: String(time) }));
  const set = (key: string, value: string, from: number, to: number) => {
    for (const row of rows.slice(from, to)) row[key] = value;
  };
  for (const { dataset, from, to } of batch.scopes) set('dataset', dataset, from, to);
  for (const buffer of batch.columns.values()) {
    const field = fields.get(buffer.name) ?? { key: `f${fields.size}`, types: 0 };
    fields.set(buffer.name, field);
    field.types |= buffer.types;
    eachRun(buffer, (value, from, to) => set(field.key, String(value), from, to));
  }
  return rows;
}

async function copy(rows: string, fields: ReadonlyMap<string, RowField>, path: string): Promise<void> {
  const rate = fields.get(SAMPLE_RATE_FIELD)?.key ?? 'NULL';
  const read = ["time: 'BIGINT'", "dataset: 'VARCHAR'"];
  // The same as of Honeycomb's raw rows.
  const columns = [
    'make_timestamp_ns(time) AS "Timestamp"',
    'dataset AS "Dataset"',
    `coalesce(${rate}, 1)::BIGINT AS "SampleRate"`,
  ];
  const taken = new Set(['timestamp', 'dataset', 'samplerate']);
  for (const [name, { key, types }] of fields) {
    const core = CORE_FIELDS.get(name);
    const type = commonType(typesOf(types | (core === undefined ? 0 : TYPE_BIT[core])));
    read.push(`${key}: '${DUCKDB_TYPES[type]}'`);
    if (name === SAMPLE_RATE_FIELD) continue;
    // DuckDB's names ignore case. So of two names that differ in case alone, one gets a number.
    let own = name;
    for (let number = 2; taken.has(own.toLowerCase()); number++) own = `${name}_${number}`;
    taken.add(own.toLowerCase());
    columns.push(`${key} AS "${own.replaceAll('"', '""')}"`);
  }
  const lines = `read_json(${sqlText(rows)}, format = 'newline_delimited', columns = {${read.join()}})`;
  const instance = await DuckDBInstance.create(':memory:', { threads: '1', temp_directory: `${rows}.tmp` });
  const connection = await instance.connect();
  try {
    // Without a temporary file of its own, which would stay beside the file when the command ends early.
    const options = 'FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false';
    await connection.run(
      `COPY (SELECT ${columns.join()} FROM ${lines} ORDER BY time) TO ${sqlText(path)} (${options})`,
    );
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
