import type { DuckDBConnection } from '@duckdb/node-api';
import { closeDatabase, connect, createTables, openDatabase } from '../../src/store/database.ts';
import { Journal } from '../../src/store/journal/journal.ts';
import type { StoreState } from '../../src/store/state.ts';
import { loadState } from '../../src/store/state.ts';
import type { WriterOptions } from '../../src/store/writer.ts';
import { Writer } from '../../src/store/writer.ts';
import { temporaryDirectory } from '../spans.ts';

export interface OpenWriter {
  readonly writer: Writer;
  readonly state: StoreState;
  /** That of the writer. */
  readonly connection: DuckDBConnection;
  /** Another connection to the database, to look at it, and to break it. */
  readonly others: DuckDBConnection;
}

/** A writer over a database and a journal of its own, without a store around it. Pass tap's `t`. */
export async function openWriter(
  t: { teardown(fn: () => unknown): void },
  options: Partial<WriterOptions> = {},
): Promise<OpenWriter> {
  const directory = temporaryDirectory(t);
  const instance = await openDatabase(directory, { memoryMb: 128, maxBytes: 1e9 });
  t.teardown(() => closeDatabase(instance));
  const connection = await connect(instance);
  await createTables(connection);
  const state = await loadState(connection, { maxColumns: 100, memoryMb: 128 });
  const journal = await Journal.open(directory);
  const writer = new Writer({
    connection,
    ...state,
    journal,
    rowGroupRows: 32_768,
    transactionBytes: 32e6,
    noCheckpoint: async () => {},
    afterSchemaChange: async () => {},
    onRows: () => {},
    onWritten: () => {},
    onRewritten: async () => {},
    onDropped: () => {},
    diskFull: () => undefined,
    onJournal: () => {},
    onLost: () => {},
    onDamage: () => {},
    onStalled: () => {},
    ...options,
  });
  const others = await connect(instance);
  t.teardown(async () => {
    others.closeSync();
    await writer.close();
    await journal.close();
  });
  return { writer, state, connection, others };
}
