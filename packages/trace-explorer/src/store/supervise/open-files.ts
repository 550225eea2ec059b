import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makePrivateDataFolder } from '../../http/data-folder.ts';
import { isRefused } from '../errors.ts';
import { Journal } from '../journal/journal.ts';
import { Readers } from '../read/readers.ts';
import type { Counts } from '../table/counts.ts';
import { Database, FILE_NAME, openError, rowGroupRowsOf } from '../table/database.ts';
import { capOn, freeBytes } from '../table/disk.ts';
import { Retention } from '../table/retention.ts';
import type { TableOptions } from '../table/table.ts';
import { Table } from '../table/table.ts';
import type { Health } from './health.ts';
import type { Options } from './options.ts';
import type { Refused } from './replay.ts';
import { RefusedError, replay } from './replay.ts';
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
  /** Writes the rows in memory. @returns the failure; undefined for a success */
  close(): Promise<unknown>;
  /** Closes the files without writing: the journal has the missing rows. */
  abandon(): Promise<unknown>;
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
  const { counts } = known;
  // Only the owner has access: spans can hold personal data.
  makePrivateDataFolder(directory);
  const journal = await Journal.open(directory);
  const { size } = await stat(join(directory, FILE_NAME)).catch(() => ({ size: 0 }));
  counts.cap = capOn(size + journal.bytes + (await freeBytes(directory)), options.maxBytes);
  const rowGroupRows = rowGroupRowsOf(counts.cap);
  const database = await Database.open({ ...options, rowGroupRows });
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
  const retention = new Retention(table, journal, options.maxAgeMs);
  try {
    // Old traces go first, because a later checkpoint may find no room. A start on a full disk succeeds nevertheless.
    if (table.isTooLarge)
      await retention.run().catch((error) => {
        if (!isRefused(error, 'DISK_FULL')) throw error;
      });
    await replay(journal, table, known.refused, health);
    const readers = await Readers.open(database);
    const { catalogue } = table;
    const writer = new Writer(
      { journal, table, catalogue, counts, health, ...events },
      Math.max(table.position, journal.endSeq),
    );
    /** @param end the writer's end @returns its result */
    const endWith = async (end: Promise<unknown>): Promise<unknown> => {
      const ended = await end;
      await readers.close();
      table.dropAppender();
      await letGo();
      return ended;
    };
    const close = () => endWith(writer.close());
    const abandon = () => endWith(writer.abandon());
    return { journal, table, retention, readers, writer, close, abandon };
  } catch (error) {
    table.dropAppender();
    await letGo();
    if (error instanceof RefusedError) return openFiles(options, health, events, known);
    throw error;
  }
}
