import type { DuckDBConnection } from '@duckdb/node-api';
import { loadCatalogue } from './catalogue-table.ts';
import { Counters } from './counters.ts';
import { LARGE_ROWS_MEMORY_MB, limitMemory } from './database.ts';
import { DatasetTable } from './dataset-table.ts';
import { Extent } from './extent.ts';
import { FieldCatalogue } from './field-catalogue.ts';
import { loadPosition } from './journal-position.ts';
import { deleteOrphans, hasLargeRows } from './parts-table.ts';
import { applySchema } from './schema.ts';
import { ScopeTable } from './scope-table.ts';

/** What the store knows of its file without reading it. */
export interface StoreState {
  readonly catalogue: FieldCatalogue;
  readonly scopes: ScopeTable;
  readonly datasets: DatasetTable;
  readonly counters: Counters;
  readonly extent: Extent;
  /** `_seq` of the next row. */
  readonly nextSeq: number;
  /** Of DuckDB, in megabytes, apart from what a wide table adds. */
  readonly memoryMb: number;
}

/** Fields listed beyond those with a column of their own. */
const MAX_SPILLED_FIELDS = 20_000;

/** Reads the state back from the file, after adding the columns of fields that every store has. */
export async function loadState(
  connection: DuckDBConnection,
  options: { readonly maxColumns: number; readonly memoryMb: number },
): Promise<StoreState> {
  const { maxColumns } = options;
  const catalogue = new FieldCatalogue(maxColumns, MAX_SPILLED_FIELDS);
  await loadCatalogue(connection, catalogue);
  await applySchema(connection, catalogue, catalogue.missingCoreFields(Date.now()));
  const memoryMb = (await hasLargeRows(connection))
    ? Math.max(options.memoryMb, LARGE_ROWS_MEMORY_MB)
    : options.memoryMb;
  await limitMemory(connection, memoryMb, catalogue.inColumnsCount);
  // Of a process that was killed, the parts of rows that it did not come to write: their numbers are given out again.
  await deleteOrphans(connection);
  const scopes = new ScopeTable();
  await scopes.load(connection);
  const datasets = new DatasetTable();
  await datasets.load(connection);
  const counters = new Counters();
  await counters.load(connection);
  const extent = new Extent();
  await extent.measure(connection, catalogue);
  const nextSeq = await loadPosition(connection);
  return { catalogue, scopes, datasets, counters, extent, nextSeq, memoryMb };
}
