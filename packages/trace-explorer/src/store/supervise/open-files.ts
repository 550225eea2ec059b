import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makePrivateDataFolder } from '../../http/data-folder.ts';
import { isRefused } from '../errors.ts';
import { Journal } from '../journal/journal.ts';
import type { Options } from '../options.ts';
import { Readers } from '../read/readers.ts';
import type { Counts } from '../table/counts.ts';
import { Database, FILE_NAME, openError, rowGroupRowsOf } from '../table/database.ts';
import { capOn, freeBytes } from '../table/disk.ts';
import { Retention } from '../table/retention.ts';
import type { TableOptions } from '../table/table.ts';
import { Table } from '../table/table.ts';
import type { Health } from './health.ts';
import type { Refused } from './replay.ts';
import { replay } from './replay.ts';
import type { WriterParts } from './writer.ts';
import { Writer } from './writer.ts';

export type FileEvents = Pick<WriterParts, 'onWritten' | 'onFailure'> & Pick<TableOptions, 'onCheckpoint'>;

/** The state that survives when the files are opened anew. */
export interface Known {
  readonly counts: Counts;
  readonly refused: Refused;
}

/** The open files, and all state that ends when the files are opened anew. */
export interface OpenFiles {
  readonly journal: Journal;
  readonly table: Table;
  readonly retention: Retention;
  readonly readers: Readers;
  readonly writer: Writer;
  /**
   * Writes the rows in memory, unless the files are abandoned: the journal has the missing rows.
   * @returns the failure; undefined for a success
   */
  close(isAbandoned?: boolean): Promise<unknown>;
}

/**
 * Opens the files, and writes to the database the rows that only the journal has.
 * @throws StoreOpenError, DuckDB's error, Error of the file system
 */
export async function openFiles(
  options: Options,
  health: Health,
  events: FileEvents,
  known: Known,
): Promise<OpenFiles> {
  const { directory } = options;
  const { counts, refused } = known;
  // Only the owner has access: spans can hold personal data.
  makePrivateDataFolder(directory);
  const journal = await Journal.open(directory);
  const { size } = await stat(join(directory, FILE_NAME)).catch(() => ({ size: 0 }));
  counts.cap = capOn(size + journal.bytes + (await freeBytes(directory)), options.maxBytes);
  const rowGroupRows = rowGroupRowsOf(counts.cap);
  const database = await Database.open(options, rowGroupRows);
  const letGo = async () => {
    await journal.close();
    database.close();
  };
  const table = await Table.open(database, counts, {
    ...options,
    rowGroupRows,
    journal,
    onCheckpoint: events.onCheckpoint,
  }).catch(async (error) => {
    await letGo();
    throw openError(directory, error);
  });
  const refusedBefore = refused.size;
  const retention = new Retention(table, journal, options.maxAgeMs);
  try {
    // Old traces go first, because a later checkpoint may find no room. A start on a full disk succeeds nevertheless.
    if (table.isTooLarge)
      await retention.run().catch((error) => {
        if (!isRefused(error, 'DISK_FULL')) throw error;
      });
    await replay(journal, table, refused, health);
    const readers = await Readers.open(database);
    const nextSeq = Math.max(table.position, journal.endSeq);
    const writer = new Writer({ journal, table, health, ...events }, nextSeq);
    const close = async (isAbandoned = false) => {
      const failure = await writer.close(isAbandoned);
      await readers.close();
      table.dropAppender();
      await letGo();
      return failure;
    };
    return { journal, table, retention, readers, writer, close };
  } catch (error) {
    table.dropAppender();
    await letGo();
    if (refused.size > refusedBefore) return openFiles(options, health, events, known);
    throw error;
  }
}
