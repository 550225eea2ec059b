import type { DuckDBConnection } from '@duckdb/node-api';
import { Checkpoints } from './checkpoints.ts';
import { Contents } from './contents.ts';
import { createTables, Database, explainOpening, limitMemory, loadPosition } from './database.ts';
import { DiskFullError, isUnreadable, StoreOpenError, says } from './errors.ts';
import { Fields } from './fields.ts';
import { INTERNAL_COLUMNS } from './fill.ts';
import { Journal } from './journal.ts';
import { Readers } from './readers.ts';
import type { Trial } from './replay.ts';
import { replay } from './replay.ts';
import { Retention } from './retention.ts';
import { ScopeTable } from './scopes.ts';
import { TableWriter } from './table-writer.ts';
import type { WriterOptions } from './writer.ts';
import { Writer } from './writer.ts';

/** Until the journal has room: what an eviction frees differs from what its rows weigh. */
const MAX_EVICTIONS = 3;

export interface StoreFileOptions extends Pick<WriterOptions, 'onWritten' | 'onJournal' | 'onFailure'> {
  readonly directory: string;
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  readonly maxColumns: number;
  readonly memoryMb: number;
  readonly rowGroupRows: number;
  /** Told how each checkpoint ended. */
  readonly onCheckpoint: (error: unknown) => void;
  /** Told of what was acknowledged and is not in the store; false when it was told before. */
  readonly onLost: (sentence: string) => boolean;
}

/** What is read from the files when they are opened. */
interface Loaded {
  readonly database: Database;
  readonly connection: DuckDBConnection;
  readonly checkpointing: DuckDBConnection;
  readonly journal: Journal;
  readonly fields: Fields;
  readonly scopes: ScopeTable;
  readonly contents: Contents;
  readonly position: number;
}

/** The store's files, open: everything that ends when they are opened anew. */
export class StoreFile {
  readonly database: Database;
  readonly fields: Fields;
  readonly contents: Contents;
  readonly journal: Journal;
  readonly writer: Writer;
  readonly readers: Readers;
  readonly retention: Retention;
  readonly checkpoints: Checkpoints;
  readonly #connection: DuckDBConnection;
  readonly #table: TableWriter;
  readonly #onLost: StoreFileOptions['onLost'];
  /** Why what is in the journal could not be written: nothing is taken then. */
  stalled: Error | undefined;

  private constructor(loaded: Loaded, options: StoreFileOptions) {
    const { database, connection, journal, fields, contents, position } = loaded;
    this.database = database;
    this.fields = fields;
    this.contents = contents;
    this.journal = journal;
    this.#connection = connection;
    this.#onLost = options.onLost;
    this.readers = new Readers(database);
    this.#table = new TableWriter({
      ...options,
      ...loaded,
      noCheckpoint: () => this.checkpoints.idle(),
      onCommitted: (bytes) => this.checkpoints.committed(bytes),
    });
    this.checkpoints = new Checkpoints({
      ...options,
      ...loaded,
      connection: loaded.checkpointing,
      committedSeq: () => this.#table.committedSeq,
      onEnd: options.onCheckpoint,
    });
    this.retention = new Retention({
      ...options,
      ...loaded,
      journalBytes: () => journal.unpackedBytes,
      checkpoint: () => this.checkpoints.run(),
      onNewTable: () => this.#table.forgetTable(),
    });
    this.writer = new Writer({
      ...options,
      ...loaded,
      table: this.#table,
      nextSeq: position,
      refuses: () => this.stalled ?? this.checkpoints.full,
    });
  }

  /**
   * Opens the files, and writes what the journal has and the database does not. A record that DuckDB refuses is tried three
   * times; where the reason lies outside the records, the file is open without them.
   * @throws StoreOpenError when the file or the journal cannot be read, DuckDB's error
   */
  static async open(options: StoreFileOptions, trial: Trial): Promise<StoreFile> {
    for (;;) {
      const { failures } = trial;
      const file = await StoreFile.#load(options);
      try {
        await file.#writeJournal(trial);
        return file;
      } catch (error) {
        await file.abandon();
        if (error instanceof StoreOpenError || says(error, 'damaged')) throw error;
        if (trial.failures > failures) continue;
        const stalled = await StoreFile.#load(options);
        stalled.stalled = says(error, 'diskFull') ? new DiskFullError(error) : (error as Error);
        return stalled;
      }
    }
  }

  static async #load(options: StoreFileOptions): Promise<StoreFile> {
    const { directory, maxColumns, memoryMb } = options;
    const database = await Database.open(directory, options);
    try {
      const connection = await database.connect();
      const checkpointing = await database.connect();
      await createTables(connection, INTERNAL_COLUMNS);
      const fields = await Fields.load(connection, maxColumns);
      await limitMemory(connection, memoryMb, fields.columns.length);
      const scopes = new ScopeTable();
      await scopes.load(connection);
      const contents = new Contents();
      await contents.load(connection);
      await contents.measure(connection, fields);
      const journal = await Journal.open(directory);
      const position = await loadPosition(connection);
      return new StoreFile(
        { database, connection, checkpointing, journal, fields, scopes, contents, position },
        options,
      );
    } catch (error) {
      database.close();
      throw isUnreadable(error) && !(error instanceof StoreOpenError)
        ? new StoreOpenError(explainOpening(directory, error), { cause: error })
        : error;
    }
  }

  /** Whether there is room for the journal in the database. */
  async hasRoom(): Promise<boolean> {
    const { missing } = await this.checkpoints.room(this.#connection, await this.journal.bytesToRead());
    return missing <= 0;
  }

  /** Writes what is in memory. @returns why that failed; undefined when it did not */
  async close(): Promise<unknown> {
    const ended = async (task: Promise<void>) =>
      task.then(
        () => undefined,
        (error: unknown) => error,
      );
    const notSaved = ended(this.writer.exclusively((connection) => this.retention.save(connection)));
    await this.writer.close();
    const error = this.stalled ?? (await ended(this.checkpoints.run())) ?? (await notSaved);
    await this.#letGo();
    return error;
  }

  /** Lets go of the files without writing anything to them: the journal has what is missing there. */
  async abandon(): Promise<void> {
    await this.writer.abandon();
    await this.#letGo();
  }

  async #letGo(): Promise<void> {
    await this.readers.close();
    await this.checkpoints.idle();
    await this.journal.close();
    this.database.close();
  }

  async #writeJournal(trial: Trial): Promise<void> {
    const { journal, contents } = this;
    await this.#makeRoom().catch((error) => {
      if (!(error instanceof DiskFullError)) throw error;
    });
    if (journal.isEmpty) return;
    await replay({
      journal,
      table: this.#table,
      trial,
      onRejected: (items, signal, sentence) => {
        if (this.#onLost(sentence)) contents.count(signal === 'logs' ? 'failed_logs' : 'failed', items);
      },
      onDamage: ({ path, places, lost: { traces, logs } }) => {
        const counted = traces + logs > 0 ? ` (${traces} spans and their events, ${logs} log records)` : '';
        const sentence = `The journal was damaged in ${places === 1 ? '1 place' : `${places} places`}: what was received there${counted} and not yet in the store is lost, the rest is stored. Check the disk; the file was kept as ${path}, delete it when you do not need it.`;
        if (!this.#onLost(sentence)) return;
        contents.count('failed', traces);
        contents.count('failed_logs', logs);
      },
    });
    this.writer.startAt(Math.max(this.#table.committedSeq, journal.endSeq));
    await contents.measure(this.#connection, this.fields);
  }

  /** Evicts where a journal that is not read yet has no room, as the store takes too much of the disk: rows in memory cannot be evicted for good. */
  async #makeRoom(): Promise<void> {
    const bytes = await this.journal.bytesToRead();
    for (let count = 0; bytes > 0 && count < MAX_EVICTIONS; count++) {
      const { used, rowGroupShare, missing, isOverCap } = await this.checkpoints.room(
        this.#connection,
        bytes,
      );
      if (missing <= 0 || !isOverCap) return;
      // A byte that is evicted is free, and is not written anew with its row group.
      await this.retention.run(this.#connection, used - missing / (1 + rowGroupShare));
    }
  }
}
