import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makePrivateDataFolder } from '../../../lib/node/private-folder.ts';
import { isRefused } from '../../failures.ts';
import { identityOf } from '../journal/identity.ts';
import { Journal } from '../journal/journal.ts';
import type { Options } from '../options.ts';
import { Readers } from '../read/readers.ts';
import { folderGone } from '../store-error.ts';
import type { Counts } from '../table/counts.ts';
import { Database, FILE_NAME, openError, rowGroupRowsOf } from '../table/database.ts';
import { capOn, freeBytes } from '../table/disk.ts';
import { Retention } from '../table/retention.ts';
import type { TableOptions } from '../table/table.ts';
import { SpanTable } from '../table/table.ts';
import { RecordWatch } from './record-watch.ts';
import type { ReplayProgress } from './replay.ts';
import { replay } from './replay.ts';
import type { WriterParts } from './writer.ts';
import { Writer } from './writer.ts';

/** The parts that outlive the open files. */
export interface StoreContext
  extends Pick<WriterParts, 'health' | 'onWritten' | 'onFailure'>,
    Pick<TableOptions, 'onCheckpoint'> {
  readonly options: Options;
  readonly counts: Counts;
  readonly progress: ReplayProgress;
  /** Which folder the store is in: no other one of its name is opened. */
  folder?: string;
}

/** The open files, and all state that ends when the files are opened anew. */
export interface OpenFiles {
  readonly journal: Journal;
  readonly table: SpanTable;
  readonly retention: Retention;
  readonly readers: Readers;
  readonly writer: Writer;
  /**
   * Writes the rows in memory, unless the files are abandoned or the time is over: the journal has the missing rows.
   * @returns the failure; undefined for a success
   */
  close(isAbandoned?: boolean): Promise<unknown>;
}

/**
 * Opens the files, and writes to the database the rows that only the journal has.
 * @throws StoreOpenError, Error of the file system
 */
export async function openFiles(context: StoreContext): Promise<OpenFiles> {
  const { options, counts, progress, onCheckpoint } = context;
  const { directory, maxBytes, maxAgeMs } = options;
  // Only the owner has access: spans can hold personal data.
  if (context.folder === undefined) makePrivateDataFolder(directory);
  const folder = await identityOf(directory);
  context.folder ??= folder;
  if (context.folder !== folder) throw folderGone(directory);
  const journal = await Journal.open(directory);
  const { size } = await stat(join(directory, FILE_NAME)).catch(() => ({ size: 0 }));
  counts.cap = capOn(size + journal.bytes + (await freeBytes(directory)), maxBytes);
  const rowGroupRows = rowGroupRowsOf(counts.cap);
  const database = await Database.open(options, rowGroupRows);
  const [wasOneByOne, aside] = [progress.isOneByOne, progress.putAside.size];
  const watch = new RecordWatch(directory, options.replayPatienceMs);
  let table: SpanTable | undefined;
  const closeFiles = async () => {
    table?.dropAppender();
    await journal.close();
    database.close();
  };
  try {
    const identity = await identityOf(join(directory, FILE_NAME));
    table = await SpanTable.open(database, counts, {
      ...options,
      identity,
      rowGroupRows,
      journal,
      onCheckpoint,
    });
    const retention = new Retention(table, journal, maxAgeMs);
    // Old traces go first, because a later checkpoint may find no room. A start on a full disk succeeds nevertheless.
    if (table.isTooLarge)
      await retention.run().catch((error) => {
        if (!isRefused(error, 'DISK_FULL')) throw error;
      });
    await replay(journal, table, progress, context.health, watch);
    await watch.end(true);
    const readers = await Readers.open(database);
    const writer = new Writer({ ...context, journal, table }, Math.max(table.position, journal.endSeq));
    const close = async (isAbandoned = false) => {
      // A running statement would prevent the last checkpoint.
      await readers.close();
      const failure = await writer.close(isAbandoned, options.closingMs);
      await closeFiles();
      return failure;
    };
    return { journal, table, retention, readers, writer, close };
  } catch (error) {
    await watch.end(false);
    await closeFiles();
    if (progress.isOneByOne !== wasOneByOne || progress.putAside.size > aside) return openFiles(context);
    throw openError(directory, error);
  }
}
