import { gunzipSync } from 'node:zlib';
import type { DuckDBConnection } from '@duckdb/node-api';
import { decodeLogs, decodeTraces } from '@tandem/otlp';
import { createTables, Database, openError, rowGroupRowsOf } from './database.ts';
import { DiskFullError, verdictOf } from './errors.ts';
import { Fields } from './fields.ts';
import type { JournalRecord } from './journal.ts';
import { Journal } from './journal.ts';
import { Readers } from './readers.ts';
import { Counts, Retention } from './retention.ts';
import { mapRequest, RowBuffer, sizeOf } from './rows.ts';
import { ScopeTable } from './scopes.ts';
import { loadPosition, TableWriter } from './table-writer.ts';
import type { ExportRequest, StoreOptions } from './types.ts';
import { itemCount } from './types.ts';
import type { WriterEvents } from './writer.ts';
import { Writer } from './writer.ts';

/** Evictions before a replay: what an eviction frees differs from what its rows weigh. */
const MAX_EVICTIONS = 3;
/** What a checkpoint may write for each byte of the journal: text that cannot be compressed is in its span and in a column. */
const BYTES_PER_JOURNAL_BYTE = 1.5;
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
export type Options = StoreOptions & typeof DEFAULTS & { readonly rowGroupRows: number };

/** The options with their defaults. */
export function optionsOf(given: StoreOptions): Options {
  return { ...DEFAULTS, rowGroupRows: rowGroupRowsOf(given.maxBytes ?? DEFAULTS.maxBytes), ...given };
}

/** The open files, and what the store remembers of them. */
export interface Files {
  readonly options: Options;
  readonly database: Database;
  /** For the writer. */
  readonly connection: DuckDBConnection;
  readonly journal: Journal;
  readonly fields: Fields;
  readonly scopes: ScopeTable;
  readonly counts: Counts;
}

export interface FileEvents extends WriterEvents {
  /** Told how each checkpoint ended. */
  readonly onCheckpoint: (error: unknown) => void;
  /** Told of acknowledged rows that are lost; false when it was told the same before. */
  readonly onLost: (sentence: string) => boolean;
}

/** What is known of refused records from one replay to the next. */
export interface Trial {
  /** Whether each record is written by itself, to find the refused one. */
  isCareful: boolean;
  /** `_seq` of the record that was refused last, how often, and why. */
  seq: number;
  tries: number;
  error: unknown;
  /** `_seq` of the records that were put aside. */
  readonly rejected: Set<number>;
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
  readonly #events: FileEvents;

  private constructor(files: Files, table: TableWriter, readers: Readers, events: FileEvents) {
    this.files = files;
    this.table = table;
    this.readers = readers;
    this.retention = new Retention(files, table);
    this.writer = new Writer(files, table, events);
    this.#events = events;
  }

  /**
   * Opens the files, and writes the rows that the journal has and the database does not. A record that DuckDB refuses three
   * times is put aside.
   * @throws StoreOpenError, DuckDB's error, Error of the file system
   */
  static async open(options: Options, events: FileEvents, trial: Trial): Promise<StoreFile> {
    for (;;) {
      const file = await StoreFile.#load(options, events);
      try {
        await file.#makeRoom();
        await file.#replay(trial);
        return file;
      } catch (error) {
        await file.abandon();
        if (!(error instanceof RefusedError)) throw error;
      }
    }
  }

  static async #load(options: Options, events: FileEvents): Promise<StoreFile> {
    const database = await Database.open(options);
    try {
      const connection = await database.connect();
      await createTables(connection);
      const fields = new Fields(options.maxColumns);
      await fields.load(connection);
      const scopes = new ScopeTable();
      await scopes.load(connection);
      const counts = new Counts();
      await counts.load(connection, fields);
      const journal = await Journal.open(options.directory);
      const files = { options, database, connection, journal, fields, scopes, counts };
      const position = await loadPosition(connection);
      const table = new TableWriter(files, position, await database.connect(), events.onCheckpoint);
      return new StoreFile(files, table, await Readers.open(database), events);
    } catch (error) {
      database.close();
      throw openError(options.directory, error);
    }
  }

  /** Writes what is in memory. @returns why that failed; undefined when it did not */
  async close(): Promise<unknown> {
    const failures: unknown[] = [];
    const noted = (task: Promise<void>) => task.catch((error: unknown) => void failures.push(error));
    const saved = noted(this.writer.exclusively((connection) => this.retention.save(connection)));
    await this.writer.close();
    await saved;
    await noted(this.table.checkpoint());
    await this.#letGo();
    return failures[0];
  }

  /** Closes the files without writing to them: the journal has what is missing there. */
  async abandon(): Promise<void> {
    await this.writer.abandon();
    await this.#letGo();
  }

  async #letGo(): Promise<void> {
    await this.readers.close();
    await this.table.idle();
    await this.files.journal.close();
    this.files.database.close();
  }

  /** Evicts where a store over its cap leaves no room for the journal: rows in memory cannot be evicted for good. */
  async #makeRoom(): Promise<void> {
    const { connection, journal } = this.files;
    const bytes = journal.bytes * BYTES_PER_JOURNAL_BYTE;
    for (let count = 0; bytes > 0 && count < MAX_EVICTIONS; count++) {
      const { used, missing, isOverCap } = await this.table.room(connection, bytes);
      if (missing <= 0 || !isOverCap) return;
      await this.retention.run(connection, used - missing).catch((error) => {
        if (!(error instanceof DiskFullError)) throw error;
      });
    }
  }

  /** @throws RefusedError, DuckDB's error, Error of the file system */
  async #replay(trial: Trial): Promise<void> {
    const { table } = this;
    const { journal, counts, connection, fields } = this.files;
    const position = table.committedSeq;
    let group: { readonly rows: RowBuffer; readonly firstSeq: number; end: number; now: number } | undefined;
    const write = async () => {
      if (group === undefined) return;
      const { rows, firstSeq, now } = group;
      group = undefined;
      try {
        await table.append(rows, firstSeq, now, Math.max(0, position - firstSeq));
        if (trial.isCareful) await table.commit();
      } catch (error) {
        // Otherwise the reason lies outside the rows.
        if (verdictOf(error) === 'reopen') throw error;
        if (trial.isCareful) {
          trial.tries = trial.seq === firstSeq ? trial.tries + 1 : 1;
          trial.seq = firstSeq;
          trial.error = error;
        }
        trial.isCareful = true;
        throw new RefusedError();
      }
    };
    const damage = (path: string, lostRows: number) => {
      const sentence = `The journal was damaged: ${lostRows} rows (spans, their events and links, log records) of ${path} are lost, the rest is stored. Check the disk.`;
      if (this.#events.onLost(sentence)) counts.drop('failed', 'traces', lostRows);
    };
    for await (const record of journal.read(position, damage)) {
      const { seq, rows, received } = record;
      let request: ExportRequest | undefined;
      let why = trial.seq === seq && trial.tries >= MAX_TRIES ? trial.error : undefined;
      try {
        request = requestOf(record);
      } catch (error) {
        why = error;
      }
      if (request === undefined || why !== undefined || trial.rejected.has(seq)) {
        await write();
        if (!trial.rejected.has(seq))
          await this.#reject(record, request === undefined ? rows : itemCount(request), why);
        trial.rejected.add(seq);
        await table.skip(seq + rows);
        continue;
      }
      const isFull = group !== undefined && group.rows.rowCount + rows > GROUP_ROWS;
      if (isFull || trial.isCareful || group?.end !== seq) await write();
      group ??= { rows: new RowBuffer(), firstSeq: seq, end: seq, now: received };
      mapRequest(request, received, group.rows);
      group.end = seq + rows;
      group.now = received;
    }
    await write();
    await table.commit();
    if (!journal.isEmpty) await counts.measure(connection, fields);
    this.writer.startAt(Math.max(table.committedSeq, journal.endSeq));
    trial.isCareful = false;
    trial.tries = 0;
    trial.rejected.clear();
  }

  async #reject(record: JournalRecord, items: number, why: unknown): Promise<void> {
    const path = await this.files.journal.reject(record);
    const what = record.signal === 'logs' ? 'log records' : 'spans';
    const sentence = `${items} ${what} were received and cannot be stored: ${why instanceof Error ? why.message : why}. They were put aside in ${path}, the rest is stored.`;
    if (this.#events.onLost(sentence)) this.files.counts.drop('failed', record.signal, items);
  }
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
