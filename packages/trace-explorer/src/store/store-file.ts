import type { DuckDBConnection } from '@duckdb/node-api';
import { Contents } from './contents.ts';
import {
  createTables,
  Database,
  explainOpening,
  freeBytes,
  limitMemory,
  MARGIN_BYTES,
  moveAside,
} from './database.ts';
import { DiskFullError, isUnreadable, StoreOpenError, says } from './errors.ts';
import { Fields } from './fields.ts';
import { Journal } from './journal.ts';
import { Readers } from './readers.ts';
import type { Trial } from './replay.ts';
import { replay } from './replay.ts';
import { Retention } from './retention.ts';
import { ScopeTable } from './scopes.ts';
import { loadPosition, TableWriter } from './table-writer.ts';
import type { FileOptions } from './types.ts';
import type { WriterEvents } from './writer.ts';
import { Writer } from './writer.ts';

/** Until the journal has room: what an eviction frees differs from what its rows weigh. */
const MAX_EVICTIONS = 3;
/**
 * What a checkpoint may write for each byte of a journal that is not read yet: a text that cannot be compressed is in its span
 * and in a column.
 */
const BYTES_PER_JOURNAL_BYTE = 1.5;

/** What is open of a store's files, and what is known of them. */
export interface Files {
  readonly options: FileOptions;
  readonly database: Database;
  /** The writer's. */
  readonly connection: DuckDBConnection;
  readonly journal: Journal;
  readonly fields: Fields;
  readonly scopes: ScopeTable;
  readonly contents: Contents;
}

export interface FileEvents extends WriterEvents {
  /** Told how each checkpoint ended. */
  readonly onCheckpoint: (error: unknown) => void;
  /** Told of what was acknowledged and is not in the store, or where that is now; false when it was told before. */
  readonly onLost: (sentence: string) => boolean;
}

/** The store's files, open: everything that ends when they are opened anew. */
export class StoreFile {
  readonly files: Files;
  readonly table: TableWriter;
  readonly writer: Writer;
  readonly readers: Readers;
  readonly retention: Retention;
  readonly #onLost: FileEvents['onLost'];

  private constructor(files: Files, table: TableWriter, readers: Readers, events: FileEvents) {
    this.files = files;
    this.table = table;
    this.readers = readers;
    this.retention = new Retention(files, table);
    this.writer = new Writer(files, table, events);
    this.#onLost = events.onLost;
  }

  /**
   * Opens the files, and writes what the journal has and the database does not. A database that cannot be read is moved
   * aside, and a new one begun.
   * @param failure why they are opened anew; undefined at the start
   * @throws StoreOpenError when the file cannot be used at present, DuckDB's error
   */
  static async open(
    options: FileOptions,
    events: FileEvents,
    trial: Trial,
    failure: unknown,
  ): Promise<StoreFile> {
    const { directory } = options;
    const putAside = (error: unknown) => events.onLost(moveAside(directory, new Date(), error));
    // A file with a damaged block takes nothing more: neither rows nor an eviction.
    if (says(failure, 'damaged')) putAside(failure);
    try {
      return await StoreFile.#openAndReplay(options, events, trial);
    } catch (error) {
      // Whatever DuckDB says while there is no room, the file may be as good as before.
      if (!isUnreadable(error) || (await freeBytes(directory)) < MARGIN_BYTES) throw error;
      putAside(error);
      return StoreFile.#openAndReplay(options, events, trial);
    }
  }

  /**
   * A record that DuckDB refuses is tried three times; where the reason lies outside the records, the file is open without
   * them.
   */
  static async #openAndReplay(options: FileOptions, events: FileEvents, trial: Trial): Promise<StoreFile> {
    for (;;) {
      const { failures } = trial;
      const file = await StoreFile.#load(options, events);
      try {
        await file.#makeRoom();
        await file.#replay(trial);
        return file;
      } catch (error) {
        await file.abandon();
        if (error instanceof StoreOpenError || says(error, 'damaged')) throw error;
        if (trial.failures > failures) continue;
        const stalled = await StoreFile.#load(options, events);
        stalled.writer.stalled = says(error, 'diskFull') ? new DiskFullError(error) : (error as Error);
        return stalled;
      }
    }
  }

  static async #load(options: FileOptions, events: FileEvents): Promise<StoreFile> {
    const { directory, memoryMb } = options;
    const database = await Database.open(options);
    try {
      const connection = await database.connect();
      await createTables(connection);
      const fields = new Fields(options.maxColumns);
      await fields.load(connection);
      await limitMemory(connection, memoryMb, fields.columns.length);
      const scopes = new ScopeTable();
      await scopes.load(connection);
      const contents = new Contents();
      await contents.load(connection, fields);
      const journal = await Journal.open(directory);
      const files = { options, database, connection, journal, fields, scopes, contents };
      const position = await loadPosition(connection);
      const table = new TableWriter(files, position, await database.connect(), events.onCheckpoint);
      return new StoreFile(files, table, await Readers.open(database), events);
    } catch (error) {
      database.close();
      throw isUnreadable(error) && !(error instanceof StoreOpenError)
        ? new StoreOpenError(explainOpening(directory, error), { cause: error })
        : error;
    }
  }

  /** Whether there is room for the journal in the database. */
  async hasRoom(): Promise<boolean> {
    const { connection, journal } = this.files;
    const { missing } = await this.table.room(connection, journal.bytes * BYTES_PER_JOURNAL_BYTE);
    return missing <= 0;
  }

  /** Writes what is in memory. @returns why that failed; undefined when it did not */
  async close(): Promise<unknown> {
    const failures: unknown[] = this.writer.stalled === undefined ? [] : [this.writer.stalled];
    const noted = (task: Promise<void>) => task.catch((error: unknown) => void failures.push(error));
    const saved = noted(this.writer.exclusively((connection) => this.retention.save(connection)));
    await this.writer.close();
    await saved;
    if (this.writer.stalled === undefined) await noted(this.table.checkpoint());
    await this.#letGo();
    return failures[0];
  }

  /** Lets go of the files without writing anything to them: the journal has what is missing there. */
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

  async #replay(trial: Trial): Promise<void> {
    const { journal, contents, connection, fields } = this.files;
    if (journal.isEmpty) return;
    await replay(this.files, this.table, trial, {
      onRejected: (items, signal, sentence) => {
        if (this.#onLost(sentence)) contents.drop('failed', signal, items);
      },
      onDamage: ({ path, lostRows }) => {
        const sentence = `The journal was damaged: what was received there (${lostRows} rows: spans, their events and links, log records) and not yet in the store is lost, the rest is stored. Check the disk; the file was kept as ${path}, delete it when you do not need it.`;
        if (this.#onLost(sentence)) contents.drop('failed', 'traces', lostRows);
      },
    });
    this.writer.startAt(Math.max(this.table.committedSeq, journal.endSeq));
    await contents.measure(connection, fields);
  }

  /**
   * Evicts where a journal that is not read yet has no room, as the store takes too much of the disk: rows in memory cannot be
   * evicted for good.
   */
  async #makeRoom(): Promise<void> {
    const { connection, journal } = this.files;
    const bytes = journal.bytes * BYTES_PER_JOURNAL_BYTE;
    for (let count = 0; bytes > 0 && count < MAX_EVICTIONS; count++) {
      const { used, rowGroupShare, missing, isOverCap } = await this.table.room(connection, bytes);
      if (missing <= 0 || !isOverCap) return;
      // A byte that is evicted is free, and is not written anew with its row group.
      const evicting = this.retention.run(connection, used - missing / (1 + rowGroupShare));
      await evicting.catch((error) => {
        if (!(error instanceof DiskFullError)) throw error;
      });
    }
  }
}
