import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { DuckDBConnection } from '@duckdb/node-api';
import { decodeLogs, decodeTraces } from '@tandem/otlp';
import { makePrivateDataFolder } from '../http/data-folder.ts';
import {
  capOn,
  createTables,
  Database,
  FILE_NAME,
  freeBytes,
  openError,
  rowGroupRowsOf,
} from './database.ts';
import { DiskFullError, verdictOf } from './errors.ts';
import { Fields } from './fields.ts';
import type { JournalRecord } from './journal.ts';
import { Journal } from './journal.ts';
import { Readers } from './readers.ts';
import type { Counts } from './retention.ts';
import { Retention } from './retention.ts';
import { mapRequest, RowBuffer, sizeOf } from './rows.ts';
import { ScopeTable } from './scopes.ts';
import { loadPosition, TableWriter } from './table-writer.ts';
import type { ExportRequest, StoreOptions } from './types.ts';
import { itemCount } from './types.ts';
import type { WriterEvents } from './writer.ts';
import { Writer } from './writer.ts';

/** Rows of records that are replayed together. */
const GROUP_ROWS = 4_096;
/** A record that fails so often is put aside. */
const MAX_TRIES = 3;

const DEFAULTS = {
  maxBytes: 1024 ** 3,
  maxAgeMs: 7 * 24 * 60 * 60 * 1000,
  maxColumns: 256,
  maintenanceIntervalMs: 10_000,
  memoryMb: 128,
};
export type Options = StoreOptions & typeof DEFAULTS;

/** The options with their defaults. */
export function optionsOf(given: StoreOptions): Options {
  return { ...DEFAULTS, ...given };
}

/** The open files, and what the store remembers of them. */
export interface Files {
  readonly options: Options & { readonly rowGroupRows: number };
  readonly database: Database;
  /** For everything but readers. */
  readonly connection: DuckDBConnection;
  readonly journal: Journal;
  readonly fields: Fields;
  readonly scopes: ScopeTable;
  readonly counts: Counts;
}

export interface FileEvents extends WriterEvents {
  /** Told before each checkpoint whether the disk has room. */
  readonly onCheckpoint: (full: DiskFullError | undefined) => void;
  /** Told of acknowledged rows that are lost; false when it was told the same before. */
  readonly onLost: (sentence: string) => boolean;
}

/** What stays known when the files are opened anew. */
export interface Known {
  readonly counts: Counts;
  /** Whether each record is replayed by itself, to find the refused one. */
  isCareful: boolean;
  /** How often a record was refused, by its `_seq`. */
  readonly tries: Map<number, number>;
}

/** DuckDB refused a record, or a group of records: the replay has to begin again. */
class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

/** The store's files, open: everything that ends when they are opened anew. */
export class StoreFile {
  readonly files: Files;
  readonly table: TableWriter;
  readonly readers: Readers;
  readonly retention: Retention;
  readonly writer: Writer;

  private constructor(
    files: Files,
    retention: Retention,
    table: TableWriter,
    readers: Readers,
    events: FileEvents,
  ) {
    this.files = files;
    this.table = table;
    this.readers = readers;
    this.retention = retention;
    this.writer = new Writer(files, table, events, Math.max(table.position, files.journal.endSeq));
  }

  /**
   * Opens the files, and writes the rows that the journal has and the database does not. A record that DuckDB refuses three
   * times is put aside.
   * @throws StoreOpenError, DuckDB's error, Error of the file system
   */
  static async open(options: Options, events: FileEvents, known: Known): Promise<StoreFile> {
    for (;;) {
      const files = await load(options, known.counts);
      const table = new TableWriter(files, await loadPosition(files.connection), events.onCheckpoint);
      const retention = new Retention(files, table);
      try {
        // Before rows wait for a checkpoint, which may find no room. A start on a full disk succeeds nevertheless.
        if (known.counts.fileBytes > known.counts.cap)
          await retention.run().catch((error) => {
            if (!(error instanceof DiskFullError)) throw error;
          });
        await replay(files, table, known, events.onLost);
        return new StoreFile(files, retention, table, await Readers.open(files.database), events);
      } catch (error) {
        table.forgetTable();
        await letGo(files);
        if (!(error instanceof RefusedError)) throw error;
      }
    }
  }

  /** Writes what is in memory. @returns why that failed; undefined when it did not */
  async close(): Promise<unknown> {
    await this.writer.close();
    const failure = await this.table.checkpoint(true).then(
      () => undefined,
      (error: unknown) => error,
    );
    await this.readers.close();
    await letGo(this.files);
    return failure;
  }

  /** Closes the files without writing to them: the journal has what is missing there. */
  async abandon(): Promise<void> {
    await this.writer.abandon();
    await this.readers.close();
    await letGo(this.files);
  }
}

/** @throws StoreOpenError */
async function load(given: Options, counts: Counts): Promise<Files> {
  makePrivateDataFolder(given.directory);
  const journal = await Journal.open(given.directory);
  const { size } = await stat(join(given.directory, FILE_NAME)).catch(() => ({ size: 0 }));
  counts.cap = capOn(size + journal.bytes + (await freeBytes(given.directory)), given.maxBytes);
  const options = { ...given, rowGroupRows: given.rowGroupRows ?? rowGroupRowsOf(counts.cap) };
  const database = await Database.open(options);
  try {
    const connection = await database.connect();
    await createTables(connection);
    const fields = new Fields(options.maxColumns);
    await fields.load(connection);
    const scopes = new ScopeTable();
    await scopes.load(connection);
    await counts.measure(connection, fields);
    return { options, database, connection, journal, fields, scopes, counts };
  } catch (error) {
    database.close();
    throw openError(options.directory, error);
  }
}

async function letGo({ journal, database }: Files): Promise<void> {
  await journal.close();
  database.close();
}

/** Records whose rows are written together. */
interface Group {
  readonly first: JournalRecord;
  readonly rows: RowBuffer;
  items: number;
  end: number;
  now: number;
}

/** Writes the rows of the journal that the database does not have. @throws RefusedError, DuckDB's error, Error of the file system */
async function replay(files: Files, table: TableWriter, known: Known, onLost: FileEvents['onLost']) {
  const { journal, counts, connection, fields } = files;
  const { position } = table;
  let group: Group | undefined;

  async function putAside(record: JournalRecord, items: number, why: unknown): Promise<void> {
    const path = await journal.reject(record);
    const what = record.signal === 'logs' ? 'log records' : 'spans';
    const sentence = `${items} ${what} were received and cannot be stored: ${why instanceof Error ? why.message : why}. They were put aside in ${path}, the rest is stored.`;
    if (onLost(sentence)) counts.drop('failed', record.signal, items);
  }
  async function write(): Promise<void> {
    if (group === undefined) return;
    const { first, rows, items, now } = group;
    group = undefined;
    try {
      await table.append(rows, first.seq, now, Math.max(0, position - first.seq));
      if (known.isCareful) await table.commit();
    } catch (error) {
      // The reason lies outside the rows.
      if (verdictOf(error) === 'reopen') throw error;
      const tries = (known.tries.get(first.seq) ?? 0) + 1;
      if (known.isCareful) known.tries.set(first.seq, tries);
      if (known.isCareful && tries === MAX_TRIES) await putAside(first, items, error);
      known.isCareful = true;
      throw new RefusedError();
    }
  }
  function onDamage(path: string, lostRows: number, isCut: boolean): void {
    const count =
      isCut && lostRows === 0 ? 'nobody knows how many' : `${isCut ? 'at least ' : ''}${lostRows}`;
    const how = isCut ? ', whose end was cut off,' : '';
    const sentence = `The journal was damaged: ${count} rows (spans, their events and links, log records) of ${path}${how} are lost, the rest is stored. Check the disk.`;
    if (onLost(sentence)) counts.drop('failed', 'traces', lostRows);
  }

  for await (const record of journal.read(position, onDamage)) {
    const { seq, rows, received } = record;
    let request: ExportRequest | undefined;
    try {
      if ((known.tries.get(seq) ?? 0) < MAX_TRIES) request = requestOf(record);
    } catch (error) {
      await putAside(record, rows, error);
      known.tries.set(seq, MAX_TRIES);
    }
    const isFull = group !== undefined && group.rows.rowCount + rows > GROUP_ROWS;
    if (request === undefined || isFull || known.isCareful || group?.end !== seq) await write();
    if (request === undefined) {
      await table.skip(seq + rows);
      continue;
    }
    group ??= { first: record, rows: new RowBuffer(), items: 0, end: seq, now: received };
    mapRequest(request, received, group.rows);
    group.items += itemCount(request);
    group.end = seq + rows;
    group.now = received;
  }
  await write();
  await table.commit();
  if (!journal.isEmpty) await counts.measure(connection, fields);
  known.isCareful = false;
  known.tries.clear();
}

/** An acknowledged request is accepted again, however long that takes. */
const NO_LIMITS = {
  maxItems: Number.MAX_SAFE_INTEGER,
  maxGroups: Number.MAX_SAFE_INTEGER,
  maxItemValues: Number.MAX_SAFE_INTEGER,
  maxSharedValues: Number.MAX_SAFE_INTEGER,
};
/** Most bodies are unpacked in one piece of this size. */
const GUNZIP_BYTES = 256 * 1024;

/** The request of a record. @throws Error when the body is not the one that was written */
function requestOf({ signal, body, dataset, rows }: JournalRecord): ExportRequest {
  const decode = signal === 'logs' ? decodeLogs : decodeTraces;
  // No protobuf begins with 0x1f: it would be a field of wire type 7, which does not exist.
  const message = body[0] === 0x1f && body[1] === 0x8b ? gunzipSync(body, { chunkSize: GUNZIP_BYTES }) : body;
  const request = { ...decode(message, 'protobuf', NO_LIMITS), ...(dataset !== undefined && { dataset }) };
  const found = sizeOf(request).rows;
  if (found !== rows)
    throw new Error(`a record of ${rows} rows was read from the journal as one of ${found}`);
  return request;
}
